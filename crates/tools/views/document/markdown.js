// Markdown as nodes: headings, lists, tables, quotes, code, emphasis and citations. Nothing is taken as markup of the
// page: what is not understood stays the text that it is, and a link is its words with the address beside them.

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|(?<![\w*])\*([^*\s](?:[^*]*[^*\s])?)\*(?![\w*])|\[([^\]\n]+)\](?:\(([^)\s]+)\))?/g;
const ID = /^[A-Z]{1,4}[0-9]{1,6}$|^[A-Z][A-Z0-9]{0,9}-[0-9]{1,6}$/;

/** A line's text with its emphasis; `cite` makes a node of a cited id, or none. */
function inline(text, cite) {
  const found = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, strong, soft, words, address] = match;
    found.push(text.slice(at, match.index));
    at = match.index + whole.length;
    if (code !== undefined) found.push(el("code", {}, code));
    else if (strong !== undefined) found.push(el("strong", {}, inline(strong, cite)));
    else if (soft !== undefined) found.push(el("em", {}, inline(soft, cite)));
    else if (address !== undefined) found.push(`${words} (${address})`);
    else {
      const ids = words.split(/[,; ]+/).filter(Boolean);
      // What is cited and is not there stays in its brackets.
      const nodes = ids.every((id) => ID.test(id)) ? ids.map((id) => cite(id) ?? `[${id}]`) : [];
      if (nodes.some((one) => typeof one !== "string")) found.push(el("span", { class: "cites" }, nodes.flatMap((one, place) => (place ? [" ", one] : [one]))));
      else found.push(whole);
    }
  }
  found.push(text.slice(at));
  return found.filter((one) => one !== "");
}

const CELL = /(?<!\\)\|/;
const cells = (line) => line.trim().replace(/^\||\|$/g, "").split(CELL).map((cell) => cell.trim().replaceAll("\\|", "|"));

/** The nodes of a text. `level` is that of the heading which stands above it. */
function markdown(text, cite, level) {
  const lines = text.split("\n");
  const nodes = [];
  let at = 0;
  const isBlock = (line) => /^(#{1,6}\s|\s*[-*+]\s|\s*\d+[.)]\s|>|```|\|)/.test(line) || line.trim() === "";
  const paragraph = () => {
    const own = [lines[at++]];
    while (at < lines.length && !isBlock(lines[at])) own.push(lines[at++]);
    return el("p", {}, inline(own.join(" "), cite));
  };
  const list = () => {
    const isNumbered = /^\s*\d/.test(lines[at]);
    const items = [];
    const depth = /^\s*/.exec(lines[at])[0].length;
    while (at < lines.length) {
      const match = /^(\s*)(?:[-*+]|\d+[.)])\s+(.*)$/.exec(lines[at]);
      if (!match || match[1].length < depth) break;
      if (match[1].length > depth && items.length > 0) {
        items.at(-1).append(list());
        continue;
      }
      at += 1;
      const own = [match[2]];
      while (at < lines.length && lines[at].trim() !== "" && !isBlock(lines[at])) own.push(lines[at++].trim());
      items.push(el("li", {}, inline(own.join(" "), cite)));
    }
    return el(isNumbered ? "ol" : "ul", { class: "bullets" }, items);
  };
  while (at < lines.length) {
    const line = lines[at];
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (line.trim() === "") {
      at += 1;
    } else if (heading) {
      at += 1;
      nodes.push(el(`h${Math.min(6, Math.max(level + 1, Math.min(heading[1].length, level + 1)))}`, {}, inline(heading[2], cite)));
    } else if (line.startsWith("```")) {
      const own = [];
      for (at += 1; at < lines.length && !lines[at].startsWith("```"); at += 1) own.push(lines[at]);
      at += 1;
      nodes.push(el("pre", { tabindex: "0" }, own.join("\n")));
    } else if (line.startsWith(">")) {
      const own = [];
      for (; at < lines.length && lines[at].startsWith(">"); at += 1) own.push(lines[at].replace(/^>\s?/, ""));
      nodes.push(el("blockquote", { class: "notice" }, inline(own.join(" "), cite)));
    } else if (line.startsWith("|") && /^\|?\s*:?-+/.test(lines[at + 1] ?? "")) {
      const columns = cells(line);
      const rows = [];
      for (at += 2; at < lines.length && lines[at].startsWith("|"); at += 1) rows.push(cells(lines[at]));
      nodes.push(el("div", { class: "scroll fit", tabindex: "0", role: "group", "aria-label": "Table" },
        el("table", {}, el("thead", {}, el("tr", {}, columns.map((cell) => el("th", { scope: "col" }, inline(cell, cite))))),
          el("tbody", {}, rows.map((row) => el("tr", {}, columns.map((_, place) => el("td", {}, inline(row[place] ?? "", cite)))))))));
    } else if (/^\s*([-*+]|\d+[.)])\s/.test(line)) {
      nodes.push(list());
    } else {
      nodes.push(paragraph());
    }
  }
  return nodes;
}
