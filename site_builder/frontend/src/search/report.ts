// What Material's box leaves out: it hears keys alone, and cannot know how many results there are beyond those shown,
// nor that search failed.
import type { Report } from "./worker";

/** Let the box hear what is pasted, dictated or dropped into it. */
export function hearEveryInput(): void {
  const input = document.querySelector<HTMLInputElement>(".md-search__input");
  input?.addEventListener("input", () => input.dispatchEvent(new Event("keyup")));
}

/** Let screen readers speak the line above the results, and complete it. */
export function reportSearches(): void {
  const line = document.querySelector<HTMLElement>(".md-search-result__meta");
  const input = document.querySelector<HTMLInputElement>(".md-search__input");
  if (!line || !input) return;
  line.setAttribute("role", "status");
  new BroadcastChannel("wikitorch-search").addEventListener("message", ({ data }: MessageEvent<Report>) => {
    const said = sentence(data);
    const show = (): void => {
      if (input.value === data.query && said) line.textContent = said; // another tab's query is not this one's
    };
    requestAnimationFrame(show); // after Material has written its own
  });
}

function sentence({ shown, total, failed }: Report): string {
  if (failed) return "Search cannot be reached. Are you offline?";
  return total > shown ? `${total.toLocaleString("en")} matching documents, the best ${shown} shown` : "";
}
