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

/** What a query found: `total` notes, of which `hits` are the best. */
export interface Found {
  readonly units: readonly Unit[];
  readonly matches: readonly UnitMatches[];
  readonly total: number;
  readonly hits: readonly Hit[];
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
export async function search(text: string, store: Store, wanted: () => boolean = () => true): Promise<Found> {
  const units = readQuery(text);
  const matches = await Promise.all(units.map((unit) => matchUnit(unit, store)));
  const ranked = rank(matches, store.notes);
  const best = wanted() ? ranked.slice(0, SHOWN) : [];
  const hits = await Promise.all(best.map((each) => hit(each, matches, store)));
  const completion = matches.at(-1)?.completion ?? "";
  return { units, matches, total: ranked.length, hits, completion };
}

/** Return the notes that match all units, or where none does those that match any, the best first. */
function rank(matches: readonly UnitMatches[], notes: number): Ranked[] {
  const found = new Map<number, { covered: number; score: number }>();
  for (const each of matches) {
    const rarity = Math.log(1 + (notes - each.notes.size + 0.5) / (each.notes.size + 0.5));
    each.notes.forEach(({ score }, note) => {
      const known = found.get(note) ?? { covered: 0, score: 0 };
      found.set(note, { covered: known.covered + 1, score: known.score + rarity * score });
    });
  }
  const all = Array.from(found, ([note, each]) => ({ note, ...each }));
  const whole = all.filter((each) => each.covered === matches.length);
  return (whole.length ? whole : all).sort((a, b) => b.covered - a.covered || b.score - a.score || a.note - b.note);
}

async function hit({ note, covered, score }: Ranked, matches: readonly UnitMatches[], store: Store): Promise<Hit> {
  const passages = matches.map((each) => each.notes.get(note)?.passage);
  const fragment = await store.fragment(mostFrequent(passages) ?? note);
  return { score: covered * COVERED + score, fragment, matched: passages.map((passage) => passage !== undefined) };
}

/** Return the passage in which most units match; of equal ones the first. */
function mostFrequent(passages: readonly (number | undefined)[]): number | undefined {
  const counts = new Map<number, number>();
  for (const passage of passages) if (passage !== undefined) counts.set(passage, (counts.get(passage) ?? 0) + 1);
  return [...counts].sort(([first, most], [second, more]) => more - most || first - second)[0]?.[0];
}
