// A whole query: its units matched, notes ranked, the first of them fetched. Knows nothing of how they are shown.
import { matchUnit, type UnitMatches } from "./match";
import { readQuery, type Unit } from "./query";
import type { Fragment, Store } from "./store";

/** A note that was found: the passage to quote, and which units of the query it matches. */
export interface Hit {
  readonly score: number;
  readonly fragment: Fragment;
  readonly matched: readonly boolean[];
}

/** What a query found: `total` notes, of which `hits` are the best, on their way. */
export interface Found {
  readonly units: readonly Unit[];
  readonly matches: readonly UnitMatches[];
  readonly total: number;
  readonly hits: readonly Promise<Hit>[];
  readonly completion: string;
}

interface Ranked {
  readonly note: number;
  readonly covered: number;
  readonly score: number;
}

export const SHOWN = 10;
const COVERED = 1000; // more than all scores of a note together

/** Search an index. `wanted` is asked before passages are fetched: whether the query still is the last one. */
export async function search(
  text: string,
  opened: Store | Promise<Store>,
  wanted: () => boolean | Promise<boolean> = () => true,
): Promise<Found> {
  const units = readQuery(text);
  const store = await opened;
  const matches = await Promise.all(units.map((unit) => matchUnit(unit, store)));
  const { total, best } = rank(matches, store.notes);
  const hits = (await wanted()) ? best.map((each) => hit(each, matches, store)) : [];
  return { units, matches, total, hits, completion: matches.at(-1)?.completion ?? "" };
}

/** Return the best of the notes that match all units, or where none does of those that match any, and how many match. */
function rank(units: readonly UnitMatches[], notes: number): { total: number; best: Ranked[] } {
  const covered = new Uint16Array(notes);
  const scores = new Float64Array(notes);
  for (const { notes: found } of units) {
    const rarity = Math.log(1 + (notes - found.numbers.length + 0.5) / (found.numbers.length + 0.5));
    for (const note of found.numbers) {
      covered[note]! += 1;
      scores[note]! += rarity * found.score(note);
    }
  }
  const least = covered.includes(units.length) ? units.length : 1;
  const isBetter = (note: number, other: number): boolean =>
    (covered[note]! - covered[other]! || scores[note]! - scores[other]!) > 0;
  const best: number[] = [];
  let total = 0;
  for (let note = 0; note < notes; note++) {
    if (!covered[note] || covered[note]! < least) continue;
    total++;
    if (best.length === SHOWN && !isBetter(note, best[SHOWN - 1]!)) continue;
    const place = best.findIndex((other) => isBetter(note, other)); // of equal ones the first stays first
    best.splice(place < 0 ? best.length : place, 0, note);
    best.length = Math.min(best.length, SHOWN);
  }
  return { total, best: best.map((note) => ({ note, covered: covered[note]!, score: scores[note]! })) };
}

async function hit({ note, covered, score }: Ranked, matches: readonly UnitMatches[], store: Store): Promise<Hit> {
  const matched = matches.map((each) => each.notes.score(note) > 0);
  const passages = matches.filter((_, place) => matched[place]).map((each) => each.notes.passage(note));
  return { score: covered * COVERED + score, fragment: await store.fragment(mostFrequent(passages) ?? note), matched };
}

/** Return the passage in which most units match; of equal ones the first. */
function mostFrequent(passages: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const passage of passages) counts.set(passage, (counts.get(passage) ?? 0) + 1);
  return [...counts].sort(([first, most], [second, more]) => more - most || first - second)[0]?.[0];
}
