// Which notes match one unit of a query, and how well. Knows nothing of other units, nor of how results are shown.
import { errors, tolerated } from "./distance";
import type { Unit } from "./query";
import { Matches } from "./matches";
import type { Shard } from "./shard";
import type { Store } from "./store";
import { isPaired } from "./tokens";

/** The notes that match a unit, the terms that they were found by, and how the unit may go on. */
export interface UnitMatches {
  readonly notes: Matches;
  readonly terms: Set<string>;
  /** Terms of the parts of a joined word: of less worth where the word itself is found. */
  readonly parts: Set<string>;
  readonly completion: string;
}

const LEVELS = 8;
// Text, tag, heading, alias, title. Within a field a level is worth half to all of its weight, so each weight is more
// than twice the one before: of equal matches, the better field always comes first.
const FIELDS = [1, 2.2, 5, 11, 24] as const;
/** What a match of each code is worth. */
const WORTH = FIELDS.flatMap((weight) =>
  Array.from({ length: LEVELS }, (_, level) => weight * (0.5 + (0.5 * level) / (LEVELS - 1))),
);
const [EXACT, INFLECTED, BEGUN, BY_PARTS] = [1, 0.5, 0.45, 0.6];
// A name that is a typing error away is worth less than an exact match in a text.
const NEAR = [1, 0.02, 0.01];
const NEAR_BEGUN = 0.004;

const SHORTEST_PREFIX = 3; // letters; fewer are looked for among names alone
const FEW = 3; // notes: where fewer match, the word may be misspelled
const SHORTEST_BEGUN = 6; // letters of an unfinished word in which errors are tolerated
const MOST_NEAR = 12;
const MOST_NEAR_SHARDS = 4;

/** Find the notes that match a unit. */
export async function matchUnit(unit: Unit, store: Store): Promise<UnitMatches> {
  const found = new Found(store);
  await Promise.all(unit.whole.map((term) => matchTerm(term, unit.open, store, found)));
  if (unit.parts.length) found.addParts(await matchParts(unit, store), BY_PARTS);
  const [typed] = unit.whole;
  if (typed && found.notes.numbers.length < FEW) await matchNear(typed, unit.open, store, found);
  return found;
}

class Found implements UnitMatches {
  readonly notes: Matches;
  readonly terms = new Set<string>();
  readonly parts = new Set<string>();
  completion = "";

  constructor(private readonly store: Store) {
    this.notes = new Matches(store.notes);
  }

  /** Take the term at a place of a shard. */
  add(shard: Shard, place: number, quality: number): void {
    this.terms.add(shard.terms[place] as string);
    shard.each(place, (passage, code) => {
      this.notes.take(this.store.noteOf(passage), passage, (WORTH[code] ?? 0) * quality);
    });
  }

  addParts(other: UnitMatches, quality: number): void {
    other.terms.forEach((term) => this.parts.add(term));
    for (const note of other.notes.numbers)
      this.notes.take(note, other.notes.passage(note), other.notes.score(note) * quality);
  }

  /** Take all terms of a shard that begin with a prefix. */
  addBegun(prefix: string, shard: Shard): void {
    const [from, to] = shard.range(prefix);
    for (let place = from; place < to; place++) {
      if (shard.terms[place] !== prefix) this.add(shard, place, BEGUN);
    }
  }
}

async function matchTerm(term: string, open: boolean, store: Store, found: Found): Promise<void> {
  const begun = isPaired(term) ? [...term].length === 1 : open;
  const long = isPaired(term) || term.length >= SHORTEST_PREFIX;
  const others = inflections(term);
  const [shards, ...near] = await Promise.all([
    store.shards(term, begun && long),
    ...others.map((other) => store.shards(other, false)),
  ]);
  for (const shard of shards) {
    addExact(term, shard, EXACT, found);
    if (begun && long) found.addBegun(term, shard);
  }
  others.forEach((other, place) => near[place]?.forEach((shard) => addExact(other, shard, INFLECTED, found)));
  if (begun) {
    found.addBegun(term, store.names);
    found.completion = completionOf(term, store.names);
  }
}

function addExact(term: string, shard: Shard, quality: number, found: Found): void {
  const place = shard.find(term);
  if (place >= 0) found.add(shard, place, quality);
}

/** Return a word's plural, or the word that it is the plural of, as far as its letters tell. */
function inflections(term: string): string[] {
  if (!/^\p{L}{3,}$/u.test(term) || isPaired(term)) return [];
  if (term.endsWith("ss")) return [`${term}es`];
  return term.endsWith("s") ? [term.slice(0, -1)] : [`${term}s`];
}

/** Return the term of names that goes on from a prefix and stands in most of them. */
function completionOf(prefix: string, names: Shard): string {
  const [from, to] = names.range(prefix);
  let [best, most] = ["", 0];
  for (let place = from; place < to; place++) {
    const count = names.count(place);
    if (count > most) [best, most] = [names.terms[place] as string, count];
  }
  return best;
}

/** Find the notes that match each part of a joined word, as far as their worst part does. */
async function matchParts(unit: Unit, store: Store): Promise<UnitMatches> {
  const last = unit.parts.length - 1;
  const all = await Promise.all(
    unit.parts.map(async (part, place) => {
      const found = new Found(store);
      await matchTerm(part, unit.open && place === last && part.length > 1, store, found);
      return found;
    }),
  );
  const notes = new Matches(store.notes);
  for (const note of all[0]?.notes.numbers ?? []) {
    const worst = all.reduce((worst, each) => (each.notes.score(note) < worst.notes.score(note) ? each : worst));
    notes.take(note, worst.notes.passage(note), worst.notes.score(note));
  }
  return { notes, terms: new Set(all.flatMap((found) => [...found.terms])), parts: new Set(), completion: "" };
}

/** Find the notes that hold a word which the reader may have meant: among all names, and all words of its first letter. */
async function matchNear(term: string, open: boolean, store: Store, found: Found): Promise<void> {
  const limit = tolerated(term);
  if (!limit) return;
  const sign = term.startsWith("#");
  const words = sign ? [] : await store.words([...term][0] ?? "");
  const begun = open && term.length >= SHORTEST_BEGUN;
  const qualities = new Map<string, number>();
  for (const other of [...store.names.terms, ...words]) {
    const quality = nearness(term, other, limit, begun);
    if (quality && !found.terms.has(other) && other.startsWith("#") === sign) qualities.set(other, quality);
  }
  const near = [...qualities].sort(([, a], [, b]) => b - a).slice(0, MOST_NEAR); // of equal ones, names are first
  for (const [other, quality] of near) addExact(other, store.names, quality, found);
  const shards = near.slice(0, MOST_NEAR_SHARDS).map(([other]) => store.shards(other, false));
  (await Promise.all(shards)).forEach((held, place) => {
    const [other, quality] = near[place] as [string, number];
    held.forEach((shard) => addExact(other, shard, quality, found));
  });
}

/** Return what a match with another word is worth, 0 where it is no typing error away. */
function nearness(term: string, other: string, limit: number, begun: boolean): number {
  const count = errors(term, other, limit);
  if (count <= limit) return NEAR[count] ?? 0;
  return begun && errors(term, other, 1, true) <= 1 ? NEAR_BEGUN : 0;
}
