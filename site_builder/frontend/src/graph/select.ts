// Which nodes a state shows, and which a query means.
import { fold } from "../search/tokens";
import type { Concepts } from "./concepts";
import type { State } from "./state";

/** Return for each node whether it is shown.
 *
 * A folder and a tag narrow the notes; what is no note is shown beside a note that links it.
 */
export function shownNodes(concepts: Concepts, state: State): Uint8Array {
  const shown = new Uint8Array(concepts.count).fill(1);
  if (state.folder || state.tag) narrow(shown, concepts, state);
  if (state.steps) keepWithin(shown, concepts, state.node, state.steps);
  for (let node = 0; node < shown.length; node++) if (state.without.includes(concepts.type(node))) shown[node] = 0;
  return shown;
}

function narrow(shown: Uint8Array, concepts: Concepts, { folder, tag }: State): void {
  const tagged = tag ? concepts.tagged(tag) : null;
  const isNote = (node: number): boolean => concepts.type(node) === "note";
  const isMeant = (node: number): boolean => {
    const its = concepts.folder(node);
    return its !== null && (!folder || its === folder || its.startsWith(`${folder}/`)) && (!tagged || tagged.has(node));
  };
  for (let node = 0; node < shown.length; node++) shown[node] = isMeant(node) ? 1 : 0;
  for (let node = 0; node < shown.length; node++)
    if (!isNote(node) && concepts.neighbors(node).some((other) => isNote(other) && shown[other])) shown[node] = 1;
}

function keepWithin(shown: Uint8Array, concepts: Concepts, node: number, steps: number): void {
  const reached = new Set([node]);
  let rim = [node];
  for (let step = 0; step < steps; step++) {
    const next = rim.flatMap((each) => [...concepts.neighbors(each)]).filter((each) => shown[each] && !reached.has(each));
    rim = [...new Set(next)];
    for (const each of rim) reached.add(each);
  }
  for (let each = 0; each < shown.length; each++) if (!reached.has(each)) shown[each] = 0;
}

/** Return the nodes whose titles hold a query: those that begin with it, those with a word that does, the others. */
export function matchingNodes(concepts: Concepts, query: string, shown: Uint8Array): number[] {
  const wanted = query.split(/\s+/).map(fold).filter(Boolean).join(" ");
  if (!wanted) return [];
  const found: [kind: number, node: number][] = [];
  concepts.folded.forEach((title, node) => {
    const at = shown[node] ? title.indexOf(wanted) : -1;
    if (at >= 0) found.push([title === wanted ? 0 : at === 0 ? 1 : ` ${title}`.includes(` ${wanted}`) ? 2 : 3, node]);
  });
  found.sort(([kind, a], [other, b]) => kind - other || concepts.rank(b) - concepts.rank(a) || a - b);
  return found.map(([, node]) => node);
}

/** Return the numbers of the nodes that are shown. */
export function numbers(shown: Uint8Array): number[] {
  return [...shown.keys()].filter((node) => shown[node]);
}

/** Return the most central of the nodes that are shown, undefined where none is. */
export function mostCentral(concepts: Concepts, shown: Uint8Array): number | undefined {
  const [first, ...rest] = numbers(shown);
  return rest.reduce((best, each) => (concepts.rank(each) > concepts.rank(best!) ? each : best), first);
}
