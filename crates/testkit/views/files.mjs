// For who develops a view: the pages put together from the files as they are now, so that a change needs no build.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = join(dirname(fileURLToPath(import.meta.url)), "../../tools/src/views.rs");

/** Replaces the text of each view by that of its files, which the crate's own list names. */
export function fromFiles(views) {
  const text = readFileSync(SOURCE, "utf8");
  const read = (path) => readFileSync(join(dirname(SOURCE), path), "utf8");
  const shared = (name) => read(`../views/shared/${name}`);
  for (const [, uri, title, style, scripts] of text.matchAll(/uri: "(ui:[^"]+)"[\s\S]*?page!\(\s*"([^"]+)",\s*"([^"]+)",\s*\[([^\]]+)\]/g)) {
    const own = [...scripts.matchAll(/"([^"]+)"/g)].map(([, path]) => read(path)).join("");
    for (const view of Object.values(views).filter((one) => one.uri === uri)) {
      view.text = `${shared("head.html")}<title>${title}</title>\n<style>\n${shared("style.css")}${read(style)}${shared("body.html")}` +
        `${shared("page.js")}${shared("host.js")}${shared("axis.js")}${own}${shared("foot.html")}`;
    }
  }
}
