// Asks @asyncapi/parser about AsyncAPI files and prints what it finds as one JSON array.
// Arguments: the folder of the installed package, then the files.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const [folder, ...files] = process.argv.slice(2);
const { Parser } = createRequire(import.meta.url)(folder);

const found = [];
for (const file of files) {
  const { diagnostics } = await new Parser().parse(await readFile(file, "utf8"), { source: file });
  found.push(...diagnostics.map(({ code, message, range }) => ({ file, code, message, range })));
}
process.stdout.write(JSON.stringify(found));
