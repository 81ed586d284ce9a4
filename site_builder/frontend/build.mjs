// Makes site_builder/bundle/: site/ is published with every site, live/ is served by
// `wikitorch serve --live` alone, katex.min.js sets formulas while a site is built, search-engine.js is for tests.
// Knows nothing of notes or pages. The same packages give the same bytes.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const bundle = join(here, "..", "bundle");
const published = ["@fontsource-variable/source-code-pro", "@fontsource-variable/source-sans-3", "@fontsource-variable/source-serif-4", "events", "graphology", "graphology-utils", "katex", "mermaid", "onnxruntime-web", "sigma"];
const editor = ["autocomplete", "commands", "lang-python", "language", "state", "view"].map((name) => `@codemirror/${name}`);

// KaTeX offers each font in three formats; every browser that reads the rest of the style sheet reads woff2.
const woff2Only = {
  name: "woff2-only",
  setup({ onLoad }) {
    onLoad({ filter: /katex\.min\.css$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/,url\([^)]+\.(?:woff|ttf)\) format\("[^"]+"\)/g, ""),
      loader: "css",
    }));
  },
};

async function writeLicenses(part, names) {
  const licenses = await Promise.all(names.map(licenseOf));
  await writeFile(join(bundle, part, "LICENSES.txt"), licenses.join(`\n${"-".repeat(80)}\n\n`));
}

async function licenseOf(name) {
  const folder = join(here, "node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = (await readFile(file ? join(folder, file) : join(here, "licenses", `${name}.txt`), "utf8")).trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
}

const shared = {
  absWorkingDir: here,
  entryNames: "[name]",
  assetNames: "fonts/[name]",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome111", "firefox115", "safari16.4"],
  loader: { ".woff2": "file" },
  legalComments: "none",
  logLevel: "warning",
};

for (const part of ["site", "live"]) {
  await rm(join(bundle, part), { recursive: true, force: true });
  await mkdir(join(bundle, part), { recursive: true });
}
await build({
  ...shared,
  entryPoints: ["src/wikitorch.ts", "styles/wikitorch.css"],
  outdir: join(bundle, "site"),
  plugins: [woff2Only],
});
await build({ ...shared, entryPoints: { graph: "src/graph/element.ts" }, outdir: join(bundle, "site"), format: "esm" });
await build({ ...shared, entryPoints: ["src/live/live.ts", "styles/live.css"], outdir: join(bundle, "live") });
// Material starts the search worker on every page; the engine alone is for tests and measurements.
await build({ ...shared, entryPoints: { search: "src/search/worker.ts" }, outdir: join(bundle, "site") });
await build({
  ...shared,
  entryPoints: { "search-engine": "src/search/engine.ts" },
  outdir: bundle,
  globalName: "engine",
});
// A panel's script is loaded by the pages that have one; its worker, and the runtime that it is handed, at the first press.
const runtime = join(here, "node_modules", "onnxruntime-web", "dist", "ort-wasm-simd-threaded.wasm");
const runtimeVersion = createHash("sha256").update(await readFile(runtime)).digest("hex").slice(0, 16);
await build({
  ...shared,
  define: { RUNTIME_VERSION: JSON.stringify(runtimeVersion) },
  entryPoints: { panel: "src/panel/element.ts", "panel-worker": "src/panel/worker.ts" },
  outdir: join(bundle, "site"),
  format: "esm",
});
await build({ ...shared, entryPoints: { connect: "src/connect/connect.ts" }, outdir: join(bundle, "site") });
// Of mermaid a page gets the parts that its diagrams need.
await build({
  ...shared,
  entryPoints: { diagram: "src/diagram.ts" },
  outdir: join(bundle, "site"),
  format: "esm",
  splitting: true,
  chunkNames: "diagram/[name]-[hash]",
});
await copyFile(runtime, join(bundle, "site", "ort.wasm"));
await copyFile(join(here, "node_modules", "katex", "dist", "katex.min.js"), join(bundle, "katex.min.js"));
await writeLicenses("site", published);
await writeLicenses("live", editor);
