// Material's search worker, in its place: the same messages, answered from an index of which a query fetches a part.
import { items, type Item } from "./items";
import { search } from "./search";
import { Store } from "./store";

/** The messages of Material's bundle, as of version 9. */
const [SETUP, READY, QUERY, RESULT] = [0, 1, 2, 3];

interface Message {
  readonly type: number;
  readonly data?: unknown;
}

/** What the page is told beside the results: shown as the line above them. */
export interface Report {
  readonly query: string;
  readonly shown: number;
  readonly total: number;
  readonly failed: boolean;
}

interface Scope {
  readonly location: { readonly href: string };
  postMessage(message: Message & { readonly data?: { items: Item[][]; suggest?: string[] } }): void;
  addEventListener(type: "message", listener: (event: { readonly data: Message }) => void): void;
}

const scope = self as unknown as Scope;
const reports = new BroadcastChannel("wikitorch-search");
const PAUSE = 40; // milliseconds without another key before passages are fetched

let folder = "";
let opened: Promise<Store> | undefined;
let last = 0;

scope.addEventListener("message", ({ data: { type, data } }) => {
  if (type === SETUP) {
    folder = new URL(`search/${(data as { config: { index: string } }).config.index}/`, scope.location.href).href;
    scope.postMessage({ type: READY });
  } else if (type === QUERY) void answer(String(data));
});

async function answer(query: string): Promise<void> {
  const number = ++last;
  const isLast = (): boolean => number === last;
  if (!query.trim()) {
    scope.postMessage({ type: RESULT, data: { items: [] } });
    return;
  }
  const pause = new Promise((done) => setTimeout(done, PAUSE));
  try {
    const found = await search(query, open(), () => pause.then(isLast));
    const shown = await items(found);
    if (!isLast()) return;
    const typed = query.split(/[\s-]+/).at(-1) ?? "";
    const goesOn = typed !== "" && found.completion.startsWith(typed.toLowerCase());
    const suggest = goesOn ? [typed + found.completion.slice(typed.length)] : [];
    scope.postMessage({ type: RESULT, data: { items: shown, suggest } });
    reports.postMessage({ query, shown: shown.length, total: found.total, failed: false } satisfies Report);
  } catch (error) {
    console.warn("search:", error);
    if (!isLast()) return;
    scope.postMessage({ type: RESULT, data: { items: [] } });
    reports.postMessage({ query, shown: 0, total: 0, failed: true } satisfies Report);
  }
}

/** Open the index once; after a failure, again at the next query. */
function open(): Promise<Store> {
  opened ??= Store.open(load).catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

async function load(name: string): Promise<unknown> {
  const answer = await fetch(folder + name);
  if (!answer.ok) throw new Error(`${answer.status} ${name}`);
  return answer.json();
}
