// The graph page: its controls, the picture and the list, and the state that they share. Loaded by that page alone.
import { fillChosen, focusChosen, kindOf } from "./chosen";
import { Concepts } from "./concepts";
import { Controls } from "./controls";
import { type Choice, Finder } from "./finder";
import { ARROWS, type Point, towards } from "./keys";
import { byTitle, fillList } from "./list";
import { Picture } from "./picture";
import { matchingNodes, mostCentral, numbers, shownNodes } from "./select";
import { EVERYTHING, readState, type State, writeState } from "./state";

const PAUSE = 250; // milliseconds without a movement before the address tells of it
const CLOSER = 1.6;

class GraphElement extends HTMLElement {
  private concepts!: Concepts;
  private controls!: Controls;
  private picture: Picture | null = null;
  private flat = false;
  private state: State = EVERYTHING;
  private shown: Uint8Array = new Uint8Array();
  private hovered = -1;
  private writing = 0;
  private told = ""; // the address, as it was followed or written
  private gone = new AbortController();

  connectedCallback(): void {
    this.gone = new AbortController();
    void this.start(this.gone.signal);
  }

  disconnectedCallback(): void {
    this.gone.abort();
    clearTimeout(this.writing);
    this.picture?.remove();
    this.picture = null;
  }

  private async start(gone: AbortSignal): Promise<void> {
    try {
      this.concepts = await Concepts.fetch(this.dataset["map"] ?? "");
    } catch (error) {
      console.warn("graph:", error);
      this.say("The graph cannot be loaded. Are you offline?");
      return;
    }
    if (gone.aborted) return;
    this.controls = new Controls(this.find<HTMLFormElement>("form"));
    this.told = location.hash;
    this.update(this.controls.show(readState(this.told, this.concepts)), false);
    this.listen(gone);
    this.dataset["ready"] = "";
  }

  private listen(gone: AbortSignal): void {
    const { controls } = this;
    this.find("form").addEventListener("change", () => this.change(controls.read()), { signal: gone });
    new Finder(controls.query, this.find("[role=listbox]"), (query) => this.search(query), (node) => this.choose(node));
    this.find(".wt-atlas__zoom").addEventListener("click", ({ target }) => this.zoom((target as HTMLButtonElement).name));
    this.find(".wt-atlas__picture").addEventListener("keydown", (event) => this.key(event), { signal: gone });
    window.addEventListener("hashchange", () => this.follow(), { signal: gone });
    const scheme = new MutationObserver(() => this.picture?.recolor());
    scheme.observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
    gone.addEventListener("abort", () => scheme.disconnect());
  }

  /** Go to the state that the address tells of, when a reader changed it. */
  private follow(): void {
    this.told = location.hash;
    const state = readState(this.told, this.concepts);
    if (writeState(state, this.concepts) === writeState(this.state, this.concepts)) return;
    this.update(this.controls.show(state));
    this.picture?.lookAt(state.look);
  }

  private change(changed: Partial<State>): void {
    this.update({ ...this.state, ...changed });
  }

  private update(state: State, write = true): void {
    this.state = state;
    this.shown = shownNodes(this.concepts, state);
    if (state.view === "picture") this.draw();
    this.picture?.show(this.shown);
    const isList = this.state.view === "list";
    this.find(".wt-atlas__stage").hidden = this.find(".wt-atlas__help").hidden = isList;
    this.find(".wt-atlas__list").hidden = !isList;
    this.showChosen();
    this.showFound();
    if (write) this.writeSoon();
  }

  /** Draw the picture, if it is not there yet and can be drawn; else the list stands in. */
  private draw(): void {
    if (this.picture) return;
    this.find(".wt-atlas__stage").hidden = false; // it takes its size from its frame
    try {
      this.picture = new Picture(this.find(".wt-atlas__picture"), this.concepts, this.shown, {
        open: (node, event) => this.open(node, event),
        hover: (node) => this.hover(node),
        leave: () => this.state.node >= 0 && this.change({ node: -1, steps: 0 }),
        move: () => this.writeSoon(),
      });
      if (this.state.look) this.picture.lookAt(this.state.look, false);
    } catch (error) {
      console.warn("graph:", error);
      this.find(".wt-atlas__picture").replaceChildren();
      this.flat = true;
      this.controls.withoutPicture();
      this.state = { ...this.state, view: "list" };
    }
  }

  private showChosen(): void {
    const place = this.find(".wt-atlas__chosen");
    const { node, steps } = this.state;
    place.hidden = node < 0;
    if (node < 0) return;
    fillChosen(place, this.concepts, node, steps, {
      address: (each) => this.address(each),
      near: (within) => this.showWithin(within),
      letGo: () => this.change({ node: -1, steps: 0 }),
    });
  }

  private showWithin(steps: number): void {
    this.change({ steps });
    if (steps) this.picture?.lookAtNodes(numbers(this.shown));
  }

