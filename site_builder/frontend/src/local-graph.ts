// Puts the small graph of a page's connections below its contents, where the page has a column for them. Elsewhere, and
// without this script, it stands in the section of the connections.

const WIDE = matchMedia("(min-width: 60em)"); // where Material shows the contents beside the text

/** Keep the small graph where the width of the window lets it stand, until the page is left. */
export function placeLocalGraph(left: AbortSignal): void {
  const graph = document.querySelector<HTMLElement>(".wt-connections > .wt-local");
  const column = document.querySelector<HTMLElement>(".md-sidebar--secondary .md-sidebar__inner");
  if (!graph || !column) return;
  const place = document.createComment("the small graph, on a narrow page");
  graph.before(place);
  const move = (): void => (WIDE.matches ? column.append(graph) : place.after(graph));
  WIDE.addEventListener("change", move, { signal: left });
  move();
}
