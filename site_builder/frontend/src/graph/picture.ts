// The picture: nodes and edges by sigma on WebGL, names and what is lit upon them on canvases. Knows no controls.
import Graph from "graphology";
import Sigma from "sigma";
import { EdgeLineProgram, EdgeRectangleProgram } from "sigma/rendering";
import type { Concepts } from "./concepts";
import type { Point } from "./keys";
import { type Box, drawLabels, type Label } from "./labels";
import { drawLit, drawMarked, type Spot } from "./lit";
import { channels, type Palette, readPalette, sheer } from "./palette";
import { numbers } from "./select";
import { SHAPES, shapeProgram } from "./shapes";
import type { Look } from "./state";

/** What is told when a reader does something in the picture; nodes are numbers, -1 is none. */
export interface Heard {
  open(node: number, event: MouseEvent | TouchEvent): void;
  hover(node: number): void;
  leave(): void;
  move(): void;
}

interface Drawn {
  x: number;
  y: number;
  size: number;
  shape: number;
  color: string;
  label: string;
  hidden: boolean;
}

const FEW = 2_000; // edges up to which each is a smooth band; beyond, a line: a fifth of the work where there is no GPU
const [WIDEST, NARROWEST] = [2, 1 / 1.7]; // the picture's shape follows its frame's up to these
const SPARSE = 100; // nodes of which nearly each may have its name
const MOST_DOTS = 400; // nodes that names keep off; where there are more, nothing would be named
const ROOMY = 600_000; // pixels
const QUICK = 180; // milliseconds

export class Picture {
  private readonly sigma: Sigma<Drawn>;
  private readonly graph: Graph<Drawn>;
  private readonly over: CanvasRenderingContext2D;
  private readonly wide: number;
  private readonly narrow: number;
  private palette: Palette;
  private names: Label[] = [];
  private shown: Uint8Array;
  private seen: number;
  private lit: readonly number[] | null = null;
  private center = -1;
  private veiled = true;

  /** Draw a graph. Throws where the browser has no WebGL. */
  constructor(
    private readonly frame: HTMLElement,
    private readonly concepts: Concepts,
    shown: Uint8Array,
    heard: Heard,
  ) {
    this.palette = readPalette(frame);
    this.shown = shown;
    this.seen = numbers(shown).length;
    this.wide = Math.min(WIDEST, Math.max(NARROWEST, frame.clientWidth / (frame.clientHeight || 1)));
    this.narrow = Math.max(1, ROOMY / (frame.clientWidth * frame.clientHeight || ROOMY));
    this.graph = this.makeGraph();
    this.sigma = this.makeSigma();
    this.over = this.makeOver();
    this.drawOver();
    this.sigma.on("afterRender", () => this.drawOver());
    this.listen(heard);
  }

  private makeGraph(): Graph<Drawn> {
    const { concepts } = this;
    const graph = new Graph<Drawn>({ type: "undirected", multi: false, allowSelfLoops: false });
    for (let node = 0; node < concepts.count; node++) {
      const { x, y } = this.fromLayout(concepts.place(node));
      const shape = SHAPES.indexOf(concepts.type(node));
      const hidden = !this.shown[node];
      graph.addNode(node, { x, y, size: this.size(node), shape, color: this.color(node), label: concepts.title(node), hidden });
    }
    const { ends } = concepts;
    for (let edge = 0; edge < ends.length; edge += 2) graph.addUndirectedEdgeWithKey(edge, ends[edge], ends[edge + 1]);
    return graph;
  }

  private makeSigma(): Sigma<Drawn> {
    const few = this.concepts.ends.length / 2 <= FEW;
    return new Sigma<Drawn>(this.graph, this.frame, {
      nodeProgramClasses: { node: shapeProgram(() => channels(this.palette.paper)) as never },
      defaultNodeType: "node",
      edgeProgramClasses: { edge: few ? EdgeRectangleProgram : EdgeLineProgram },
      defaultEdgeType: "edge",
      defaultEdgeColor: this.edgeColor(),
      minEdgeThickness: 1.7,
      hideEdgesOnMove: !few,
      labelDensity: this.concepts.count > SPARSE ? 1 : 2,
      labelGridCellSize: 80,
      labelRenderedSizeThreshold: this.leastNamed(),
      defaultDrawNodeLabel: (_, { label, x, y, size }) => this.names.push({ text: label ?? "", x, y, radius: size }),
      defaultDrawNodeHover: () => undefined,
      stagePadding: 36,
      minCameraRatio: 0.02,
      maxCameraRatio: 2,
      enableCameraRotation: false,
      doubleClickZoomingDuration: duration(),
      zoomDuration: duration(),
      inertiaDuration: duration(),
      allowInvalidContainer: true,
    });
  }

