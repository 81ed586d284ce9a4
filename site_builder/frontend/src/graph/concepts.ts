// The graph as its file has it, and the questions that the page asks of it. Knows neither picture nor controls.
import { fold } from "../search/tokens";

/** The file `assets/wikitorch/graph-map.json`: a column for each thing that a node has. */
interface MapFile {
  readonly version: number;
  readonly types: readonly string[];
  readonly type: readonly number[];
  readonly name: readonly string[];
  readonly title: readonly string[];
  readonly url: readonly (string | null)[];
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly rank: readonly number[];
  readonly group: readonly number[];
  readonly groups: readonly number[];
  readonly colors: readonly number[];
  readonly degree: readonly number[];
  readonly steps: readonly number[];
  readonly tags: Readonly<Record<string, readonly number[]>>;
}

const SUPPORTED = 1;
const FINE = 65535;

/** Nodes by number, from 0. */
export class Concepts {
  /** The ends of each edge, two numbers an edge. */
  readonly ends: Uint32Array;
  private readonly from: Uint32Array;
  private readonly others: Uint32Array;
  private names: readonly string[] | undefined;

  private constructor(private readonly file: MapFile) {
    this.ends = readEdges(file);
    [this.from, this.others] = neighborhoods(this.ends, file.type.length);
  }

  /** Fetch a graph. Rejects when it cannot be reached, or is another version's. */
  static async fetch(address: string): Promise<Concepts> {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`${answer.status} ${address}`);
    const file = (await answer.json()) as MapFile;
    if (file.version !== SUPPORTED) throw new Error(`graph map version ${file.version}`);
    return new Concepts(file);
  }

  get count(): number {
    return this.file.type.length;
  }

  title(node: number): string {
    return this.file.title[node] ?? "";
  }

  type(node: number): string {
    return this.file.types[this.file.type[node] ?? 0] ?? "";
  }

  /** The id that graph.json has: `note:Attention/Self-Attention.md`. */
  id(node: number): string {
    return `${this.type(node)}:${this.file.name[node] ?? ""}`;
  }

  /** Return the node of an id, -1 if there is none. */
  find(id: string): number {
    return this.file.name.findIndex((name, node) => id.endsWith(name) && this.id(node) === id);
  }

  /** The page of a node, from the site's root; null for one that has none. */
  url(node: number): string | null {
    return this.file.url[node] ?? null;
  }

  /** The folder of a note; of what is no note, null. */
  folder(node: number): string | null {
    if (this.type(node) !== "note") return null;
    return /^(.*)\/[^/]*$/s.exec(this.file.name[node] ?? "")?.[1] ?? "";
  }

  /** From 0 to 1, as the layout has it. */
  place(node: number): { x: number; y: number } {
    return { x: (this.file.x[node] ?? 0) / FINE, y: (this.file.y[node] ?? 0) / FINE };
  }

  /** How far the layout reaches one way, from 0 to 1. */
  extent(way: "x" | "y"): number {
    return this.count ? (Math.max(...this.file[way]) - Math.min(...this.file[way])) / FINE : 0;
  }

  /** How central a node is, from 0 to 1. */
  rank(node: number): number {
    return (this.file.rank[node] ?? 0) / 100;
  }

  /** The color of a node's community, -1 for one that has none. */
  color(node: number): number {
    return this.file.colors[this.file.group[node] ?? -1] ?? -1;
  }

  /** The most central node of a node's community, -1 for one that has none. */
  center(node: number): number {
    return this.file.groups[this.file.group[node] ?? -1] ?? -1;
  }

  neighbors(node: number): Uint32Array {
    return this.others.subarray(this.from[node], this.from[node + 1]);
  }

  /** Return the notes under a tag. */
  tagged(tag: string): ReadonlySet<number> {
    let node = 0;
    return new Set((this.file.tags[tag] ?? []).map((step) => (node += step)));
  }

  /** Titles without case and accents. */
  get folded(): readonly string[] {
    return (this.names ??= this.file.title.map((title) => title.split(/\s+/).map(fold).join(" ")));
  }
}

function readEdges({ degree, steps }: MapFile): Uint32Array {
  const ends = new Uint32Array(2 * steps.length);
  let edge = 0;
  degree.forEach((count, node) => {
    let other = node;
    for (const last = edge + count; edge < last; edge++) {
      other += steps[edge] ?? 0;
      ends[2 * edge] = node;
      ends[2 * edge + 1] = other;
    }
  });
  return ends;
}

/** Return where each node's neighbors begin, and the neighbors. */
function neighborhoods(ends: Uint32Array, count: number): [Uint32Array, Uint32Array] {
  const from = new Uint32Array(count + 1);
  for (const end of ends) from[end + 1]! += 1;
  for (let node = 0; node < count; node++) from[node + 1]! += from[node]!;
  const next = from.slice();
  const others = new Uint32Array(ends.length);
  for (let edge = 0; edge < ends.length; edge += 2) {
    const [a, b] = [ends[edge]!, ends[edge + 1]!];
    others[next[a]!++] = b;
    others[next[b]!++] = a;
  }
  return [from, others];
}
