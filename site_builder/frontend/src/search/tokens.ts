// Words, as the index holds them and queries ask for them: site_builder/search/tokens.py says the same.

const LONGEST = 64;
const PAIRED = "\\u3005-\\u3007\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3fffd}";
const LETTERS = `(?:\\w|(?![${PAIRED}])[\\p{L}\\p{N}])+`; // \w first, since most letters are, and cost a third
const WORD = `${LETTERS}(?:\\p{M}+(?:${LETTERS})?)*`;
const WORDS = new RegExp(`[${PAIRED}]+|${WORD}(?:[.^'’+-]${WORD})*`, "gu");
const IS_PAIRED = new RegExp(`^[${PAIRED}]`, "u");
const ACCENTS = /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670\u06d6-\u06ed]/g;
const JOINTS = /[_.^'’+-]+/;
const PLAIN = /^[A-Za-z][a-z]*$/; // most words, which cost a tenth as themselves
const HUMP = /(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/;

/** A word of a text, and where it begins. */
export interface Word {
  readonly text: string;
  readonly start: number;
}

/** Return the words of a text, in order, as they are written. */
export function findWords(text: string): Word[] {
  return [...text.matchAll(WORDS)].map((found) => ({ text: found[0], start: found.index }));
}

const known = new Map<string, readonly string[]>();

/** Return the terms that find a word of a text: itself, its joined parts, and each of them. */
export function termsOf(word: string): readonly string[] {
  let terms = known.get(word);
  if (!terms) known.set(word, (terms = makeTerms(word)));
  return terms;
}

function makeTerms(word: string): string[] {
  if (PLAIN.test(word)) return [word.toLowerCase().slice(0, LONGEST)];
  if (IS_PAIRED.test(word)) return [...new Set(pairs(word))];
  const parts = word.split(JOINTS).filter(Boolean);
  const found = [fold(word)];
  if (word.includes("-")) found.push(parts.map(fold).join(""));
  found.push(...parts.map(fold));
  for (const part of parts) {
    const humps = part.split(HUMP);
    if (humps.length > 1) found.push(...humps.map(fold));
  }
  return [...new Set(found.filter((term) => /[^_]/.test(term)).map((term) => [...term].slice(0, LONGEST).join("")))];
}

/** Return a word without case and accents, and without the spaces that some signs, like `ﷺ`, are said to hold. */
export function fold(word: string): string {
  const plain = word.toLowerCase().normalize("NFKD").replace(ACCENTS, "").normalize("NFC");
  return plain.toLowerCase().replaceAll("ς", "σ").replaceAll("’", "'").replaceAll(" ", "");
}

/** Return a text so that it holds each term of its words, in this form too: without case, accents, spaces and joints. */
export function plain(text: string): string {
  const letters = text.toLowerCase().normalize("NFKD").replace(ACCENTS, "").toLowerCase().replaceAll("ς", "σ");
  return letters.replace(/[\s_.^'’+-]+/g, "");
}

/** Return each two characters that touch, and the last, which begins no pair. */
export function pairs(run: string): string[] {
  const characters = [...fold(run)];
  return characters.map((first, place) => first + (characters[place + 1] ?? ""));
}

export function isPaired(word: string): boolean {
  return IS_PAIRED.test(word);
}
