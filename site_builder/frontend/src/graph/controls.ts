// The controls above the picture: what they say of a state, and how they show one. Knows no graph.
import type { State } from "./state";

export class Controls {
  constructor(private readonly form: HTMLFormElement) {
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  get query(): HTMLInputElement {
    return this.form.querySelector<HTMLInputElement>("[name=query]")!;
  }

  /** Return what is chosen; the query is told as it is typed. */
  read(): Pick<State, "without" | "folder" | "tag" | "view"> {
    return {
      without: this.types.filter((box) => !box.checked).map((box) => box.value),
      folder: this.select("folder")?.value ?? "",
      tag: this.select("tag")?.value ?? "",
      view: this.view("list").checked ? "list" : "picture",
    };
  }

  /** Show a state, and return what can be shown of it: a folder or tag of another day is none now. */
  show(state: State): State {
    for (const box of this.types) box.checked = !state.without.includes(box.value);
    this.query.value = state.query;
    this.view(state.view).checked = true;
    return { ...state, folder: this.choose("folder", state.folder), tag: this.choose("tag", state.tag) };
  }

  /** Leave the list alone to choose. */
  withoutPicture(): void {
    this.view("picture").disabled = true;
    this.view("list").checked = true;
  }

  private choose(name: string, value: string): string {
    const select = this.select(name);
    if (!select) return "";
    select.value = value;
    if (select.selectedIndex < 0) select.value = "";
    return select.value;
  }

  private get types(): HTMLInputElement[] {
    return [...this.form.querySelectorAll<HTMLInputElement>("[name=type]")];
  }

  private select(name: string): HTMLSelectElement | null {
    return this.form.querySelector<HTMLSelectElement>(`select[name=${name}]`);
  }

  private view(value: State["view"]): HTMLInputElement {
    return this.form.querySelector<HTMLInputElement>(`[name=view][value=${value}]`)!;
  }
}
