// Brings the runtime and the graphs to a worker, and asks it for results. What was fetched once is kept for the next
// visit, offline too, where the browser lets a site keep things. Knows nothing of fields or pictures.
import type { Answer, Form, Request, Tensors } from "./types";

declare const RUNTIME_VERSION: string; // the hash of the runtime's file, which its worker was built for
const KEPT = "wikitorch-panels";
// A module of one function that uses a 128-bit vector: what the runtime is made of.
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];

/** Something that a reader can be told in one sentence. */
export class CannotRun extends Error {}

type Sent = Request extends infer One ? (One extends Request ? Omit<One, "id"> : never) : never;

export class Runtime {
  private readonly waiting = new Map<number, { resolve: (outputs: Tensors) => void; reject: (error: Error) => void }>();
  private asked = 0;

  private constructor(private readonly worker: Worker) {
    worker.addEventListener("message", (event: MessageEvent<Answer>) => this.take(event.data));
    worker.addEventListener("error", () => this.fail("The runtime stopped. Reload the page to start it again."));
  }

  /** Fetch what a panel needs and start it. Throws CannotRun with what to tell the reader. */
  static async start(form: Form, loading: (megabytes: string) => void): Promise<Runtime> {
    if (typeof WebAssembly !== "object" || !WebAssembly.validate(new Uint8Array(SIMD))) {
      throw new CannotRun("This browser has no WebAssembly SIMD, which the model runs on. A browser from 2023 or later has it.");
    }
    const names = Object.keys(form.graphs);
    let received = 0;
    const count = (bytes: number): void => loading(((received += bytes) / 1e6).toFixed(1));
    const urls = [versioned(form.wasm), ...Object.values(form.graphs)];
    const [wasm, ...files] = await Promise.all(urls.map((url) => bring(url, count)));
    const runtime = new Runtime(new Worker(new URL(versioned(form.worker), document.baseURI), { type: "module" }));
    const graphs = Object.fromEntries(names.map((name, index) => [name, files[index]!]));
    await runtime.ask({ kind: "load", wasm: wasm!, graphs });
    return runtime;
  }

  run(graph: string, inputs: Tensors): Promise<Tensors> {
    return this.ask({ kind: "run", graph, inputs });
  }

  end(): void {
    this.worker.terminate();
  }

  private ask(request: Sent): Promise<Tensors> {
    const id = (this.asked += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, ...request });
    });
  }

  private take(answer: Answer): void {
    const asked = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if ("error" in answer) asked?.reject(new CannotRun(`The model could not run: ${answer.error}`));
    else asked?.resolve(answer.outputs);
  }

  private fail(words: string): void {
    for (const { reject } of this.waiting.values()) reject(new CannotRun(words));
    this.waiting.clear();
  }
}

function versioned(address: string): string {
  return `${address}?v=${RUNTIME_VERSION}`;
}

/** Return a file, kept or fetched. The address holds its version, so an older one with the same path is let go. */
async function bring(address: string, count: (bytes: number) => void): Promise<ArrayBuffer> {
  const url = new URL(address, document.baseURI);
  const kept = await openKept();
  const found = await kept?.match(url);
  if (found) return found.arrayBuffer();
  const answer = await fetch(url).catch(() => null);
  if (!answer?.ok || !answer.body) {
    const why = answer ? `the server answered ${answer.status}` : "the network did not answer";
    throw new CannotRun(`Could not fetch what the model runs on: ${why}. Check the connection and press Run again.`);
  }
  const bytes = await collect(answer.body, count);
  await kept?.delete(url, { ignoreSearch: true });
  await kept?.put(url, new Response(bytes)).catch(() => undefined); // no room to keep it: it will be fetched again
  return bytes;
}

async function openKept(): Promise<Cache | null> {
  try {
    return await caches.open(KEPT);
  } catch {
    return null; // a private window, or a page that is not secure
  }
}

async function collect(body: ReadableStream<Uint8Array>, count: (bytes: number) => void): Promise<ArrayBuffer> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value as Uint8Array<ArrayBuffer>);
    count(part.value.length);
  }
  return new Blob(parts).arrayBuffer();
}
