// Elements, text and numbers. All data enter as text: nothing here parses markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [rule, set] of Object.entries(value)) node.style.setProperty(rule, set);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(9)) {
    if (child === undefined || child === null || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

/** An HTML element. */
const el = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
/** An SVG element. */
const draw = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

const view = document.getElementById("view");
const status = document.getElementById("status");

/** Says something to who cannot see the change. */
function say(words) {
  status.textContent = "";
  setTimeout(() => { status.textContent = words; }, 30);
}

/** A number for ids that are used once. */
let lastId = 0;
const newId = (stem) => `${stem}-${(lastId += 1)}`;

// What the host tells of its person; changed by host.js.
let locale;
let timeZone;

// Making a format costs more than using it, so each is made once.
const formats = new Map();

function intl(Kind, options) {
  const name = JSON.stringify([Kind.name, locale, options]);
  if (!formats.has(name)) {
    let format;
    try {
      format = new Kind(locale, options);
    } catch {
      // A language or time zone that this browser does not know.
      format = new Kind(undefined, { ...options, timeZone: "UTC" });
    }
    formats.set(name, format);
  }
  return formats.get(name);
}

const DAY = 86_400_000;
/** Milliseconds of a day's beginning; the day is a text such as 2026-07-01. */
const dayOf = (text) => Date.parse(`${text}T00:00:00Z`);
const textOf = (time) => new Date(time).toISOString().slice(0, 10);

const number = (value, digits = 0) => intl(Intl.NumberFormat, { maximumFractionDigits: digits }).format(value);
const signed = (value, digits = 0) =>
  intl(Intl.NumberFormat, { maximumFractionDigits: digits, signDisplay: "exceptZero" }).format(value);
const date = (text) =>
  intl(Intl.DateTimeFormat, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(dayOf(text));
const longDate = (text) => intl(Intl.DateTimeFormat, { dateStyle: "full", timeZone: "UTC" }).format(dayOf(text));
const moment = (text) =>
  intl(Intl.DateTimeFormat, { dateStyle: "medium", timeStyle: "short", timeZone }).format(new Date(text));

/** A share of one as a percentage; what is nearly nothing or nearly all is not rounded to it. */
function percent(share) {
  const format = intl(Intl.NumberFormat, { style: "percent", maximumFractionDigits: 0 });
  if (share > 0 && share < 0.005) return `<${format.format(0.01)}`;
  if (share < 1 && share > 0.995) return `>${format.format(0.99)}`;
  return format.format(share);
}

const counted = (count, one, many) => `${number(count)} ${count === 1 ? one : many}`;

/** The first sentence, and the rest. */
function sentences(text) {
  const end = /[.!?]\s+(?=\p{Lu})/u.exec(text);
  return end ? [text.slice(0, end.index + 1), text.slice(end.index + end[0].length)] : [text, ""];
}

/** The tool's words with their days as the reader writes days. */
const localised = (text) => text.replace(/\b\d{4}-\d{2}-\d{2}\b/g, (day) => (Number.isNaN(dayOf(day)) ? day : date(day)));

/** A view's head: what it is, the answer in a sentence, the rest of the words behind a disclosure. */
function head(title, words, context) {
  const [first, rest] = sentences(words ?? "").map(localised);
  return el("header", { class: "stack tight" },
    el("h1", {}, title),
    first && el("p", {}, first),
    rest && el("details", { class: "small" }, el("summary", {}, "More about this answer"), el("p", {}, rest)),
    context && el("p", { class: "small quiet" }, context));
}

/** A number that matters, as one entry of a `tiles` list. */
const tile = (name, big, note, kind) =>
  el("div", { class: kind ? `tile ${kind}` : "tile" },
    el("dt", {}, name), el("dd", { class: "big" }, big), note && el("dd", { class: "note" }, note));

/** A titled part of the page. */
function part(title, ...children) {
  const id = newId("part");
  return el("section", { class: "stack", "aria-labelledby": id }, el("h2", { id }, title), children);
}

/** A table that scrolls by itself; `columns` are [title, class] and cells are nodes or texts, the first heads its row. */
function table(name, columns, rows, attributes) {
  return el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": name, ...attributes },
    el("table", {},
      el("thead", {}, el("tr", {}, columns.map(([title, kind]) => el("th", { scope: "col", class: kind }, title)))),
      el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map((cell, at) =>
        at === 0 ? el("th", { scope: "row", class: columns[at][1] }, cell) : el("td", { class: columns[at][1] }, cell)))))));
}

/** The head of a column that holds drawings of its neighbour. */
const drawn = () => el("span", { class: "unseen" }, "drawn");

/** A choice of two or more: buttons of which one is pressed. */
function choice(name, options, chosen, pick) {
  const buttons = options.map(([value, title]) =>
    el("button", {
      type: "button", "aria-pressed": String(value === chosen),
      onclick: () => {
        for (const [at, [other]] of options.entries()) buttons[at].setAttribute("aria-pressed", String(other === value));
        pick(value);
      },
    }, title));
  return el("div", { role: "group", "aria-label": name, class: "row", style: { gap: "4px" } }, buttons);
}
