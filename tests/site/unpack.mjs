// Unpacks the browser that @sparticuz/chromium carries, and the libraries that it needs where a machine has none, beside `node_modules`.
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";

const unpacked = (name) => brotliDecompressSync(readFileSync(`node_modules/@sparticuz/chromium/bin/${name}`));
writeFileSync("chromium", unpacked("chromium.br"));
chmodSync("chromium", 0o755);
writeFileSync("libraries.tar", unpacked("al2023.tar.br"));
