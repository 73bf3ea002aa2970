// Reads diagrams as a JSON list from standard input, and says of each what Mermaid's parser has against it, or null.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [folder] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
const { JSDOM } = require("jsdom");
const { window } = new JSDOM("");
globalThis.window = window;
globalThis.document = window.document;

const { default: mermaid } = await import(pathToFileURL(join(folder, "dist", "mermaid.core.mjs")));
// In the browser a diagram of any size is drawn; what is too large for people is the emitter's business.
mermaid.initialize({ startOnLoad: false, maxTextSize: 1_000_000, maxEdges: 10_000 });

const found = [];
for (const text of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    await mermaid.parse(text);
    found.push(null);
  } catch (error) {
    found.push(String(error?.message ?? error));
  }
}
console.log(JSON.stringify(found));
