// Lets a reader filter and sort the list of references. Without this script the list is whole, by author and year.

const ORDERS: Readonly<Record<string, (a: HTMLElement, b: HTMLElement) => number>> = {
  "Author": () => 0,
  "Newest first": (a, b) => number(b, "year") - number(a, "year"),
  "Oldest first": (a, b) => (number(a, "year") || Infinity) - (number(b, "year") || Infinity),
  "Most cited here": (a, b) => number(b, "cited") - number(a, "cited"),
};

/** Put a filter and an order above the page's list of references, if it is that page. */
export function offerBibliography(): void {
  const list = document.querySelector<HTMLElement>("ol.wt-bibliography");
  if (!list || list.previousElementSibling?.matches(".wt-sift")) return;
  const works = [...list.querySelectorAll<HTMLElement>(":scope > li")];
  const words = works.map((work) => `${work.textContent} ${work.dataset["authors"]}`.toLowerCase());
  const form = document.createElement("form");
  form.className = "wt-sift";
  form.setAttribute("role", "search");
  form.setAttribute("aria-label", "References");
  const filter = field(form, "Filter", document.createElement("input"));
  filter.type = "search";
  filter.placeholder = "author, title, year";
  const order = field(form, "Order", document.createElement("select"));
  order.append(...Object.keys(ORDERS).map((name) => new Option(name)));
  const count = document.createElement("output");
  form.append(count);
  form.addEventListener("submit", (event) => event.preventDefault());
  filter.addEventListener("input", () => sift(works, words, filter.value, count));
  order.addEventListener("change", () => list.append(...[...works].sort(ORDERS[order.value])));
  list.before(form);
}

function field<Control extends HTMLElement>(form: HTMLElement, name: string, control: Control): Control {
  const label = document.createElement("label");
  label.append(`${name} `, control);
  form.append(label);
  return control;
}

/** Show the works that have every word that is asked for. */
function sift(works: readonly HTMLElement[], words: readonly string[], asked: string, count: HTMLOutputElement): void {
  const parts = asked.toLowerCase().split(/\s+/).filter(Boolean);
  works.forEach((work, index) => (work.hidden = !parts.every((part) => words[index]?.includes(part))));
  const shown = works.filter((work) => !work.hidden).length;
  count.value = parts.length > 0 ? `${shown} of ${works.length}` : "";
}

function number(work: HTMLElement, name: string): number {
  return Number(work.dataset[name]);
}
