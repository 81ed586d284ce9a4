// A part of the index: terms in order, and where each stands. Knows nothing of fetching.

/** What site_builder/search/files.py writes of some terms. */
export interface ShardFile {
  readonly terms: string;
  readonly counts: readonly number[];
  readonly steps: readonly number[];
  readonly codes: string;
}

const FIRST_CODE = "0".charCodeAt(0);

export class Shard {
  readonly terms: readonly string[];
  private readonly starts: readonly number[];

  constructor(private readonly file: ShardFile) {
    this.terms = file.terms ? file.terms.split(" ") : [];
    let start = 0;
    this.starts = file.counts.map((count) => (start += count) - count);
  }

  /** Return the places of the terms that begin with a prefix: from, and up to. */
  range(prefix: string): [from: number, to: number] {
    const from = firstAtLeast(this.terms, prefix);
    let to = from;
    while (this.terms[to]?.startsWith(prefix)) to++;
    return [from, to];
  }

  /** Return the place of a term, or -1. */
  find(term: string): number {
    const place = firstAtLeast(this.terms, term);
    return this.terms[place] === term ? place : -1;
  }

  /** Return how many passages hold the term at a place. */
  count(place: number): number {
    return this.file.counts[place] ?? 0;
  }

  /** Tell each passage that holds the term at a place, and the code of its field and of the level within it. */
  each(place: number, tell: (passage: number, code: number) => void): void {
    const start = this.starts[place] ?? 0;
    const end = start + this.count(place);
    let passage = 0;
    for (let at = start; at < end; at++) {
      passage += this.file.steps[at] as number;
      tell(passage, this.file.codes.charCodeAt(at) - FIRST_CODE);
    }
  }
}

/** Return the first place in a sorted list whose text is not below another. */
export function firstAtLeast(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
