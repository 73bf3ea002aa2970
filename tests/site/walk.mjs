// Walks through every page of a site in headless Chromium, from `file:`, and prints as JSON what it saw and what is wrong.
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [tools, site, word, patience, plain] = process.argv.slice(2);
// What a page may take; it is waited for in full only where something is wrong.
const timeout = Number(patience) * 1000;
const require = createRequire(join(resolve(tools), "package.json"));
const { default: puppeteer } = await import(pathToFileURL(require.resolve("puppeteer-core")));

// Not the arguments of the package: those switch off the rules of the web that the pages are to hold to.
const browser = await puppeteer.launch({
  executablePath: join(resolve(tools), "chromium"),
  env: { ...process.env, LD_LIBRARY_PATH: join(resolve(tools), "lib") },
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run"],
  headless: "shell",
});
const root = pathToFileURL(resolve(site)).href + "/";
const start = root + "index.html";
const problems = [];
// Pages, by their paths, that are alike: they are read without what they load, and nothing in them runs.
const light = new Set(JSON.parse(plain ?? "[]"));
const seen = { pages: 0, drawn: 0, leading: 0, light: 0, references: 0, links: 0, found: [], clicked: null };
let here = "";

const page = await browser.newPage();
const report = (what) => problems.push(`${here.replace(root, "")}: ${what}`);
page.on("console", (message) => ["error", "warn"].includes(message.type()) && report(`console: ${message.text()}`));
page.on("pageerror", (error) => report(`error: ${error.message}`));
page.on("dialog", async (dialog) => (report(`dialog: ${dialog.message()}`), await dialog.dismiss()));
page.on("requestfailed", (request) => report(`failed: ${request.url()}`));
await page.setRequestInterception(true);
page.on("request", (request) => {
  const url = request.url();
  if (/^(data|blob|about):/.test(url) || url.startsWith(root)) return request.continue();
  report(`asks for ${url}`);
  return request.abort();
});

// Reads a page as it is written: its links and anchors are there without any script.
const reader = await browser.newPage();
await reader.setJavaScriptEnabled(false);
await reader.setRequestInterception(true);
reader.on("request", (request) => (request.isNavigationRequest() ? request.continue() : request.abort()));

const waiting = [start];
const known = new Set(waiting);
const anchors = new Map();
const wanted = [];
while (waiting.length) {
  here = waiting.pop();
  seen.pages++;
  const isLight = light.has(decodeURIComponent(here.replace(root, "")));
  const shownBy = isLight ? reader : page;
  if (isLight) {
    seen.light++;
    const text = readFileSync(fileURLToPath(here), "utf8");
    await reader.setContent(text.replace("<head>", `<head><base href="${here}">`), { waitUntil: "domcontentloaded" });
  } else if ((await page.goto(here, { waitUntil: "load" })) && (await page.$("#reference"))) {
    seen.references++;
    await page.waitForSelector(".swagger-ui .opblock, .swagger-ui .models, .aui-root #operations, .aui-root #servers", { timeout })
      .catch(() => report("the description is not shown"));
  } else {
    await page.waitForFunction(() => document.documentElement.dataset.drawn !== undefined, { timeout })
      .catch(() => report("diagrams are not drawn"));
  }
  const shown = await shownBy.evaluate(() => ({
    left: document.querySelectorAll("pre.diagram").length,
    drawn: document.querySelectorAll(".drawn > svg").length,
    leading: [...document.querySelectorAll(".leads")].map((node) => node.dataset.href),
    ids: [...document.querySelectorAll("[id]")].map((node) => node.id),
    links: [...document.querySelectorAll("a[href]")].map((node) => node.href),
    ran: window.ran ?? null,
    // What nothing but an injection would bring.
    foreign: [...document.querySelectorAll(".md-content script, #reference script, main iframe, main object, main embed, main [onerror], main [onload], main [onclick]")]
      .map((node) => node.outerHTML.slice(0, 200)),
  }));
  if (shown.left) report(`${shown.left} diagrams are not drawn`);
  if (shown.ran !== null) report("text of the contract has run");
  shown.foreign.forEach((each) => report(`foreign: ${each}`));
  seen.drawn += shown.drawn;
  seen.leading += shown.leading.length;
  anchors.set(here, new Set(shown.ids));
  const isReference = /\/(openapi|asyncapi)\/[^/]+$/.test(here.slice(root.length - 1)) && here.endsWith(".html") && (await shownBy.$("#reference"));
  for (const link of [...shown.links, ...shown.leading.map((each) => root + each)]) {
    const [target, fragment] = link.split("#");
    if (/^https?:|^mailto:/.test(target)) continue;
    if (!target.startsWith(root)) {
      report(`leads to ${link}`);
      continue;
    }
    seen.links++;
    const file = fileURLToPath(target);
    if (!existsSync(file) || !statSync(file).isFile()) report(`leads nowhere: ${link}`);
    else if (target.endsWith(".html") && !target.startsWith(root + "output/")) {
      if (fragment && !isReference) wanted.push([here, target, decodeURIComponent(fragment)]);
      if (!known.has(target)) (known.add(target), waiting.push(target));
    }
  }
}
for (const [from, target, fragment] of wanted)
  if (!fragment.startsWith("__") && !anchors.get(target)?.has(fragment)) problems.push(`${from.replace(root, "")}: no heading ${target.replace(root, "")}#${fragment}`);

here = "search";
await page.goto(start, { waitUntil: "load" });
await page.keyboard.press("/");
await page.waitForFunction(() => document.activeElement?.shadowRoot?.activeElement?.tagName === "INPUT", { timeout }).catch(() => report("does not open"));
await page.keyboard.type(word, { delay: 20 });
const results = () => [...(document.activeElement?.shadowRoot?.querySelectorAll("[role=listbox] a") ?? [])].map((node) => node.href);
await page.waitForFunction(`(${results})().length > 0`, { timeout }).catch(() => report(`nothing is found for ${word}`));
seen.found = (await page.evaluate(results)).map((each) => each.replace(root, ""));

here = "map";
await page.goto(root + "map.html", { waitUntil: "load" });
await page.waitForSelector(".leads", { timeout }).catch(() => report("nothing on the map leads anywhere"));
await Promise.all([page.waitForNavigation({ timeout }), page.click(".leads")]).catch((error) => report(error.message));
seen.clicked = page.url().replace(root, "");

await browser.close();
console.log(JSON.stringify({ ...seen, problems }));
