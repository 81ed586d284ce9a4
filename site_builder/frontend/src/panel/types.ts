// What a panel's description says, and what passes between the page and its worker. Values only.

export type Labels = string | readonly string[];

export type Field =
  | { kind: "tokens"; name: string; label: string; vocabulary: Record<string, number>; min_length: number; max_length: number }
  | { kind: "numbers"; name: string; label: string; rows: readonly string[]; columns: readonly string[] }
  | { kind: "slider"; name: string; label: string }
  | { kind: "toggle"; name: string; label: string };

export interface Output {
  kind: "weights" | "matrix" | "mask";
  name: string;
  label: string;
  rows: Labels;
  columns: Labels;
}

interface Common {
  inputs: readonly Field[];
  outputs: readonly Output[];
  graphs: Record<string, string>;
  wasm: string;
  worker: string;
}

export interface PlaygroundForm extends Common {
  kind: "playground";
}

export interface GenerationForm extends Common {
  kind: "generation";
  vocabulary: readonly string[];
  start: number;
  end: number;
  limit: number;
  empty: readonly number[];
}

export type Form = PlaygroundForm | GenerationForm;

export type Numbers = Float32Array | BigInt64Array | Uint8Array;

export interface Tensor {
  type: "float32" | "int64" | "bool";
  dims: readonly number[];
  data: Numbers;
}

export type Tensors = Record<string, Tensor>;

export type Request =
  | { id: number; kind: "load"; wasm: ArrayBuffer; graphs: Record<string, ArrayBuffer> }
  | { id: number; kind: "run"; graph: string; inputs: Tensors };

export type Answer = { id: number; outputs: Tensors } | { id: number; error: string };
