// The sentence in which a note matches, with the matches marked. Knows nothing of ranking.
import type { Fragment, SectionFile } from "./store";
import { findWords, termsOf } from "./tokens";

/** A section that matches: HTML of its heading and sentence, how many units it covers, and how many its heading. */
export interface Excerpt {
  readonly anchor: string;
  readonly heading: string;
  readonly sentence: string;
  readonly covered: number;
  readonly named: number;
}

/** A word of a text, and the units that it matches: a joined word may match several. */
interface Mark {
  readonly start: number;
  readonly end: number;
  readonly units: readonly number[];
}

interface Marked {
  readonly text: string;
  readonly marks: readonly Mark[];
}

const SENTENCE = /[^\n]*?(?:[.!?…](?=\s)|[。！？]|$|\n)\s*/gmu;
const LONGEST = 220; // characters of an excerpt
const SHORT = 90; // characters below which the next sentence is shown too

/** Marks words that match a query, and remembers which. */
export class Marker {
  readonly words = new Set<string>();

  constructor(private readonly terms: readonly ReadonlySet<string>[]) {}

  /** Return a text as HTML with its matches marked. */
  html(text: string): string {
    return this.marked(this.find(text), 0, text.length);
  }

  /** Return how many units a text matches. */
  covers(text: string): number {
    return unitsOf(this.find(text).marks).size;
  }

  find(text: string): Marked {
    const marks = findWords(text).flatMap(({ text: word, start }) => {
      const own = termsOf(word);
      const units = this.terms.flatMap((terms, unit) => (own.some((term) => terms.has(term)) ? [unit] : []));
      return units.length ? [{ start, end: start + word.length, units }] : [];
    });
    return { text, marks };
  }

  marked({ text, marks }: Marked, start: number, end: number): string {
    let [html, position] = ["", start];
    for (const mark of marks) {
      if (mark.start < start || mark.end > end) continue;
      const word = text.slice(mark.start, mark.end);
      this.words.add(word.toLowerCase());
      html += `${escape(text.slice(position, mark.start))}<mark>${escape(word)}</mark>`;
      position = mark.end;
    }
    return html + escape(text.slice(position, end));
  }
}

/** Return the sections of a passage that match, the best first. */
export function excerpts(fragment: Fragment, marker: Marker): Excerpt[] {
  const found = fragment[4].map((section) => excerpt(section, marker)).filter((each) => each.covered > 0);
  return found.sort((a, b) => b.covered - a.covered || b.named - a.named);
}

/** Return how a passage begins, for a note that matches by its names alone. */
export function beginning(fragment: Fragment, marker: Marker): string {
  const text = fragment[4].find((section) => section[2])?.[2] ?? "";
  return text ? cut(marker.find(text), 0, marker) : "";
}

function unitsOf(marks: readonly Mark[]): Set<number> {
  return new Set(marks.flatMap((mark) => mark.units));
}

function excerpt([anchor, heading, text]: SectionFile, marker: Marker): Excerpt {
  const marked = marker.find(text);
  const named = marker.covers(heading);
  const units = unitsOf([...marked.marks, ...marker.find(heading).marks]);
  const sentence = text && units.size ? cut(marked, bestSentence(marked), marker) : "";
  return { anchor, heading: units.size ? marker.html(heading) : heading, sentence, covered: units.size, named };
}

/** Return where the sentence begins that covers most units; of equal ones the first without a formula. */
function bestSentence({ text, marks }: Marked): number {
  let [best, most] = [0, 0];
  for (const found of text.matchAll(new RegExp(SENTENCE))) {
    const end = found.index + found[0].length;
    const covered = unitsOf(marks.filter((mark) => mark.start >= found.index && mark.end <= end));
    const worth = covered.size && covered.size + (/[=^\\]/.test(found[0]) ? 0 : 0.5);
    if (worth > most) [best, most] = [found.index, worth];
  }
  return best;
}

/** Return the sentence that begins at a place, cut around its first match where it is long, as HTML. */
function cut(marked: Marked, start: number, marker: Marker): string {
  const { text, marks } = marked;
  let end = sentenceEnd(text, start);
  if (end - start < SHORT && end < text.length) end = sentenceEnd(text, end);
  if (end - start <= LONGEST) return marker.marked(marked, start, end).trim().replaceAll("\n", " · ");
  const first = marks.find((mark) => mark.start >= start && mark.start < end)?.start ?? start;
  const from = first - start > LONGEST / 2 ? wordAt(text, first - LONGEST / 3) : start;
  const to = Math.min(end, wordAt(text, from + LONGEST));
  const html = marker.marked(marked, from, to).trim().replaceAll("\n", " · ");
  return `${from > start ? "…" : ""}${html}${to < end ? "…" : ""}`;
}

function sentenceEnd(text: string, start: number): number {
  const pattern = new RegExp(SENTENCE);
  pattern.lastIndex = start;
  const found = pattern.exec(text);
  return found && found[0] ? start + found[0].length : text.length;
}

/** Return where the first word begins at or after a place; the place itself where no word does soon. */
function wordAt(text: string, place: number): number {
  const at = Math.round(place);
  const space = text.slice(at, at + 40).search(/\s/);
  return Math.min(text.length, space < 0 ? at : at + space + 1);
}

const SIGNS: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => SIGNS[sign] ?? sign);
}
