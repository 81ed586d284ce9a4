// The same nodes as a table, for whoever reads better than looks. Knows no picture.
import type { Concepts } from "./concepts";

const STEP = 200; // rows that are added at once

/** Fill a place with the nodes, by title; `address` gives the page of each, `focus` is called to see a node's neighbors. */
export function fillList(
  place: HTMLElement,
  concepts: Concepts,
  nodes: readonly number[],
  address: (node: number) => string | null,
  focus: (node: number) => void,
): void {
  const table = document.createElement("table");
  table.className = "wt-atlas__table";
  table.innerHTML =
    '<thead><tr><th scope="col">Title</th><th scope="col">Type</th><th scope="col">Group around</th><th scope="col">Neighbors</th></tr></thead>';
  const body = table.createTBody();
  const rest = button("", () => add());
  let count = 0;
  const add = (): void => {
    const first = body.rows.length;
    body.append(...nodes.slice(count, count + STEP).map((node) => row(node, concepts, address, focus)));
    count = Math.min(nodes.length, count + STEP);
    rest.textContent = `Show more of ${nodes.length.toLocaleString("en")}`;
    rest.hidden = count >= nodes.length;
    if (first) body.rows[first]?.querySelector<HTMLElement>("a, button")?.focus();
  };
  add();
  place.replaceChildren(table, rest);
}

/** Return nodes as a list has them: by title, without case. */
export function byTitle(concepts: Concepts, nodes: readonly number[]): number[] {
  const titles = concepts.folded;
  return [...nodes].sort((a, b) => (titles[a]! < titles[b]! ? -1 : titles[a]! > titles[b]! ? 1 : a - b));
}

function row(
  node: number,
  concepts: Concepts,
  address: (node: number) => string | null,
  focus: (node: number) => void,
): HTMLTableRowElement {
  const made = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.append(nodeLink(node, concepts, address));
  const center = concepts.center(node);
  const neighbors = concepts.neighbors(node).length;
  const near = button(String(neighbors), () => focus(node));
  near.setAttribute("aria-label", `Show what is next to ${concepts.title(node)}: ${neighbors}`);
  made.append(head, cell(concepts.type(node)), cell(center >= 0 ? concepts.title(center) : ""), cell(neighbors ? near : "0"));
  return made;
}

/** Return the title of a node, a link where it has a page. */
export function nodeLink(node: number, concepts: Concepts, address: (node: number) => string | null): HTMLElement {
  const url = address(node);
  const made = document.createElement(url === null ? "span" : "a");
  made.textContent = concepts.title(node);
  if (url === null) made.className = "wanted-note";
  else (made as HTMLAnchorElement).href = url;
  return made;
}

function cell(content: string | Node): HTMLTableCellElement {
  const made = document.createElement("td");
  made.append(content);
  return made;
}

export function button(text: string, action: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", action);
  return made;
}
