// Sets right what Material tells screen readers: its search dialog has no name, and the buttons of every code block
// pass for a navigation of the whole page.

/** Name the search dialog and keep the buttons of code blocks out of the list of landmarks. */
export function nameLandmarks(): void {
  document.querySelector(".md-search[role=dialog]:not([aria-label])")?.setAttribute("aria-label", "Search");
  document.querySelectorAll("nav.md-code__nav").forEach((buttons) => buttons.setAttribute("role", "none"));
}
