// Which notes lie two and three links away from a note, and where they stand in its small graph. Knows no elements.
import type { Concepts } from "./graph/concepts";

/** A note in the picture, from its middle; `from` are the notes of the ring before that a line leads to. */
export interface Dot {
  readonly node: number;
  readonly angle: number;
  readonly from: readonly Dot[];
}

const SHOWN = [8, 6]; // notes two and three links away
const LINES = 2; // from a note to the ring before; more would be a thicket

/** Return the rings beyond the first one, the nearest first; of each those with most links to the ring before. */
export function ringsBeyond(concepts: Concepts, center: number, first: readonly Dot[]): Dot[][] {
  let edge = notesNextTo(concepts, [center], new Set([center]));
  const known = new Set([center, ...edge]);
  const rings: Dot[][] = [];
  let last = first;
  for (const most of SHOWN) {
    const reached = reach(concepts, last, known);
    edge = notesNextTo(concepts, edge, known); // also next to what is not shown
    for (const node of edge) known.add(node);
    last = turned([...reached].sort(nearest(concepts)).slice(0, most));
    if (last.length) rings.push([...last]);
  }
  return rings;
}

function notesNextTo(concepts: Concepts, nodes: Iterable<number>, known: ReadonlySet<number>): Set<number> {
  const found = new Set<number>();
  for (const node of nodes) for (const other of concepts.neighbors(node)) if (!known.has(other)) found.add(other);
  return new Set([...found].filter((node) => concepts.type(node) === "note"));
}

type Reached = readonly [node: number, from: readonly Dot[]];

/** Return the notes next to a ring that are not known yet, each with its neighbors in the ring. */
function reach(concepts: Concepts, ring: readonly Dot[], known: ReadonlySet<number>): Map<number, Dot[]> {
  const reached = new Map<number, Dot[]>();
  for (const dot of ring) {
    for (const node of concepts.neighbors(dot.node)) {
      if (known.has(node) || concepts.type(node) !== "note") continue;
      reached.set(node, [...(reached.get(node) ?? []), dot]);
    }
  }
  return reached;
}

/** Most links to the ring first; of equals what has fewer others, then by number. */
function nearest(concepts: Concepts): (a: Reached, b: Reached) => number {
  const others = (node: number): number => concepts.neighbors(node).length;
  return ([a, near], [b, far]) => far.length - near.length || others(a) - others(b) || a - b;
}

/** Place a ring evenly, each note as near as can be to those before that it is joined with. */
function turned(ring: readonly Reached[]): Dot[] {
  const joined = ring.map(([node, from]) => ({ node, from: from.slice(0, LINES) }));
  const wanted = joined.map((dot) => ({ ...dot, angle: mean(dot.from.map(({ angle }) => angle)) }));
  wanted.sort((a, b) => a.angle - b.angle);
  const even = (place: number): number => (2 * Math.PI * place) / wanted.length;
  const turn = mean(wanted.map(({ angle }, place) => angle - even(place)));
  return wanted.map((dot, place) => ({ ...dot, angle: turn + even(place) }));
}

function mean(angles: readonly number[]): number {
  const sum = (of: (angle: number) => number): number => angles.reduce((total, angle) => total + of(angle), 0);
  return Math.atan2(sum(Math.sin), sum(Math.cos));
}
