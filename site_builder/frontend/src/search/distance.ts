// How many typing errors lie between two words: a letter too many, too few, wrong, or two in the wrong order.

/**
 * Return the errors between a word and another, or `limit + 1` when there are more. With `begun`, between the word and
 * the beginning of the other that is nearest: what was typed is not whole yet.
 *
 * Optimal string alignment: Damerau 1964 without edits within a transposition.
 */
export function errors(word: string, other: string, limit: number, begun = false): number {
  const far = limit + 1;
  if (word.length - other.length > limit || (!begun && other.length - word.length > limit)) return far;
  let [before, above]: [number[], number[]] = [[], Array.from({ length: word.length + 1 }, (_, place) => place)];
  let nearest = begun ? (above[word.length] as number) : far;
  for (let row = 1; row <= other.length; row++) {
    const line = [row];
    let least = row;
    for (let column = 1; column <= word.length; column++) {
      const same = other[row - 1] === word[column - 1];
      let cost = Math.min(
        (above[column] as number) + 1,
        (line[column - 1] as number) + 1,
        (above[column - 1] as number) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && other[row - 1] === word[column - 2] && other[row - 2] === word[column - 1])
        cost = Math.min(cost, (before[column - 2] as number) + 1);
      line.push(cost);
      least = Math.min(least, cost);
    }
    nearest = begun ? Math.min(nearest, line[word.length] as number) : (line[word.length] as number);
    if (least > limit) return begun ? Math.min(nearest, far) : far;
    [before, above] = [above, line];
  }
  return Math.min(other.length ? nearest : word.length, far);
}

/** Return how many typing errors a word may hold and still be understood. */
export function tolerated(word: string): number {
  const length = [...word].length;
  return length >= 8 ? 2 : length >= 4 ? 1 : 0;
}
