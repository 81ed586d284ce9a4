// What a reader sees of the graph, and the fragment of an address that leads back to it.
import type { Concepts } from "./concepts";

/** Where the picture is looked at: the middle, in the layout's coordinates, and how much of it is seen. */
export interface Look {
  readonly x: number;
  readonly y: number;
  readonly ratio: number;
}

export interface State {
  readonly query: string;
  /** Types that are not shown. */
  readonly without: readonly string[];
  readonly folder: string;
  readonly tag: string;
  /** The chosen node, -1 for none. */
  readonly node: number;
  /** How far from the chosen node others are shown; 0 shows all. */
  readonly steps: number;
  readonly view: "picture" | "list";
  /** Null where all is seen. */
  readonly look: Look | null;
}

export const MOST_STEPS = 3;
export const EVERYTHING: State = {
  query: "",
  without: [],
  folder: "",
  tag: "",
  node: -1,
  steps: 0,
  view: "picture",
  look: null,
};

/** Return the state that a fragment tells of; what it tells amiss is left out. */
export function readState(fragment: string, concepts: Concepts): State {
  const told = new URLSearchParams(fragment.replace(/^#/, ""));
  const node = told.has("node") ? concepts.find(told.get("node") ?? "") : -1;
  const steps = Number(told.get("steps") ?? 0);
  return {
    query: told.get("find") ?? "",
    without: (told.get("without") ?? "").split(",").filter(Boolean),
    folder: told.get("folder") ?? "",
    tag: told.get("tag") ?? "",
    node,
    steps: node >= 0 && Number.isInteger(steps) && steps >= 0 && steps <= MOST_STEPS ? steps : 0,
    view: told.get("view") === "list" ? "list" : "picture",
    look: readLook(told.get("at") ?? ""),
  };
}

/** Return the fragment of a state, empty where everything is shown. */
export function writeState(state: State, concepts: Concepts): string {
  const told = new URLSearchParams();
  const tell = (name: string, value: string): void => {
    if (value) told.set(name, value);
  };
  tell("find", state.query);
  tell("without", state.without.join(","));
  tell("folder", state.folder);
  tell("tag", state.tag);
  tell("node", state.node >= 0 ? concepts.id(state.node) : "");
  tell("steps", state.steps ? String(state.steps) : "");
  tell("view", state.view === "list" ? "list" : "");
  const { look } = state;
  tell("at", look ? [look.x, look.y, look.ratio].map((value) => value.toFixed(3)).join(",") : "");
  const text = told.toString();
  return text ? `#${text}` : "";
}

function readLook(text: string): Look | null {
  const [x, y, ratio, ...more] = text.split(",").map(Number);
  if (x === undefined || y === undefined || ratio === undefined || more.length) return null;
  return [x, y, ratio].every(Number.isFinite) && ratio > 0 ? { x, y, ratio } : null;
}
