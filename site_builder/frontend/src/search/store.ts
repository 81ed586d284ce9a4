// The index as it lies on the host: fetches the parts that a query needs, each once. Knows nothing of ranking.
import { firstAtLeast, Shard, type ShardFile } from "./shard";

/** Fetches a file of the index by its name, as JSON. */
export type Load = (name: string) => Promise<unknown>;

/** What is fetched before the first query: names.json. */
interface Names {
  readonly version: number;
  readonly notes: number;
  readonly more: readonly number[];
  readonly shards: string;
  readonly words: string;
  readonly names: ShardFile;
}

/** A section of a passage: its anchor as addresses have it, its heading, its text. */
export type SectionFile = readonly [anchor: string, heading: string, text: string];

/** A passage with the names of its note. */
export type Fragment = readonly [
  address: string,
  title: string,
  aliases: readonly string[],
  tags: readonly string[],
  sections: readonly SectionFile[],
];

const SUPPORTED = 1;
const MOST_SHARDS = 8; // that a prefix may ask for

export class Store {
  private constructor(
    private readonly load: Load,
    private readonly file: Names,
    readonly names: Shard,
    private readonly starts: readonly string[],
  ) {}

  private readonly kept = new Map<string, Promise<unknown>>();

  /** Open an index. Rejects when it cannot be fetched, or is another version's. */
  static async open(load: Load): Promise<Store> {
    const file = (await load("names.json")) as Names;
    if (file.version !== SUPPORTED) throw new Error(`search index version ${file.version}`);
    return new Store(load, file, new Shard(file.names), file.shards ? file.shards.split(" ") : []);
  }

  /** How many notes there are. */
  get notes(): number {
    return this.file.notes;
  }

  /** Return the note that a passage belongs to, by its first passage's number. */
  noteOf(passage: number): number {
    return passage < this.file.notes ? passage : (this.file.more[passage - this.file.notes] ?? 0);
  }

  /** Return the shards that may hold terms with a prefix, or the one that may hold a term. */
  async shards(term: string, prefix: boolean): Promise<Shard[]> {
    if (!this.starts.length) return [];
    const exact = firstAtLeast(this.starts, term);
    const first = this.starts[exact] === term ? exact : Math.max(0, exact - 1);
    const end = prefix ? Math.min(firstAtLeast(this.starts, `${term}\uffff`), first + MOST_SHARDS) : first + 1;
    const numbers = Array.from({ length: Math.max(1, end - first) }, (_, place) => first + place);
    return Promise.all(numbers.map((number) => this.keep(`terms/${number}.json`, (file) => new Shard(file as ShardFile))));
  }

  /** Return the words that begin with a letter, for finding what a misspelled one meant. */
  async words(letter: string): Promise<readonly string[]> {
    if (!this.file.words.includes(letter)) return [];
    const name = `words/${(letter.codePointAt(0) ?? 0).toString(16)}.json`;
    return this.keep(name, (file) => (file as string).split(" "));
  }

  fragment(passage: number): Promise<Fragment> {
    return this.keep(`notes/${passage}.json`, (file) => file as Fragment);
  }

  /** Fetch a file, once unless it fails. */
  private keep<T>(name: string, read: (file: unknown) => T): Promise<T> {
    const kept = this.kept.get(name) as Promise<T> | undefined;
    if (kept) return kept;
    const fetched = this.load(name).then(read);
    this.kept.set(name, fetched);
    fetched.catch(() => this.kept.delete(name));
    return fetched;
  }
}
