// Reads what a reader has typed, slid and ticked into tensors. Knows nothing of running or drawing.
import type { Field, Tensor, Tensors } from "./types";

/** The words in a panel's fields of tokens, by field, and the tensors of all fields; null while one is wrong. */
export interface Given {
  words: Record<string, readonly string[]>;
  tensors: Tensors;
}

/** Read all fields of a form, and say beside a field what is wrong with it. */
export function readFields(form: HTMLFormElement, fields: readonly Field[]): Given | null {
  const given: Given = { words: {}, tensors: {} };
  let right = true;
  for (const field of fields) {
    const controls = [...form.querySelectorAll<HTMLInputElement>(`input[name="${field.name}"]`)];
    const tensor = field.kind === "tokens" ? readTokens(controls[0]!, field, given) : readControls(controls, field);
    if (tensor) given.tensors[field.name] = tensor;
    else right = false;
  }
  return right ? given : null;
}

function readTokens(control: HTMLInputElement, field: Extract<Field, { kind: "tokens" }>, given: Given): Tensor | null {
  const words = control.value.trim().split(/[\s,-]+/).filter(Boolean).map((word) => asKnown(word, field.vocabulary));
  const unknown = words.find((word) => !Object.hasOwn(field.vocabulary, word));
  let wrong = "";
  if (unknown !== undefined) wrong = `The model does not know “${unknown}”.`;
  else if (words.length < field.min_length) wrong = `Type at least ${countWords(field.min_length)}.`;
  else if (words.length > field.max_length) wrong = `Type at most ${countWords(field.max_length)}.`;
  control.setAttribute("aria-invalid", String(wrong !== ""));
  const place = control.parentElement?.querySelector(".wt-panel__error");
  if (place && place.textContent !== wrong) place.textContent = wrong;
  if (wrong) return null;
  given.words[field.name] = words;
  return int64([1, words.length], words.map((word) => field.vocabulary[word]!));
}

function asKnown(word: string, vocabulary: Record<string, number>): string {
  return Object.keys(vocabulary).find((known) => known.toLowerCase() === word.toLowerCase()) ?? word;
}

function countWords(number: number): string {
  return number === 1 ? "one word" : `${number} words`;
}

function readControls(controls: readonly HTMLInputElement[], field: Exclude<Field, { kind: "tokens" }>): Tensor | null {
  const first = controls[0]!;
  if (field.kind === "toggle") return { type: "bool", dims: [], data: Uint8Array.of(Number(first.checked)) };
  if (field.kind === "slider") {
    const shown = first.parentElement?.querySelector("label > span");
    if (shown) shown.textContent = first.value;
    return int64([], [first.valueAsNumber]);
  }
  const numbers = controls.map((control) => control.valueAsNumber);
  controls.forEach((control, index) => control.setAttribute("aria-invalid", String(!Number.isFinite(numbers[index]))));
  if (!numbers.every(Number.isFinite)) return null;
  return { type: "float32", dims: [field.rows.length, field.columns.length], data: Float32Array.from(numbers) };
}

export function int64(dims: readonly number[], numbers: readonly number[]): Tensor {
  return { type: "int64", dims, data: BigInt64Array.from(numbers, BigInt) };
}
