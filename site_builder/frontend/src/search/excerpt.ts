// The sentence in which a note matches, with the matches marked. Knows nothing of ranking.
import type { Fragment, SectionFile } from "./store";
import { findWords, plain, termsOf } from "./tokens";

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

const SENTENCE = /[^\n]*?(?:[.!?…](?=\s)|[。！？]|$|\n)\s*/gmu;
const LONGEST = 220; // characters of an excerpt
const SHORT = 90; // characters below which the next sentence is shown too

/** Marks words that match a query, and remembers which. */
export class Marker {
  readonly words = new Set<string>();
  /** What all terms of each unit begin with, where it has any. */
  private readonly beginnings: readonly (string | undefined)[];
  /** The units that each word matches which was met so far. */
  private readonly known = new Map<string, readonly number[]>();

  constructor(private readonly terms: readonly ReadonlySet<string>[]) {
    this.beginnings = terms.map((each) => (each.size ? plain(commonBeginning([...each])) : undefined));
  }

  /** Return a text, or a part of it, as HTML with its matches marked. */
  html(text: string, marks = this.find(text), start = 0, end = text.length): string {
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

  /** Return how many units a text matches. */
  covers(text: string): number {
    return this.units(text).size;
  }

  /** Return the units that a text matches. */
  units(text: string): Set<number> {
    return new Set(this.find(text).flatMap((mark) => mark.units));
  }

  /** Return the units that a text may match, which is soon seen: all that it does match are among them. */
  possible(text: string): number[] {
    const held = plain(text);
    return this.beginnings.flatMap((beginning, unit) => (beginning !== undefined && held.includes(beginning) ? [unit] : []));
  }

  find(text: string): Mark[] {
    if (!this.possible(text).length) return [];
    const marks: Mark[] = [];
    for (const { text: word, start } of findWords(text)) {
      const units = this.unitsOf(word);
      if (units.length) marks.push({ start, end: start + word.length, units });
    }
    return marks;
  }

  private unitsOf(word: string): readonly number[] {
    let units = this.known.get(word);
    if (!units) {
      const own = termsOf(word);
      units = this.terms.flatMap((terms, unit) => (own.some((term) => terms.has(term)) ? [unit] : []));
      this.known.set(word, units);
    }
    return units;
  }
}

function commonBeginning(terms: readonly string[]): string {
  const [first, last] = [terms.reduce((a, b) => (a < b ? a : b)), terms.reduce((a, b) => (a > b ? a : b))];
  let end = 0;
  while (end < first.length && first[end] === last[end]) end++;
  return first.slice(0, end);
}

/** Return the sections of a passage that match, the best first. */
export function excerpts(fragment: Fragment, marker: Marker): Excerpt[] {
  const found = fragment[4].map((section) => excerpt(section, marker)).filter((each) => each.covered > 0);
  return found.sort((a, b) => b.covered - a.covered || b.named - a.named);
}

/** Return how a passage begins, for a note that matches by its names alone. */
export function beginning(fragment: Fragment, marker: Marker): string {
  const text = fragment[4].find((section) => section[2])?.[2] ?? "";
  return text ? cut(text, 0, marker) : "";
}

function excerpt([anchor, heading, text]: SectionFile, marker: Marker): Excerpt {
  const named = marker.units(heading);
  const { start, units } = bestSentence(text, marker);
  const covered = new Set([...named, ...units]).size;
  const sentence = text && covered ? cut(text, start, marker) : "";
  return { anchor, heading: marker.html(heading), sentence, covered, named: named.size };
}

/** Return where the sentence begins that covers most units, of equal ones the first without a formula; and all units. */
function bestSentence(text: string, marker: Marker): { start: number; units: Set<number> } {
  const units = new Set<number>();
  let [start, most] = [0, 0];
  for (const { 0: sentence, index } of marker.possible(text).length ? text.matchAll(SENTENCE) : []) {
    const possible = marker.possible(sentence);
    if (possible.length < most && possible.every((unit) => units.has(unit))) continue;
    const found = marker.units(sentence);
    found.forEach((unit) => units.add(unit));
    const worth = found.size && found.size + (/[=^\\]/.test(sentence) ? 0 : 0.5);
    if (worth > most) [start, most] = [index, worth];
  }
  return { start, units };
}

/** Return the sentence that begins at a place, cut around its first match where it is long, as HTML. */
function cut(whole: string, start: number, marker: Marker): string {
  let end = sentenceEnd(whole, start);
  if (end - start < SHORT && end < whole.length) end = sentenceEnd(whole, end);
  const text = whole.slice(start, end);
  const marks = marker.find(text);
  const html = (from: number, to: number): string => marker.html(text, marks, from, to).trim().replaceAll("\n", " · ");
  if (text.length <= LONGEST) return html(0, text.length);
  const first = marks[0]?.start ?? 0;
  const from = first > LONGEST / 2 ? wordAt(text, first - LONGEST / 3) : 0;
  const to = wordAt(text, from + LONGEST);
  return `${from > 0 ? "…" : ""}${html(from, to)}${to < text.length ? "…" : ""}`;
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
