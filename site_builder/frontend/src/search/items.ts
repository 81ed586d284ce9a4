// What was found, in the form in which Material's search box shows it. Knows nothing of how it was found.
import { beginning, type Excerpt, excerpts, Marker } from "./excerpt";
import type { Found, Hit } from "./search";
import type { Fragment } from "./store";
import { fold } from "./tokens";

/** A page or a section of it: `title`, `text` and `tags` are HTML, `terms` say which words of the query it holds. */
export interface Item {
  readonly location: string;
  readonly title: string;
  readonly text: string;
  readonly tags?: readonly string[];
  readonly score: number;
  readonly terms: Record<string, boolean>;
}

const MORE_SECTIONS = 4;

/** Return the items of a search, those of one page together. Each page's are made while others are on their way. */
export function items(found: Found): Promise<Item[][]> {
  return Promise.all(found.hits.map(async (hit) => itemsOf(await hit, found)));
}

function itemsOf(hit: Hit, found: Found): Item[] {
  const { fragment } = hit;
  const [address, title, aliases] = fragment;
  const marker = markerFor(fragment, found);
  const named = Math.max(0, ...[title, ...aliases].map((name) => marker.covers(name)));
  const sections = excerpts(fragment, marker);
  const [best] = sections;
  const onTop = !best?.anchor || named >= best.covered;
  const rest = sections.filter((each) => each.anchor && (onTop || each !== best)).slice(0, MORE_SECTIONS);
  const lead = onTop ? paragraph(top(sections) || beginning(fragment, marker)) : "";
  const tags = shownTags(fragment, found, marker, !named && !best);
  const shownTitle = marker.html(title);
  const also = alsoCalled(fragment, marker, named);
  const terms = (): Record<string, boolean> => termsOf(hit, found, marker);
  const page = { location: address, title: shownTitle, text: also + lead, score: onTop ? hit.score : 0, terms: terms() };
  const section = (each: Excerpt, score: number): Item => ({
    location: `${address}#${each.anchor}`,
    title: each.heading,
    text: paragraph(each.sentence),
    score,
    terms: terms(),
  });
  const whole = tags.length ? { ...page, tags } : page;
  const more = rest.map((each, place) => section(each, -1 - place));
  return onTop ? [whole, ...more] : [section(best, hit.score), whole, ...more];
}

/** Return what marks the words of a query; parts of a joined word only where the passage does not hold it whole. */
function markerFor([, title, aliases, , sections]: Fragment, { matches }: Found): Marker {
  const texts = [title, ...aliases, ...sections.flatMap(([, heading, text]) => [heading, text])];
  return new Marker(
    matches.map(({ terms, parts }) => {
      if (!parts.size || texts.some((text) => new Marker([terms]).covers(text))) return terms;
      return new Set([...terms, ...parts]);
    }),
  );
}

/** Return how Material marks words on the page that is opened, and which of the query it names as missing. */
function termsOf(hit: Hit, { units }: Found, marker: Marker): Record<string, boolean> {
  const missing = units.filter((_, place) => !hit.matched[place]).map((unit) => [unit.typed, false] as const);
  return Object.fromEntries([...[...marker.words].map((word) => [word, true] as const), ...missing]);
}

/** Return the alias by which a note was found, if its title does not say as much. */
function alsoCalled([, title, aliases]: Fragment, marker: Marker, named: number): string {
  const alias = marker.covers(title) < named ? aliases.find((name) => marker.covers(name) === named) : undefined;
  return alias ? `<p class="wt-search-alias">${marker.html(alias)}</p>` : "";
}

/** Return the tags that were asked for, or by which alone a note was found. */
function shownTags(fragment: Fragment, { units, matches }: Found, marker: Marker, alone: boolean): string[] {
  const asked = units.flatMap((unit, place) => (unit.typed.startsWith("#") ? [...(matches[place]?.terms ?? [])] : []));
  const isAsked = (tag: string): boolean => asked.some((term) => `#${fold(tag)}/`.startsWith(`${term}/`));
  return fragment[3].filter((tag) => isAsked(tag) || (alone && marker.covers(tag))).map((tag) => `#${marker.html(tag)}`);
}

/** Return the sentence of the part of a page that stands above its first heading. */
function top(sections: readonly Excerpt[]): string {
  return sections.find((each) => !each.anchor)?.sentence ?? "";
}

function paragraph(html: string): string {
  return html ? `<p>${html}</p>` : "";
}
