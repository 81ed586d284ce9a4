// Runs a panel's graphs, off the page's thread. Fetches nothing: the page hands it the runtime and the graphs.
import * as ort from "onnxruntime-web/wasm";
import type { Answer, Request, Tensors } from "./types";

const sessions = new Map<string, ort.InferenceSession>();

addEventListener("message", (event: MessageEvent<Request>) => {
  const { id } = event.data;
  answer(event.data).then(
    (outputs) => postMessage({ id, outputs } satisfies Answer),
    (error: unknown) => postMessage({ id, error: String(error) } satisfies Answer),
  );
});

async function answer(request: Request): Promise<Tensors> {
  if (request.kind === "run") return run(request.graph, request.inputs);
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = request.wasm;
  for (const [name, graph] of Object.entries(request.graphs)) {
    sessions.set(name, await ort.InferenceSession.create(new Uint8Array(graph), { executionProviders: ["wasm"] }));
  }
  return {};
}

async function run(graph: string, inputs: Tensors): Promise<Tensors> {
  const session = sessions.get(graph);
  if (!session) throw new Error(`no graph ${graph}`);
  const feeds = session.inputNames.map((name) => {
    const given = inputs[name];
    if (!given) throw new Error(`no input ${name}`);
    return [name, new ort.Tensor(given.type, given.data, given.dims)] as const;
  });
  const results = await session.run(Object.fromEntries(feeds));
  return Object.fromEntries(
    Object.entries(results).map(([name, { type, dims, data }]) => [name, { type, dims, data }]),
  ) as unknown as Tensors;
}
