// Bundles src/ and the libraries into bundle/, which is committed: nothing is fetched when the package is used.
//   npm ci && npm run build          (make browser)
// With a folder as argument it writes there instead, for the test that compares.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "bundle");
const LIBRARIES = { three: "build/three.module.js", uplot: "dist/uPlot.esm.js" };

mkdirSync(out, { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: { report: "src/report.js", sweep: "src/sweep.js" },
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "ascii",
  legalComments: "none",
  outdir: out,
  loader: { ".css": "css" },
});

// What the bundle was made from, so that a test can tell without node whether it is up to date.
const sources = createHash("sha256");
for (const file of ["build.mjs", "package-lock.json", ...readdirSync(join(here, "src")).sort().map((one) => `src/${one}`)]) {
  sources.update(`${file}\0`).update(readFileSync(join(here, file)));
}

const manifest = { sources: { sha256: sources.digest("hex") } };
let licences = "";
for (const [name, file] of Object.entries(LIBRARIES)) {
  const folder = join(here, "node_modules", name);
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const licence = readFileSync(join(folder, "LICENSE"), "utf8").trim();
  const sha256 = createHash("sha256").update(readFileSync(join(folder, file))).digest("hex");
  manifest[name] = { version: about.version, licence: about.license, file, sha256 };
  licences += `${name} ${about.version}\n\n${licence}\n\n\n`;
}
writeFileSync(join(out, "licences.txt"), licences.trimEnd() + "\n");
for (const file of ["report.js", "sweep.js", "report.css"]) {
  const sha256 = createHash("sha256").update(readFileSync(join(out, file))).digest("hex");
  manifest[file] = { sha256 };
}
writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
