// Where a preview stands: below its link where there is room, else above, and never beyond the column of text.

const GAP = 6; // pixels between the link and the preview

/** Put an element that is `position: absolute` in an article beside a link of it. */
export function besideLink(element: HTMLElement, link: HTMLElement, article: HTMLElement): void {
  const page = article.getBoundingClientRect();
  const lines = [...link.getClientRects()];
  const first = lines[0] ?? link.getBoundingClientRect();
  const last = lines.at(-1) ?? first;
  const { width, height } = element.getBoundingClientRect();
  const below = last.bottom + GAP + height <= innerHeight || first.top - GAP - height < 0;
  element.style.top = `${(below ? last.bottom + GAP : first.top - GAP - height) - page.top}px`;
  element.style.left = `${Math.max(0, Math.min(first.left - page.left, page.width - width))}px`;
}
