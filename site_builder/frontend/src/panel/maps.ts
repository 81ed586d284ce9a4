// Draws tensors as tables whose cells are colored, as render/maps.py did when the page was built. Knows no models.
import type { Output, Tensor } from "./types";

const NUMBERED = 12;
const SHORT = 5; // letters of a column's name that stand upright
const PARTS = ["layer", "head"];

/** Draw an output into its figure: a table for each head of each layer. */
export function drawMaps(
  figure: Element,
  output: Output,
  tensor: Tensor,
  rows: readonly string[],
  columns: readonly string[],
): void {
  const numbers = Array.from(tensor.data, Number);
  const size = rows.length * columns.length;
  const tables = names(tensor.dims.slice(0, -2)).map((name, index) =>
    table(output, numbers.slice(index * size, (index + 1) * size), name, rows, columns),
  );
  const places = figure.querySelectorAll(".wt-maps__all");  // one for each layer
  const heads = tables.length / places.length;
  places.forEach((place, layer) => place.replaceChildren(...tables.slice(layer * heads, (layer + 1) * heads)));
}

function names(leading: readonly number[]): string[] {
  const titles = PARTS.slice(PARTS.length - leading.length);
  return leading.reduce<string[]>(
    (sofar, count, axis) =>
      sofar.flatMap((name) => Array.from({ length: count }, (_, at) => `${name}${name && ", "}${titles[axis]} ${at + 1}`)),
    [""],
  );
}

function table(output: Output, numbers: number[], name: string, rows: readonly string[], columns: readonly string[]): HTMLElement {
  const made = document.createElement("table");
  made.className = "wt-map";
  made.classList.toggle("wt-map--dense", Math.max(rows.length, columns.length) > NUMBERED);
  made.classList.toggle("wt-map--tall", columns.some((column) => column.length > SHORT));
  made.setAttribute("aria-label", name ? `${output.label}, ${name}` : output.label);
  if (name) made.createCaption().textContent = name.split(", ").at(-1)!;
  const head = made.createTHead().insertRow();
  head.insertCell();
  head.append(...columns.map((column) => heading(column, "col")));
  const body = made.createTBody();
  const top = Math.max(0, ...numbers.map(Math.abs).filter(Number.isFinite)) || 1;
  rows.forEach((row, at) => {
    const line = body.insertRow();
    line.append(heading(row, "row"));
    columns.forEach((_, across) => fill(line.insertCell(), output.kind, numbers[at * columns.length + across]!, top));
  });
  return made;
}

function heading(text: string, scope: string): HTMLElement {
  const made = document.createElement("th");
  made.scope = scope;
  made.textContent = text;
  return made;
}

function fill(cell: HTMLTableCellElement, kind: Output["kind"], value: number, top: number): void {
  if (Number.isNaN(value) || (kind === "mask" && !value)) {
    cell.className = "wt-hidden";
    cell.textContent = kind === "mask" ? "–" : "";
  } else if (kind === "mask") {
    cell.className = "wt-seq-6";
    cell.textContent = "✓";
  } else {
    const level = kind === "matrix" ? Math.floor(4 + (4 * value) / top + 0.5) : Math.floor(9 * Math.min(Math.max(value, 0), 1) + 0.5);
    cell.className = `wt-${kind === "matrix" ? "div" : "seq"}-${level}`;
    cell.textContent = written(value);
  }
}

function written(value: number): string {
  const text = value.toFixed(2).replace("-", "−");
  return text === "−0.00" ? "0.00" : text;
}