  /** Light what is found or pointed at; in the list, leave only that. */
  private showFound(): void {
    const { query, node, steps, view } = this.state;
    const found = query.trim() ? matchingNodes(this.concepts, query, this.shown) : null;
    const isPointed = this.hovered >= 0;
    this.picture?.light(found, isPointed ? this.hovered : node, isPointed || found !== null || steps === 0);
    const nodes = found ?? numbers(this.shown);
    if (view === "list") {
      const address = (each: number): string | null => this.address(each);
      const near = (each: number): void => this.listNeighbors(each);
      fillList(this.find(".wt-atlas__list"), this.concepts, byTitle(this.concepts, nodes), address, near);
    }
    this.sayShown(nodes.length, found !== null);
  }

  private listNeighbors(node: number): void {
    this.controls.query.value = "";
    this.change({ node, steps: 1, query: "" });
    focusChosen(this.find(".wt-atlas__chosen"));
  }

  private sayShown(count: number, isFound: boolean): void {
    const [some, all] = [count, this.concepts.count].map((each) => each.toLocaleString("en"));
    const flat = this.flat ? "This browser cannot draw the picture, which needs WebGL. " : "";
    const shown = count === this.concepts.count ? `${all} ${count === 1 ? "node" : "nodes"}.` : `${some} of ${all} nodes shown.`;
    this.say(flat + (isFound ? `${some} of ${all} nodes match.` : shown));
  }

  private search(query: string): Choice[] {
    this.state = { ...this.state, query };
    this.showFound();
    this.writeSoon();
    const found = matchingNodes(this.concepts, query, this.shown);
    return found.map((node) => ({ node, title: this.concepts.title(node), kind: kindOf(node, this.concepts) }));
  }

  private choose(node: number): void {
    this.controls.query.value = "";
    this.change({ node, query: "" });
    if (this.picture && this.state.view === "picture") {
      this.picture.lookAtNodes([...this.neighbors(node), node]);
      this.find(".wt-atlas__picture").focus({ preventScroll: true });
    } else focusChosen(this.find(".wt-atlas__chosen"));
  }

  private neighbors(node: number): number[] {
    return [...this.concepts.neighbors(node)].filter((each) => this.shown[each]);
  }

  private hover(node: number): void {
    this.hovered = node;
    this.find(".wt-atlas__picture").style.cursor = node >= 0 ? "pointer" : "";
    this.showFound();
  }

  /** A click opens; with Shift, or a first tap where nothing can hover, it chooses. */
  private open(node: number, event: MouseEvent | TouchEvent): void {
    const isTouch = !(event instanceof MouseEvent);
    const url = this.address(node);
    if (event.shiftKey || (isTouch && node !== this.state.node) || url === null) this.change({ node });
    else if (event.ctrlKey || event.metaKey) window.open(url);
    else location.assign(url);
  }

  private address(node: number): string | null {
    const url = this.concepts.url(node);
    return url === null ? null : `${this.dataset["root"] ?? ""}${url}`;
  }

  private zoom(how: string): void {
    if (how === "in") this.picture?.zoom(CLOSER);
    if (how === "out") this.picture?.zoom(1 / CLOSER);
    if (how === "all") this.picture?.lookAt(null);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.picture) return;
    const arrow = ARROWS[event.key];
    const zoom = { "+": "in", "=": "in", "-": "out", "0": "all" }[event.key];
    if (arrow) this.step(this.picture, arrow);
    else if (zoom) this.zoom(zoom);
    else if (event.key === "Enter") this.openChosen();
    else if (event.key === "Escape") this.change({ node: -1, steps: 0 });
    else return;
    event.preventDefault();
    event.stopPropagation(); // Material has keys of its own
  }

  private openChosen(): void {
    const url = this.state.node >= 0 ? this.address(this.state.node) : null;
    if (url !== null) location.assign(url);
  }

  /** Go to the neighbor in a direction; from nowhere, to the most central node. */
  private step(picture: Picture, arrow: Point): void {
    const { node } = this.state;
    const near = node >= 0 ? this.neighbors(node) : [];
    const points = near.map((each) => picture.at(each));
    const next = node >= 0 ? near[towards(picture.at(node), arrow, points)] : mostCentral(this.concepts, this.shown);
    if (next === undefined) return;
    this.change({ node: next });
    picture.follow(next);
  }

  private writeSoon(): void {
    clearTimeout(this.writing);
    this.writing = window.setTimeout(() => this.write(), PAUSE);
  }

  private write(): void {
    if (location.hash !== this.told) return; // a reader has just changed it, and it is about to be followed
    if (this.picture && this.state.view === "picture") this.state = { ...this.state, look: this.picture.look };
    const fragment = writeState(this.state, this.concepts);
    if (fragment === location.hash) return;
    history.replaceState(history.state, "", fragment || location.pathname + location.search);
    this.told = location.hash;
  }

  private say(words: string): void {
    const line = this.find("[role=status]");
    if (line.textContent !== words) line.textContent = words;
  }

  private find<T extends HTMLElement = HTMLElement>(selector: string): T {
    return this.querySelector<T>(selector)!;
  }
}

customElements.define("wikitorch-graph", GraphElement);
