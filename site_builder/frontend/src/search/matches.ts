// The notes that match, by their numbers: arrays, since a frequent word stands in most of them. Knows no terms.

/** How well each note matches, and which of its passages does best. */
export class Matches {
  /** The numbers of the notes that match, in the order in which they were found. */
  readonly numbers: number[] = [];
  private scores = new Float64Array();
  private passages = new Int32Array();

  constructor(private readonly all: number) {}

  /** Note that a passage of a note matches. The best of a note's passages counts, of equal ones the first. */
  take(note: number, passage: number, score: number): void {
    if (!this.scores.length) [this.scores, this.passages] = [new Float64Array(this.all), new Int32Array(this.all)];
    const known = this.scores[note] as number;
    if (score <= known) return;
    if (!known) this.numbers.push(note);
    this.scores[note] = score;
    this.passages[note] = passage;
  }

  /** Return how well a note matches, 0 where it does not. */
  score(note: number): number {
    return this.scores[note] ?? 0;
  }

  /** Return the best passage of a note that matches. */
  passage(note: number): number {
    return this.passages[note] ?? note;
  }
}