  /** Make a canvas above the names. Sigma gives it its size when the frame changes; now it would draw all anew. */
  private makeOver(): CanvasRenderingContext2D {
    this.sigma.createCanvasContext("lit", { beforeLayer: "mouse" } as never);
    const { lit, labels } = this.sigma.getCanvases();
    const context = lit!.getContext("2d")!;
    [lit!.width, lit!.height] = [labels!.width, labels!.height];
    [lit!.style.width, lit!.style.height] = [labels!.style.width, labels!.style.height];
    context.scale(devicePixelRatio, devicePixelRatio);
    return context;
  }

  private listen(heard: Heard): void {
    const { sigma } = this;
    sigma.on("enterNode", ({ node }) => heard.hover(Number(node)));
    sigma.on("leaveNode", () => heard.hover(-1));
    sigma.on("clickNode", ({ node, event }) => heard.open(Number(node), event.original));
    sigma.on("clickStage", () => heard.leave());
    sigma.getCamera().on("updated", () => heard.move());
  }

  /** Show these nodes; the picture is drawn anew. */
  show(shown: Uint8Array): void {
    if (shown.every((is, node) => is === this.shown[node])) return;
    this.shown = shown;
    this.seen = numbers(shown).length;
    const changed = (node: number): Partial<Drawn> => ({ hidden: !shown[node], size: this.size(node) });
    this.graph.updateEachNodeAttributes((node, drawn) => ({ ...drawn, ...changed(Number(node)) }), {
      attributes: ["hidden", "size"],
    });
    const settings = { defaultEdgeColor: this.edgeColor(), labelRenderedSizeThreshold: this.leastNamed() };
    this.sigma.setSettings(settings); // draws anew
  }

  /** Light some nodes, or the neighbors of a `center`, and cover the rest, if `veiled`; `null` and -1 light all. */
  light(lit: readonly number[] | null, center: number, veiled: boolean): void {
    [this.lit, this.center, this.veiled] = [lit, center, veiled];
    this.drawOver();
  }

  /** Take the colors of the page as they are now. */
  recolor(): void {
    this.palette = readPalette(this.frame);
    this.graph.updateEachNodeAttributes((node, drawn) => ({ ...drawn, color: this.color(Number(node)) }), {
      attributes: ["color"],
    });
    this.sigma.setSetting("defaultEdgeColor", this.edgeColor()); // draws anew
  }

  /** Where the picture is looked at, null where all of it is seen. */
  get look(): Look | null {
    const { x, y, ratio } = this.sigma.getCamera().getState();
    if (Math.hypot(x - 0.5, y - 0.5) < 0.002 && Math.abs(ratio - 1) < 0.002) return null;
    return { ...this.toLayout({ x, y }), ratio };
  }

  /** Look elsewhere; null looks at all. */
  lookAt(look: Look | null, animated = true): void {
    const middle = look ? this.toCamera(look) : { x: 0.5, y: 0.5 };
    const state = { ...middle, ratio: look?.ratio ?? 1 };
    const camera = this.sigma.getCamera();
    if (animated && duration() > 0) void camera.animate(state, { duration: duration() });
    else camera.setState(state);
  }

  /** Look at some nodes, all of them in view, none too near. */
  lookAtNodes(nodes: readonly number[]): void {
    const places = nodes.map((node) => this.concepts.place(node));
    const [xs, ys] = [places.map(({ x }) => x), places.map(({ y }) => y)];
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const ratio = Math.min(1, Math.max(0.15, 1.25 * Math.max(right - left, bottom - top)));
    this.lookAt({ x: (left + right) / 2, y: (top + bottom) / 2, ratio });
  }

  /** Move as little as needed for a node to be well within the frame. */
  follow(node: number): void {
    const { x, y } = this.at(node);
    const { width, height } = this.sigma.getDimensions();
    const inside = x > width * 0.1 && x < width * 0.9 && y > height * 0.1 && y < height * 0.9;
    if (!inside) this.lookAt({ ...this.concepts.place(node), ratio: this.sigma.getCamera().getState().ratio });
  }

