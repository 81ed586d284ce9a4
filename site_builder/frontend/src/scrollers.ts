// Makes what scrolls sideways reachable by keyboard, and only while it scrolls.
import { onResize } from "./page";

const MAY_SCROLL = "pre > code, .table-wrap, .math-display, .wt-picture, .wt-html, .wt-stream, .wt-value, .wt-error, .wt-graph, .wt-maps__all";

/** Give a place in the tab order to each block whose content is wider or higher than itself. */
export function makeScrollersReachable(left: AbortSignal): void {
  const article = document.querySelector(".md-content__inner");
  if (!article) return;
  const blocks = [...article.querySelectorAll<HTMLElement>(MAY_SCROLL)];
  if (blocks.length > 0) onResize(article, () => blocks.forEach(markIfScrolling), left);
}

/** Give a block a place in the tab order if it scrolls. */
export function markIfScrolling(block: HTMLElement): void {
  if (block.scrollWidth > block.clientWidth || block.scrollHeight > block.clientHeight) block.tabIndex = 0;
  else block.removeAttribute("tabindex");
}
