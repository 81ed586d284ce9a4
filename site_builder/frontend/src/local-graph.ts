// The small graph of what lies around a note: its place on the page, and its second and third ring, which a reader
// asks for. The first ring is part of the page; the others are taken from the file of the graph page.
import { type Dot, ringsBeyond } from "./around";
import { Concepts } from "./graph/concepts";
import { root } from "./page";

const WIDE = matchMedia("(min-width: 60em)"); // where Material shows the contents beside the text
const MAP = "assets/wikitorch/graph-map.json";
const [HALF, RING, LETTER] = [100, 28, 5.6]; // as render/local_graph.py has them
const SPREAD = [2.8, 1.5, 1.02]; // how far rings stand apart while one, two or three are shown, as in the style sheet
const LONGEST = 26; // letters

/** Keep the small graph where the width of the window lets it stand, until the page is left. */
export function placeLocalGraph(left: AbortSignal): void {
  const graph = document.querySelector<HTMLElement>(".wt-connections > .wt-local");
  if (!graph) return;
  offerSteps(graph);
  const column = document.querySelector<HTMLElement>(".md-sidebar--secondary .md-sidebar__inner");
  if (!column) return;
  const place = document.createComment("the small graph, on a narrow page");
  graph.before(place);
  const move = (): void => (WIDE.matches ? column.append(graph) : place.after(graph));
  WIDE.addEventListener("change", move, { signal: left });
  move();
}

/** Let a reader choose how many rings are shown. */
function offerSteps(graph: HTMLElement): void {
  const form = document.createElement("div");
  form.className = "wt-local__steps";
  form.innerHTML =
    '<div role="radiogroup" aria-label="How far">' +
    [1, 2, 3].map((step) => `<label><input type="radio" name="wt-steps" value="${step}">${step} step${step > 1 ? "s" : ""}</label>`).join("") +
    '</div><p role="status"></p>';
  const [first] = form.querySelectorAll("input");
  first!.checked = true;
  const say = (words: string): void => void (form.querySelector("[role=status]")!.textContent = words);
  let drawn: Promise<number> | null = null;
  form.addEventListener("change", async ({ target }) => {
    const steps = Number((target as HTMLInputElement).value);
    say("");
    if (steps === 1) return;
    try {
      const rings = await (drawn ??= drawRings(graph));
      if (rings < steps) say(`No note lies ${rings + 1} steps away.`);
    } catch (error) {
      console.warn("graph:", error);
      drawn = null; // offline now need not be offline later
      first!.checked = true;
      say("The graph cannot be loaded. Are you offline?");
    }
  });
  graph.prepend(form);
}

/** Draw what lies beyond the first ring, and return how many rings there are. */
async function drawRings(graph: HTMLElement): Promise<number> {
  const concepts = await Concepts.fetch(new URL(MAP, root).href);
  const picture = graph.querySelector("svg")!;
  const number = numbers(concepts);
  const first = [...picture.querySelectorAll<SVGAElement>("a")].map((link) => dotOf(link, number));
  const rings = ringsBeyond(concepts, number(here()), first);
  rings.forEach((ring, index) => {
    picture.prepend(linesTo(ring, index + 2));
    picture.append(...ring.map((dot) => linkTo(dot, index + 2, concepts)));
  });
  return rings.length + 1;
}

/** Return what finds the node of an address, -1 where there is none. */
function numbers(concepts: Concepts): (address: string) => number {
  const found = new Map<string, number>();
  for (let node = 0; node < concepts.count; node++) {
    const url = concepts.url(node);
    if (url !== null) found.set(root.href + url, node);
  }
  return (address) => found.get(address) ?? -1;
}

function here(): string {
  return location.origin + location.pathname.replace(/index\.html$/, "");
}

function dotOf(link: SVGAElement, number: (address: string) => number): Dot {
  const [x, y] = ["--x", "--y"].map((name) => Number(link.style.getPropertyValue(name)));
  return { node: number(new URL(link.href.baseVal, document.baseURI).href), angle: Math.atan2(y!, x!), from: [] };
}

function at({ angle }: Dot, step: number): [x: number, y: number] {
  return [Math.round(step * RING * Math.cos(angle)), Math.round(step * RING * Math.sin(angle))];
}

function linesTo(ring: readonly Dot[], step: number): SVGElement {
  const lines = ring.flatMap((dot) => dot.from.map((from) => `M${at(from, step - 1).join()}L${at(dot, step).join()}`));
  return svg("path", { class: `wt-step-${step}`, d: lines.join("") });
}

function linkTo(dot: Dot, step: number, concepts: Concepts): SVGElement {
  const [x, y] = at(dot, step);
  const title = concepts.title(dot.node);
  const text = title.length <= LONGEST ? title : `${title.slice(0, LONGEST - 1)}…`;
  const room = Math.max(0, HALF - (text.length * LETTER) / 2);
  const away = x * SPREAD[step - 1]!;
  const label = svg("text", { x: Math.round(Math.min(Math.max(away, -room), room) - away), y: y > 0 ? 15 : -8 });
  label.textContent = text;
  const href = root.href + (concepts.url(dot.node) ?? "");
  const link = svg("a", { class: `wt-step-${step}`, href, style: `--x:${x};--y:${y}` });
  link.append(svg("circle", { r: 4 }), label);
  return link;
}

function svg(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, `${value}`);
  return element;
}
