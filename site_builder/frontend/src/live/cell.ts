// One cell of a live page: its editor, its buttons, what it puts out. Knows its kernel, and nothing of other cells.
import type { EditorView } from "@codemirror/view";
import { button } from "./button";
import { makeEditor } from "./editor";
import type { Kernel } from "./kernel";
import { Output } from "./output";

export interface Neighbors {
  runAbove(cell: Cell): void;
  moveOn(cell: Cell): void;
  announce(words: string): void;
}

const ENDED = {
  ok: "ran",
  error: "failed",
  aborted: "was not run, because a cell before it failed",
  ended: "did not end",
};

export class Cell {
  private readonly editor: EditorView;
  private readonly output: Output;
  private readonly note = document.createElement("span");
  private readonly undo: HTMLButtonElement;
  private readonly original: string;
  private readonly draft: string;

  constructor(
    private readonly element: HTMLElement,
    index: number,
    private readonly kernel: Kernel,
    private readonly neighbors: Neighbors,
  ) {
    const listing = element.querySelector<HTMLElement>(":scope > .highlight");
    this.original = (listing?.querySelector("code")?.textContent ?? "").trimEnd();
    this.name = element.id.startsWith("cell-") ? element.id.slice(5) : String(index + 1);
    this.draft = `wikitorch-draft:${location.pathname}:${index}`;
    const holder = document.createElement("div");
    holder.className = "wt-editor";
    this.editor = makeEditor(holder, this.kept() ?? this.original, `Code of cell ${this.name}`, {
      run: () => void this.run(),
      runAndMoveOn: () => {
        void this.run();
        neighbors.moveOn(this);
      },
      changed: () => this.keep(),
      complete: (code, cursor) => kernel.complete(code, cursor),
    });
    this.output = new Output(element.querySelector(":scope > .wt-output"));
    this.undo = button("Undo edits", `Undo edits of cell ${this.name}`, () => this.restore());
    listing?.replaceWith(holder, this.tools(index));
    element.append(this.output.element);
    this.showUndo();
  }

  readonly name: string;

  focus(): void {
    this.editor.focus();
  }

  /** Run the cell as it stands; return whether what follows may be run. */
  async run(): Promise<boolean> {
    this.output.clear();
    this.element.dataset["run"] = "busy";
    this.note.textContent = this.kernel.state === "busy" ? "waits" : "runs";
    const started = performance.now();
    const end = await this.kernel.run(this.editor.state.doc.toString(), (message) => {
      this.note.textContent = "runs";
      this.output.hear(message);
    });
    const seconds = (performance.now() - started) / 1000;
    this.element.dataset["run"] = end;
    this.note.textContent = end === "ok" || end === "error" ? `${ENDED[end]}, ${seconds.toFixed(2)} s` : ENDED[end];
    if (end === "ended") this.output.say("This run did not end: the kernel or its server stopped.");
    this.neighbors.announce(`Cell ${this.name} ${ENDED[end]}.`);
    return end === "ok";
  }

  private tools(index: number): HTMLElement {
    const tools = document.createElement("div");
    tools.className = "wt-tools";
    this.note.className = "wt-tools__note";
    tools.append(button("Run", `Run cell ${this.name}`, () => void this.run()));
    if (index > 0) tools.append(button("Run all above", `Run all above cell ${this.name}`, () => this.neighbors.runAbove(this)));
    tools.append(this.undo, this.note);
    return tools;
  }

  private kept(): string | null {
    const kept = JSON.parse(sessionStorage.getItem(this.draft) ?? "null") as { of: string; code: string } | null;
    return kept?.of === this.original ? kept.code : null; // of an older source: the page has moved on
  }

  private keep(): void {
    const code = this.editor.state.doc.toString();
    sessionStorage.setItem(this.draft, JSON.stringify({ of: this.original, code }));
    this.showUndo();
  }

  private showUndo(): void {
    this.undo.hidden = this.editor.state.doc.toString() === this.original;
  }

  private restore(): void {
    this.editor.dispatch({ changes: { from: 0, to: this.editor.state.doc.length, insert: this.original } });
    this.focus();
  }
}
