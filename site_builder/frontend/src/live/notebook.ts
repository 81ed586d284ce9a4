// A demonstration made live: its cells in their order, and the state of the kernel that they share.
import { button } from "./button";
import { Cell } from "./cell";
import { Kernel, type State } from "./kernel";

const WORDS: Record<State, string> = {
  none: "Edit the code and run it. A kernel starts with the first run.",
  starting: "The kernel is starting …",
  idle: "The kernel is ready.",
  busy: "The kernel is busy.",
  died: "The kernel died and was started afresh: what it knew is lost.",
  restarted: "The kernel was started afresh: what it knew is lost.",
  gone: "The kernel has ended. The next run starts a new one.",
  lost: "The server does not answer. Is “wikitorch serve --live” still running?",
  refused: "The server was started again: open the address that it printed.",
  crowded: "Too many kernels are running: close a page that has one, or restart the server.",
};

export class Notebook {
  private readonly kernel = new Kernel((state) => this.show(state));
  private readonly cells: readonly Cell[];
  private readonly bar = document.createElement("div");
  private readonly state = document.createElement("span");
  private readonly spoken = document.createElement("span");
  private readonly buttons = {
    all: button("Run all", "Run all cells", () => void this.run(this.cells)),
    interrupt: button("Interrupt", "Interrupt the kernel", () => void this.kernel.interrupt()),
    restart: button("Restart", "Restart the kernel", () => void this.kernel.restart()),
    reconnect: button("Reconnect", "Reconnect to the kernel", () => void this.kernel.reconnect()),
  };

  constructor(element: HTMLElement) {
    const elements = [...element.querySelectorAll<HTMLElement>(":scope > .wt-cell--code")];
    this.cells = elements.map(
      (each, index) =>
        new Cell(each, index, this.kernel, {
          runAbove: (cell) => void this.run(this.cells.slice(0, this.cells.indexOf(cell))),
          moveOn: (cell) => this.cells[this.cells.indexOf(cell) + 1]?.focus(),
          announce: (words) => (this.spoken.textContent = words),
        }),
    );
    this.bar.className = "wt-kernel";
    this.bar.setAttribute("role", "group");
    this.bar.setAttribute("aria-label", "Kernel");
    this.state.className = "wt-kernel__state";
    this.spoken.className = "wt-kernel__spoken";
    for (const region of [this.state, this.spoken]) region.setAttribute("role", "status");
    this.bar.append(this.state, this.spoken, ...Object.values(this.buttons));
    element.prepend(this.bar);
    this.show("none");
  }

  private async run(cells: readonly Cell[]): Promise<void> {
    for (const cell of cells) {
      if (!(await cell.run())) return;
    }
  }

  private show(state: State): void {
    const { interrupt, restart, reconnect } = this.buttons;
    this.bar.dataset["state"] = state;
    this.state.textContent = WORDS[state];
    interrupt.hidden = state !== "busy";
    restart.hidden = ["none", "starting", "lost", "refused", "crowded"].includes(state);
    reconnect.hidden = state !== "lost";
  }
}
