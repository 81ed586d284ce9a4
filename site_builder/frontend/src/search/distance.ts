// How many typing errors lie between two words: a letter too many, too few, wrong, or two in the wrong order.

/**
 * Return the errors between a word and another, or `limit + 1` when there are more. With `begun`, between the word and
 * the beginning of the other that is nearest: what was typed is not whole yet.
 *
 * Optimal string alignment: Damerau 1964 without edits within a transposition.
 */
export function errors(word: string, other: string, limit: number, begun = false): number {
  return lacks(other, word, limit) ? limit + 1 : errorsFrom(word, 0, other, 0, limit, begun);
}

/** Return whether a word lacks more letters of another than the limit: each is an error, and most words soon do. */
function lacks(word: string, other: string, limit: number): boolean {
  let missing = 0;
  for (let at = 0; at < other.length; at++) {
    const letter = other[at] as string;
    if (!word.includes(letter) && other.indexOf(letter) === at && ++missing > limit) return true;
  }
  return false;
}

/** As far as both agree there is no error; where they do not, each kind of error is tried in turn, as long as the limit allows. */
function errorsFrom(word: string, at: number, other: string, there: number, limit: number, begun: boolean): number {
  while (at < word.length && word.charCodeAt(at) === other.charCodeAt(there)) {
    at++;
    there++;
  }
  const left = word.length - at;
  const right = other.length - there;
  if (!left && begun) return 0;
  if (left - right > limit || (!begun && right - left > limit)) return limit + 1;
  if (!left || !right) return left + right;
  if (!limit) return 1;
  const after = (skipped: number, passed: number): number =>
    1 + errorsFrom(word, at + skipped, other, there + passed, limit - 1, begun);
  const swapped = word[at] === other[there + 1] && word[at + 1] === other[there];
  return Math.min(after(1, 1), after(1, 0), after(0, 1), swapped ? after(2, 2) : limit + 1);
}

/** Return how many typing errors a word may hold and still be understood. */
export function tolerated(word: string): number {
  const length = [...word].length;
  return length >= 8 ? 2 : length >= 4 ? 1 : 0;
}
