// The box that finds a node by its title, with a list to choose from. Knows no graph.

const MOST = 8;

export interface Choice {
  readonly node: number;
  readonly title: string;
  readonly kind: string;
}

/** Make the box show choices for what is typed, and tell which is chosen by key or pointer. */
export class Finder {
  private choices: readonly Choice[] = [];
  private active = -1;

  constructor(
    private readonly input: HTMLInputElement,
    private readonly list: HTMLElement,
    private readonly typed: (query: string) => readonly Choice[],
    private readonly chosen: (node: number) => void,
  ) {
    input.addEventListener("input", () => this.offer());
    input.addEventListener("focus", () => input.value && this.offer());
    input.addEventListener("blur", () => this.close());
    input.addEventListener("keydown", (event) => this.key(event));
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
    list.addEventListener("click", ({ target }) => {
      const item = target instanceof Element ? target.closest("li") : null;
      if (item) this.take(Number(item.dataset["place"]));
    });
  }

  private offer(): void {
    this.choices = this.typed(this.input.value).slice(0, MOST);
    this.active = -1;
    this.list.replaceChildren(...this.choices.map((choice, place) => this.item(choice, place)));
    this.show(this.choices.length > 0);
  }

  private item({ title, kind }: Choice, place: number): HTMLLIElement {
    const item = document.createElement("li");
    item.id = `${this.list.id}-${place}`;
    item.role = "option";
    item.dataset["place"] = String(place);
    item.textContent = title;
    const small = document.createElement("small");
    small.textContent = kind;
    item.append(" ", small);
    return item;
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") this.step(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter") this.take(Math.max(0, this.active));
    else if (event.key === "Escape" && !this.list.hidden) this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private step(by: number): void {
    if (this.list.hidden) this.offer();
    const count = this.choices.length;
    if (!count) return;
    this.active = this.active < 0 ? (by > 0 ? 0 : count - 1) : (this.active + by + count) % count;
    this.mark();
  }

  private mark(): void {
    [...this.list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === this.active)));
    if (this.active < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.active}`);
  }

  private take(place: number): void {
    const choice = this.choices[place];
    if (!choice) return;
    this.close();
    this.chosen(choice.node);
  }

  private close(): void {
    this.show(false);
  }

  private show(open: boolean): void {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    if (!open) this.active = -1;
    this.mark();
  }
}
