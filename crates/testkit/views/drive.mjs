// Views in a real browser, served by the real server, shown by a host that speaks the extension.
//   node drive.mjs TOOLS CHROMIUM PICTURES DEMO_URL LARGE_URL WRITTEN_URL [only]     keys in PM33_KEY, PM33_LARGE_KEY, PM33_WRITTEN_KEY;
// with PM33_VIEW_FILES=1 the pages are made of the files as they are now, not of those that the server was built with
// Prints a line for each scene; ends with "N scenes" when all held.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { stage } from "./browser.mjs";
import { accessibility } from "./checks.mjs";
import { modern } from "./client.mjs";
import { fill } from "./data.mjs";
import { fromFiles } from "./files.mjs";
import { negotiate } from "./negotiation.mjs";
import { scenes } from "./scenes.mjs";

const [folder, chromium, pictures, demoUrl, largeUrl, writtenUrl, only = ""] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const need = createRequire(join(folder, "package.json"));
const load = async (name) => import(pathToFileURL(need.resolve(name)));

const { default: puppeteer } = await load("puppeteer-core");
const esbuild = need("esbuild");
const built = await esbuild.build({
  entryPoints: [join(here, "host.mjs")], bundle: true, format: "iife", write: false, nodePaths: [join(folder, "node_modules")], logLevel: "error",
});

mkdirSync(pictures, { recursive: true });
const demo = modern(demoUrl, process.env.PM33_KEY);
const large = modern(largeUrl, process.env.PM33_LARGE_KEY);
const written = modern(writtenUrl, process.env.PM33_WRITTEN_KEY);
const views = await negotiate(demoUrl, process.env.PM33_KEY);
console.log(`${Object.keys(views).length} views are told of in both eras`);
if (process.env.PM33_VIEW_FILES) fromFiles(views);
await fill(large);

const tools = { puppeteer, bundle: built.outputFiles[0].text, chromium, views };
const onDemo = await stage({ ...tools, client: demo });
const onLarge = await stage({ ...tools, client: large });
const onWritten = await stage({ ...tools, client: written });
const failed = [];
let held = 0;
for (const [name, scene] of scenes({ demo, large, written, onDemo, onLarge, onWritten, pictures, axe: accessibility(folder) })) {
  if (!name.includes(only)) continue;
  const began = Date.now();
  try {
    const words = await scene();
    held += 1;
    console.log(`ok      ${name}${words ? `: ${words}` : ""} (${Date.now() - began} ms)`);
  } catch (error) {
    failed.push(name);
    console.log(`FAILED  ${name}\n${error.stack}`);
  }
}
await onDemo.close();
await onLarge.close();
await onWritten.close();
if (failed.length > 0) {
  console.log(`failed: ${failed.join(", ")}`);
  process.exit(1);
}
console.log(`${held} scenes`);