  zoom(factor: number): void {
    const camera = this.sigma.getCamera();
    const ratio = camera.getBoundedRatio(camera.getState().ratio / factor);
    if (duration() > 0) void camera.animate({ ratio }, { duration: duration() });
    else camera.setState({ ratio });
  }

  /** Return where a node is in the frame, in pixels. */
  at(node: number): Point {
    return this.sigma.graphToViewport(this.fromLayout(this.concepts.place(node)));
  }

  remove(): void {
    this.sigma.kill();
  }

  private drawOver(): void {
    const { palette } = this;
    const { width, height } = this.sigma.getDimensions();
    const frame: Box = [2, 2, width - 2, height - 2];
    const names = this.names.sort((a, b) => b.radius - a.radius);
    this.names = [];
    const base = (this.sigma.getCanvases()["labels"] as HTMLCanvasElement).getContext("2d")!;
    if (names.length) drawLabels(base, names, palette, frame, this.dots());
    this.over.clearRect(0, 0, width, height);
    const lit = this.veiled ? this.litNodes() : null;
    if (!this.veiled && this.center >= 0) drawMarked(this.over, this.spot(this.center), palette, frame);
    if (lit) drawLit(this.over, lit.map((node) => this.spot(node)), this.center, palette, frame);
  }

  /** Return the nodes that names keep off. */
  private dots(): Spot[] {
    return this.concepts.count > MOST_DOTS ? [] : numbers(this.shown).map((node) => this.spot(node));
  }

  private spot(node: number): Spot {
    const radius = this.sigma.scaleSize(this.size(node));
    const shape = SHAPES.indexOf(this.concepts.type(node));
    return { node, ...this.at(node), radius, shape, color: this.color(node), text: this.concepts.title(node) };
  }

  private litNodes(): number[] | null {
    const { center, concepts, shown } = this;
    if (center >= 0 && shown[center]) return [...concepts.neighbors(center)].filter((node) => shown[node]).concat(center);
    return this.lit ? this.lit.filter((node) => shown[node]) : null;
  }

  private color(node: number): string {
    const number = this.concepts.color(node);
    return (this.concepts.type(node) === "wanted" ? undefined : this.palette.groups[number]) ?? this.palette.soft;
  }

  /** The more edges are shown, the more each lets through. */
  private edgeColor(): string {
    const { ends } = this.concepts;
    let edges = 1;
    for (let edge = 0; edge < ends.length; edge += 2) edges += this.shown[ends[edge]!]! & this.shown[ends[edge + 1]!]!;
    return sheer(this.palette.soft, Math.max(0.07, Math.min(0.5, 10 / Math.sqrt(edges))));
  }

  /** Return the radius from which on a node may be named. */
  private leastNamed(): number {
    return this.many < 0.9 ? 0 : 3.5;
  }

  /** How many nodes are shown, in a frame as wide as a page: 0 for 10, 1 for 100, 3 for 10,000. */
  private get many(): number {
    return Math.log10(Math.max(10, this.seen * this.narrow)) - 1;
  }

  /** Return a node's radius in pixels: by how central it is, and smaller where there are many. */
  private size(node: number): number {
    const { many } = this;
    const [least, most] = [Math.max(1.3, 5 - 1.3 * many), Math.max(7, 17 - 2.7 * many)];
    return least + (most - least) * this.concepts.rank(node) ** 1.2;
  }

  /** A wide frame gets a wide picture: the layout is stretched to it. Up is down in WebGL. */
  private fromLayout({ x, y }: Point): Point {
    return { x: (x - 0.5) * this.wide, y: 0.5 - y };
  }

  /** Sigma's camera sees the longer side of the picture from 0 to 1. */
  private toCamera(place: Point): Point {
    const { x, y } = this.fromLayout(place);
    return { x: 0.5 + x / this.side, y: 0.5 + y / this.side };
  }

  private toLayout({ x, y }: Point): Point {
    return { x: 0.5 + ((x - 0.5) * this.side) / this.wide, y: 0.5 - (y - 0.5) * this.side };
  }

  /** The longer side of the picture: the layout fills both ways, but for a graph of one node or in one line. */
  private get side(): number {
    const [xs, ys] = (["x", "y"] as const).map((way) => this.concepts.extent(way));
    return Math.max((xs ?? 0) * this.wide, ys ?? 0) || 1;
  }
}

function duration(): number {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : QUICK;
}
