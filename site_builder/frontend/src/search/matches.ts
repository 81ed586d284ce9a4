// The notes that match, by their numbers: arrays, since a frequent word stands in most of them. Knows no terms.

/** How well each note matches, and which of its passages does best. */
export class Matches {
  private scores = new Float64Array();
  private passages = new Int32Array();
  private found = 0;

  constructor(private readonly notes: number) {}

  /** How many notes match. */
  get size(): number {
    return this.found;
  }

  /** Note that a passage of a note matches. The best of a note's passages counts, of equal ones the first. */
  take(note: number, passage: number, score: number): void {
    if (!this.found) [this.scores, this.passages] = [new Float64Array(this.notes), new Int32Array(this.notes)];
    const known = this.score(note);
    if (score <= known) return;
    if (!known) this.found++;
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

  /** Tell each note that matches, in order. */
  each(tell: (note: number, score: number) => void): void {
    this.scores.forEach((score, note) => {
      if (score) tell(note, score);
    });
  }
}
