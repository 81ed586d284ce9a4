// Writes one token after another with a model's two graphs, and remembers what each step read. Draws nothing.
import { int64 } from "./fields";
import type { Runtime } from "./runtime";
import type { GenerationForm, Tensor, Tensors } from "./types";

export class Generation {
  readonly written: string[] = [];
  readonly shares: number[] = [];
  private token: number;
  private cache: Tensor;
  private readonly self: Tensor[] = [];
  private readonly cross: Tensor[] = [];

  private constructor(
    private readonly form: GenerationForm,
    private readonly runtime: Runtime,
    private readonly memory: Tensor,
    private readonly encoder: Tensor,
  ) {
    this.token = form.start;
    this.cache = { type: "float32", dims: form.empty, data: new Float32Array(0) };
  }

  /** Read the source. */
  static async start(form: GenerationForm, runtime: Runtime, source: Tensors): Promise<Generation> {
    const read = await runtime.run("encode", source);
    return new Generation(form, runtime, read["memory"]!, read["encoder"]!);
  }

  get ended(): boolean {
    return this.written.length > 0 && (this.token === this.form.end || this.written.length >= this.form.limit);
  }

  /** What the decoder read at each step: the start token and what was written, but for the last. */
  get read(): string[] {
    return [this.form.vocabulary[this.form.start]!, ...this.written.slice(0, -1)];
  }

  /** Write one more token: the likeliest. Only its own position is computed; the cache holds the earlier ones. */
  async step(): Promise<void> {
    const inputs = { token: int64([1, 1], [this.token]), memory: this.memory, cache: this.cache };
    const done = await this.runtime.run("step", inputs);
    const probabilities = Array.from(done["probabilities"]!.data, Number);
    this.token = probabilities.indexOf(Math.max(...probabilities));
    this.written.push(this.form.vocabulary[this.token]!);
    this.shares.push(probabilities[this.token]!);
    this.cache = done["grown"]!;
    this.self.push(done["self"]!);
    this.cross.push(done["cross"]!);
  }

  /** The weights of all steps so far, by output. */
  get weights(): Tensors {
    return { encoder: this.encoder, self: stacked(this.self), cross: stacked(this.cross) };
  }
}

/** Put the rows of all steps below each other, (layers, heads, steps, longest); what a step could not read is NaN. */
function stacked(steps: readonly Tensor[]): Tensor {
  const [layers = 0, heads = 0] = steps[0]?.dims ?? [];
  const width = Math.max(0, ...steps.map((step) => step.dims[2]!));
  const data = new Float32Array(layers * heads * steps.length * width).fill(NaN);
  for (let map = 0; map < layers * heads; map += 1) {
    steps.forEach(({ dims, data: row }, at) => {
      const read = dims[2]!;
      data.set((row as Float32Array).subarray(map * read, (map + 1) * read), (map * steps.length + at) * width);
    });
  }
  return { type: "float32", dims: [layers, heads, steps.length, width], data };
}
