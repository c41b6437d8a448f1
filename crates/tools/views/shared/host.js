// The extension's protocol (io.modelcontextprotocol/ui, 2026-01-26): JSON-RPC with the host by messages between windows.

const waiting = new Map();
let lastRequest = 0;
const context = {};
let abilities = {};

const post = (message) => window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");

/** Asks the host; the answer, or an error in its words. */
function ask(method, params) {
  const id = (lastRequest += 1);
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    post({ id, method, params });
  });
}

/** Whether the host passes tool calls on. */
const canCall = () => abilities.serverTools !== undefined;

/** Calls a tool of this server through the host; its structured result, or an error in the tool's words. */
async function callTool(name, args) {
  const result = await ask("tools/call", { name, arguments: args });
  if (result.isError) throw new Error(words(result));
  return structured(result);
}

/** Tells the model what the person looks at now, where the host takes it. */
function tellModel(text) {
  if (abilities.updateModelContext) {
    ask("ui/update-model-context", { content: [{ type: "text", text }] }).catch(() => {});
  }
}

const words = (result) =>
  (result.content ?? []).filter((block) => block.type === "text").map((block) => block.text).join("\n");

/** A result's data; hosts that drop them leave the copy in the text. */
function structured(result) {
  if (result.structuredContent) return result.structuredContent;
  try {
    return JSON.parse(words(result));
  } catch {
    throw new Error("The answer has no data that this view can show.");
  }
}

// A host's colours are taken together or not at all: its text on our ground might not be readable.
const PAIR = ["--color-background-primary", "--color-text-primary"];

function adopt(changed) {
  Object.assign(context, changed);
  const root = document.documentElement;
  if (context.theme) root.dataset.theme = context.theme;
  locale = context.locale;
  timeZone = context.timeZone;
  const set = context.styles?.variables ?? {};
  const takesColours = PAIR.every((name) => set[name]);
  for (const [name, value] of Object.entries(set)) {
    if (!name.startsWith("--") || (name.startsWith("--color-") && !takesColours)) continue;
    if (value) root.style.setProperty(name, value);
    else root.style.removeProperty(name);
  }
  const inset = context.safeAreaInsets;
  if (inset) view.style.margin = `${inset.top}px ${inset.right}px ${inset.bottom}px ${inset.left}px`;
  root.dataset.mode = context.displayMode ?? "inline";
}

// The host gives the frame the height that the content asks for.
let told = "";
function tellSize() {
  const most = context.containerDimensions?.maxHeight;
  const content = Math.ceil(view.getBoundingClientRect().height);
  const size = { width: Math.ceil(window.innerWidth), height: most ? Math.min(content, most) : content };
  if (told === `${size.width}x${size.height}`) return;
  told = `${size.width}x${size.height}`;
  post({ method: "ui/notifications/size-changed", params: size });
}
const sizes = new ResizeObserver(() => requestAnimationFrame(tellSize));

/** A button that asks the host for the whole screen, where it has one. */
function screenButton() {
  if (!context.availableDisplayModes?.includes("fullscreen")) return null;
  const isFull = context.displayMode === "fullscreen";
  return el("button", { type: "button", onclick: async () => {
    const { mode } = await ask("ui/request-display-mode", { mode: isFull ? "inline" : "fullscreen" });
    adopt({ displayMode: mode });
    redraw();
  } }, isFull ? "Leave full screen" : "Full screen");
}

let show = () => {};
let build = null;

/** Draws the view again from what it shows, the focus kept where it was. */
function redraw() {
  if (!build) return;
  const focused = document.activeElement?.id;
  const open = [...view.querySelectorAll("details")].map((one) => one.open);
  view.replaceChildren(...build().flat(9).filter(Boolean));
  view.setAttribute("aria-busy", "false");
  const details = [...view.querySelectorAll("details")];
  // The same page in another width keeps what the reader has opened.
  if (details.length === open.length) for (const [at, one] of details.entries()) one.open = open[at];
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

/** Shows the nodes that a function makes; it is asked again when width or language change. */
function present(make) {
  build = make;
  view.replaceChildren();
  redraw();
}

/** Shows why there is nothing to show, in the tool's own words. */
function presentRefusal(title, text) {
  present(() => [
    el("header", { class: "stack tight" }, el("h1", {}, title), el("p", { class: "quiet" }, "There is no answer to show.")),
    el("div", { class: "notice alarm" }, text.split("\n").map((line) => el("p", {}, line))),
  ]);
  say(text);
}

function receive(method, params) {
  if (method === "ui/notifications/tool-input") show.input = params?.arguments ?? {};
  if (method === "ui/notifications/tool-result") {
    if (params?.isError) return presentRefusal(show.title, words(params));
    try {
      show(structured(params ?? {}), show.input ?? {});
    } catch (error) {
      presentRefusal(show.title, error.message);
    }
  }
  if (method === "ui/notifications/tool-cancelled") {
    presentRefusal(show.title, params?.reason ? `The call was cancelled: ${params.reason}` : "The call was cancelled.");
  }
  if (method === "ui/notifications/host-context-changed") {
    adopt(params ?? {});
    // Colours change by themselves.
    if (["locale", "timeZone", "displayMode", "availableDisplayModes"].some((name) => name in (params ?? {}))) redraw();
  }
}

window.addEventListener("message", (event) => {
  if (event.source !== window.parent || event.data?.jsonrpc !== "2.0") return;
  const { id, method, params, result, error } = event.data;
  if (method === undefined) {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (asked && error) asked.reject(new Error(error.message ?? "The host refused."));
    else if (asked) asked.resolve(result ?? {});
  } else if (id === undefined) {
    receive(method, params);
  } else if (method === "ping" || method === "ui/resource-teardown") {
    if (method !== "ping") sizes.disconnect();
    post({ id, result: {} });
  } else {
    post({ id, error: { code: -32601, message: `This view knows no method ${method}.` } });
  }
});

// What is drawn to the width is drawn again when it changes.
let width = window.innerWidth;
window.addEventListener("resize", () => {
  if (window.innerWidth === width) return;
  width = window.innerWidth;
  redraw();
});

/** Begins: `paint(data, arguments)` is called with each result of the tool. */
async function begin(title, paint) {
  show = paint;
  show.title = title;
  const answer = await ask("ui/initialize", {
    protocolVersion: "2026-01-26",
    appInfo: { name: "pm33", title, version: "1" },
    appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
  });
  abilities = answer.hostCapabilities ?? {};
  adopt(answer.hostContext ?? {});
  post({ method: "ui/notifications/initialized" });
  sizes.observe(view);
}
