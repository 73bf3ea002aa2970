// Has TypeScript judge dashboards by the types of grafana_schema.d.ts and prints what it finds as one JSON array.
// Arguments: the folder of the installed package typescript, beside which @grafana/schema is, then the files.
// JSON is an expression of TypeScript, so a file is judged as it is; its panels and queries each say what they must be,
// so that each is told of its own faults and a fault in one hides none in another.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [folder, ...files] = process.argv.slice(2);
const ts = createRequire(import.meta.url)(folder);
const root = path.join(folder, "..", "..");
const types = path.join(root, "grafana_schema.d.ts");
const OPENING = 'import type { Dashboard, Panels, Query, Typed } from "./grafana_schema.d.ts";\nexport default (\n';
const CLOSING = "\n) satisfies Dashboard;\n";

const found = [];
const sources = new Map([[types, readFileSync(new URL("./grafana_schema.d.ts", import.meta.url), "utf8")]]);
const judged = [];
for (const [number, file] of files.entries()) {
  const text = readFileSync(file, "utf8");
  try {
    JSON.parse(text);
  } catch (error) {
    found.push({ file, code: "unreadable", message: error.message, ...placeOf(text, Number(/position (\d+)/.exec(error.message)?.[1] ?? 0)), width: 1 });
    continue;
  }
  const added = annotations(ts.parseJsonText(file, text).statements[0].expression);
  const name = path.join(root, `dashboard${number}.ts`);
  sources.set(name, OPENING + [...pieces(text, added)].join("") + CLOSING);
  judged.push({ file, text, added, name });
}

const options = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  lib: ["lib.es2022.d.ts"],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  allowImportingTsExtensions: true,
};
const host = ts.createCompilerHost(options);
const { fileExists, readFile } = host;
host.fileExists = (name) => sources.has(path.normalize(name)) || fileExists(name);
host.readFile = (name) => sources.get(path.normalize(name)) ?? readFile(name);
host.getSourceFile = (name, settings) => {
  const text = host.readFile(name);
  return text === undefined ? undefined : ts.createSourceFile(name, text, settings);
};
const program = ts.createProgram([types, ...judged.map(({ name }) => name)], options, host);
const own = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics(), ...program.getSemanticDiagnostics(program.getSourceFile(types))];
if (own.length) throw new Error(own.map(words).join("\n"));
for (const { file, text, added, name } of judged) {
  const source = program.getSourceFile(name);
  for (const diagnostic of [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]) {
    const start = original(diagnostic.start, added);
    const place = placeOf(text, start);
    const end = placeOf(text, original(diagnostic.start + diagnostic.length, added));
    const width = end.line === place.line ? Math.max(1, end.column - place.column) : 1;
    found.push({ file, code: `TS${diagnostic.code}`, message: words(diagnostic), ...place, width });
  }
}
process.stdout.write(JSON.stringify(found));

/** What each panel and query must be, as text to put behind it. */
function annotations(dashboard) {
  const added = [];
  const visit = (panel) => {
    const type = property(panel, "type")?.text;
    elements(panel, "panels").forEach(visit);
    for (const query of elements(panel, "targets")) added.push({ at: query.end, text: " satisfies Query" });
    added.push({ at: panel.end, text: type === undefined ? " satisfies Typed" : ` satisfies Panels[${JSON.stringify(type)}]` });
  };
  elements(dashboard, "panels").forEach(visit);
  return added.sort((left, right) => left.at - right.at);
}

function property(node, name) {
  return node.properties?.find((each) => each.name?.text === name)?.initializer;
}

function elements(node, name) {
  return property(node, name)?.elements ?? [];
}

function* pieces(text, added) {
  let start = 0;
  for (const { at, text: addition } of added) {
    yield text.slice(start, at) + addition;
    start = at;
  }
  yield text.slice(start);
}

/** Where a place of the judged text is in the file; what was added is where it was put. */
function original(position, added) {
  let shift = OPENING.length;
  for (const { at, text } of added) {
    if (position - shift <= at) break;
    if (position - shift < at + text.length) return at;
    shift += text.length;
  }
  return position - shift;
}

function placeOf(text, offset) {
  const before = text.slice(0, Math.max(0, Math.min(offset, text.length))).split("\n");
  return { line: before.length, column: before.at(-1).length + 1 };
}

function words(diagnostic) {
  return ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
}
