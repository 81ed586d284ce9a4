// What a reader typed, as units that a note must match. Knows nothing of the index.
import { findWords, fold, isPaired, pairs, termsOf } from "./tokens";

/** A word of the query. `whole` are terms of which one must match; in their stead all of `parts` may, where it has any. */
export interface Unit {
  readonly typed: string;
  readonly whole: readonly string[];
  readonly parts: readonly string[];
  /** Whether the reader may still be typing it. */
  readonly open: boolean;
}

const TAG = /(^|\s)#([^\s#]+)/gu;

/** Return the units of a query, each once. */
export function readQuery(text: string): Unit[] {
  const tags = [...text.matchAll(TAG)].map((found) => found[2] as string);
  const words = findWords(text.replace(TAG, " ")).map((word) => word.text);
  const open = !/\s$/.test(text);
  const lastIsTag = /(^|\s)#[^\s#]+$/u.test(text);
  const units = [
    ...words.map((word, place) => unitOf(word, open && !lastIsTag && place === words.length - 1)),
    ...tags.map((tag, place) => tagUnit(tag, open && lastIsTag && place === tags.length - 1)),
  ];
  return units.filter((unit, place) => units.findIndex((other) => other.typed === unit.typed) === place);
}

function tagUnit(tag: string, open: boolean): Unit {
  return { typed: `#${tag}`, whole: [`#${fold(tag)}`], parts: [], open };
}

function unitOf(word: string, open: boolean): Unit {
  if (isPaired(word)) {
    const all = pairs(word);
    const touching = all.length > 1 ? all.slice(0, -1) : all;
    return { typed: word, whole: touching.length > 1 ? [] : touching, parts: touching.length > 1 ? touching : [], open };
  }
  const [whole, ...rest] = termsOf(word);
  const joined = word.includes("-") ? rest.slice(0, 1) : [];
  const parts = word
    .split(/[_.^'’+-]+/)
    .filter(Boolean)
    .map(fold);
  return { typed: word, whole: whole ? [whole, ...joined] : [], parts: parts.length > 1 ? parts : [], open };
}
