// <wikitorch-panel>: a form and its results. The first press fetches the model; from then on a change runs it at once.
import { readFields, type Given } from "./fields";
import { Generation } from "./generation";
import { drawMaps } from "./maps";
import { CannotRun, Runtime } from "./runtime";
import type { Form, Labels, Tensors } from "./types";

class Panel extends HTMLElement {
  private described!: Form;
  private form!: HTMLFormElement;
  private runtime: Promise<Runtime> | null = null;
  private running = false;
  private again = false;
  private generation: Generation | null = null;

  connectedCallback(): void {
    this.described = JSON.parse(this.querySelector("script")?.textContent ?? "") as Form;
    this.form = this.querySelector("form")!;
    this.form.querySelector("fieldset")!.disabled = false;
    this.form.onsubmit = (event) => {
      event.preventDefault();
      void this.run();
    };
    this.form.oninput = () => {
      this.generation = null;
      const right = readFields(this.form, this.described.inputs) !== null;
      if (!right) this.say("");
      else if (this.runtime) void this.run();
    };
    const step = this.form.querySelector<HTMLButtonElement>(".wt-panel__step");
    if (step) step.onclick = () => void this.attempt((runtime, given) => this.step(runtime, given));
  }

  disconnectedCallback(): void {
    void this.runtime?.then((runtime) => runtime.end(), () => undefined);
    this.runtime = null;
  }

  private async run(): Promise<void> {
    await this.attempt((runtime, given) => (this.described.kind === "generation" ? this.write(runtime, given) : this.compute(runtime, given)));
  }

  /** Do one thing with the model; what is asked for meanwhile is done once, after it. */
  private async attempt(act: (runtime: Runtime, given: Given) => Promise<string>): Promise<void> {
    if (this.running) {
      this.again = true;
      return;
    }
    const given = readFields(this.form, this.described.inputs);
    if (!given) return;
    this.running = true;
    this.dataset["state"] = "running";
    try {
      this.runtime ??= Runtime.start(this.described, (megabytes) => this.tellLoading(megabytes));
      this.say(await act(await this.runtime, given));
      this.dataset["state"] = "ready";
    } catch (error) {
      this.runtime = null;
      this.dataset["state"] = "failed";
      this.say(error instanceof CannotRun ? error.message : `The panel failed: ${String(error)}`);
    }
    this.running = false;
    if (this.again) {
      this.again = false;
      await this.run();
    }
  }

  private async compute(runtime: Runtime, given: Given): Promise<string> {
    const started = performance.now();
    const results = await runtime.run("graph", given.tensors);
    this.draw(results, given.words);
    return `Run in this browser in ${duration(started)}.`;
  }

  private async write(runtime: Runtime, given: Given): Promise<string> {
    const started = performance.now();
    const generation = await Generation.start(this.generating, runtime, given.tensors);
    this.generation = generation;
    while (!generation.ended && !this.again) {
      await generation.step();
      this.showWritten(generation);
    }
    this.showRead(generation, given);
    return `${generation.written.length} steps in this browser in ${duration(started)}.`;
  }

  private async step(runtime: Runtime, given: Given): Promise<string> {
    if (!this.generation || this.generation.ended) {
      this.generation = await Generation.start(this.generating, runtime, given.tensors);
    }
    await this.generation.step();
    this.showWritten(this.generation);
    this.showRead(this.generation, given);
    const { written, shares, ended } = this.generation;
    const share = Math.round(100 * shares.at(-1)!);
    const next = ended ? "This is the end; the next step begins again." : "The next step computes one position alone.";
    return `Step ${written.length} wrote ${written.at(-1)} with ${share} %. The cache holds ${written.length} positions. ${next}`;
  }

  private get generating(): Extract<Form, { kind: "generation" }> {
    return this.described as Extract<Form, { kind: "generation" }>;
  }

  private showWritten(generation: Generation): void {
    const items = generation.written.map((word, at) => {
      const item = document.createElement("li");
      item.textContent = word;
      item.title = `${Math.round(100 * generation.shares[at]!)} %`;
      return item;
    });
    this.querySelector(".wt-written")!.replaceChildren(...items);
  }

  private showRead(generation: Generation, given: Given): void {
    this.draw(generation.weights, { ...given.words, written: generation.written, read: generation.read });
  }

  private draw(results: Tensors, words: Record<string, readonly string[]>): void {
    const labels = (axis: Labels): readonly string[] => (typeof axis === "string" ? (words[axis] ?? []) : axis);
    for (const output of this.described.outputs) {
      const figure = this.querySelector(`figure[data-output="${output.name}"]`);
      const result = results[output.name];
      if (figure && result) drawMaps(figure, output, result, labels(output.rows), labels(output.columns));
    }
  }

  /** Say how much has come, unless one of the files has failed already: the others may still be coming. */
  private tellLoading(megabytes: string): void {
    if (this.dataset["state"] === "running") this.say(`Loading the model: ${megabytes} MB`);
  }

  private say(words: string): void {
    this.querySelector("[role=status]")!.textContent = words;
  }
}

function duration(started: number): string {
  return `${Math.max(1, Math.round(performance.now() - started))} ms`;
}

customElements.define("wikitorch-panel", Panel);
