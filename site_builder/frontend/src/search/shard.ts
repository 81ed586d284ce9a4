// A part of the index: terms in order, and where each stands. Knows nothing of fetching.

/** What site_builder/search/files.py writes of some terms. */
export interface ShardFile {
  readonly terms: string;
  readonly counts: readonly number[];
  readonly steps: readonly number[];
  readonly codes: string;
}

/** The passages that hold a term, and for each the field and the level within it. */
export interface Posting {
  readonly passages: readonly number[];
  readonly codes: readonly number[];
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

  posting(place: number): Posting {
    const start = this.starts[place] ?? 0;
    const end = start + (this.file.counts[place] ?? 0);
    let passage = 0;
    const passages = this.file.steps.slice(start, end).map((step) => (passage += step));
    return { passages, codes: Array.from(this.file.codes.slice(start, end), (sign) => sign.charCodeAt(0) - FIRST_CODE) };
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
