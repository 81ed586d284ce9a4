// Shows a note's footnotes beside the lines that refer to them, where the page is wide enough. The list at the end
// stays: it is what keyboards, screen readers, narrow screens and print use, so the copies here are hidden from them.
import { elementNamed, onResize } from "./page";
import { place, type Span } from "./placement";

const GAP = 12;
const MAY_REACH_INTO_MARGIN = ".table-wrap, .highlight, .math-display, figure, .wt-output";

interface MarginNote {
  readonly reference: HTMLElement;
  readonly element: HTMLElement;
}

/** Put the footnotes of the page into its margin and keep them there until the page is left. */
export function showMarginNotes(left: AbortSignal): void {
  const article = document.querySelector<HTMLElement>(".md-content__inner");
  if (!article) return;
  const notes = copyFootnotes(article);
  if (notes.length === 0) return;
  const margin = document.createElement("div");
  margin.className = "wt-margin";
  margin.setAttribute("aria-hidden", "true");
  margin.append(...notes.map((note) => note.element));
  article.append(margin);
  left.addEventListener("abort", () => margin.remove());
  onResize(article, () => arrange(article, margin, notes), left);
}

function copyFootnotes(article: HTMLElement): MarginNote[] {
  const copied = new Set<HTMLElement>();
  const notes: MarginNote[] = [];
  for (const reference of article.querySelectorAll<HTMLAnchorElement>(".note-body a.footnote-ref")) {
    const footnote = elementNamed(reference.hash);
    if (!footnote || copied.has(footnote)) continue;
    copied.add(footnote);
    notes.push({ reference, element: marginNote(reference.textContent ?? "", footnote) });
  }
  return notes;
}

function marginNote(number: string, footnote: HTMLElement): HTMLElement {
  const copy = footnote.cloneNode(true) as HTMLElement;
  copy.querySelectorAll(".footnote-backref").forEach((link) => link.remove());
  copy.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
  copy.querySelectorAll<HTMLElement>("a, [tabindex]").forEach((element) => (element.tabIndex = -1));
  const note = document.createElement("div");
  note.className = "wt-margin__note";
  note.append(...copy.childNodes);
  const label = document.createElement("span");
  label.className = "wt-margin__number";
  label.textContent = number;
  (note.firstElementChild ?? note).prepend(label);
  return note;
}

function arrange(article: HTMLElement, margin: HTMLElement, notes: readonly MarginNote[]): void {
  const page = article.getBoundingClientRect();
  for (const { element, reference } of notes) element.hidden = isFoldedAway(reference);
  const shown = notes.filter(({ element }) => !element.hidden);
  const wanted = shown.map(({ element, reference }) => ({
    top: reference.getBoundingClientRect().top - page.top,
    height: element.offsetHeight,
  }));
  const tops = place(wanted, blocksReachingInto(article, margin), GAP);
  shown.forEach(({ element }, index) => (element.style.top = `${tops[index]}px`));
}

function isFoldedAway(element: HTMLElement): boolean {
  return element.closest("details:not([open]) > :not(summary)") !== null;
}

function blocksReachingInto(article: HTMLElement, margin: HTMLElement): Span[] {
  const page = article.getBoundingClientRect();
  const edge = margin.getBoundingClientRect().left;
  return [...article.querySelectorAll(MAY_REACH_INTO_MARGIN)]
    .map((block) => block.getBoundingClientRect())
    .filter((box) => box.right > edge)
    .map((box) => ({ top: box.top - page.top, bottom: box.bottom - page.top }));
}
