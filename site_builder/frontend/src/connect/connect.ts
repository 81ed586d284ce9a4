// Answers how two concepts of the site are connected. Loaded only by the page that asks; the graph, when a reader does.
import { onEachPage } from "../page";
import { Concepts, type Node, type Step } from "./chain";

onEachPage(() => {
  const form = document.querySelector<HTMLFormElement>("form.wt-connect");
  if (form) new Question(form);
});

class Question {
  private readonly graph: string;
  private readonly answer: HTMLElement;
  private concepts: Promise<Concepts> | null = null;

  constructor(private readonly form: HTMLFormElement) {
    this.graph = new URL(form.dataset["graph"] ?? "", location.href).href;
    this.answer = form.parentElement?.querySelector(".wt-connect__answer") ?? document.createElement("div");
    form.hidden = false;
    form.addEventListener("focusin", () => void this.load());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.ask();
    });
  }

  private load(): Promise<Concepts> {
    this.concepts ??= this.read();
    return this.concepts;
  }

  private async read(): Promise<Concepts> {
    const answer = await fetch(this.graph);
    const concepts = new Concepts(await answer.json());
    const titles = [...new Set(concepts.all.map((node) => node.title))].sort((a, b) => a.localeCompare(b));
    this.form.querySelector("datalist")?.replaceChildren(...titles.map((title) => new Option(title, title)));
    return concepts;
  }

  private async ask(): Promise<void> {
    try {
      const concepts = await this.load();
      const [first, last] = this.values();
      const [start, goal] = [concepts.named(first), concepts.named(last)];
      if (!start || !goal) return this.say(`Nothing is named “${start ? last : first}”.`);
      const steps = concepts.chain(start, goal);
      if (!steps) return this.say(`No chain of links joins ${start.title} and ${goal.title}.`);
      this.say(steps.length === 0 ? "That is one concept." : said(steps), ...steps.map((step) => this.shown(step)));
    } catch {
      this.concepts = null; // offline now need not be offline later
      this.say("The graph could not be loaded. Try again when you are online.");
    }
  }

  private values(): [string, string] {
    const data = new FormData(this.form);
    return [String(data.get("from")), String(data.get("to"))];
  }

  private say(words: string, ...steps: HTMLElement[]): void {
    const line = document.createElement("p");
    line.textContent = words;
    const list = document.createElement("ol");
    list.append(...steps);
    this.answer.replaceChildren(line, ...(steps.length > 0 ? [list] : []));
  }

  private shown({ source, target, edge }: Step): HTMLElement {
    const item = document.createElement("li");
    item.append(this.link(source), edge.source === source.id ? " links to " : " is linked from ", this.link(target));
    if (edge.type === "requires") item.append(edge.source === source.id ? ", which it requires" : ", which requires it");
    if (edge.context) {
      const quote = document.createElement("p");
      quote.textContent = edge.context;
      item.append(quote);
    }
    return item;
  }

  private link(node: Node): HTMLElement {
    const link = document.createElement(node.type === "note" ? "a" : "span");
    if (link instanceof HTMLAnchorElement) link.href = new URL(node.url, new URL(".", this.graph)).href;
    else link.className = "wanted-note";
    link.textContent = node.title;
    return link;
  }
}

function said(steps: readonly Step[]): string {
  return steps.length === 1 ? "They are linked." : `${steps.length} links lie between them.`;
}
