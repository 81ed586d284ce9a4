// Decides where notes in a margin go. Knows only numbers: all are distances from the top, in pixels.

export interface Span {
  readonly top: number;
  readonly bottom: number;
}

export interface Wanted {
  /** Where the note would stand: beside the line that refers to it. */
  readonly top: number;
  readonly height: number;
}

/**
 * Return a top for each note, in order: never above where it is wanted, at least `gap` below the note before, and at
 * least `gap` from everything that already stands in the margin.
 */
export function place(notes: readonly Wanted[], taken: readonly Span[], gap: number): number[] {
  const spans = [...taken].sort((a, b) => a.top - b.top);
  let free = -Infinity;
  return notes.map((note) => {
    let top = Math.max(note.top, free);
    for (const span of spans) {
      if (top + note.height + gap > span.top && top < span.bottom + gap) top = span.bottom + gap;
    }
    free = top + note.height + gap;
    return top;
  });
}
