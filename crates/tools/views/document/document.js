// The reader of documents: contents, sections with their sources, findings of the rule gate, versions; or the list.

const STATUS = { draft: "draft", in_review: "in review", approved: "approved" };

function gateTiles(document) {
  const { gate } = document;
  const rests = gate.groundedness.share;
  return el("dl", { class: "tiles" },
    tile("Rule gate", gate.passes ? "passed" : "closed",
      gate.errors + gate.warnings === 0 ? "nothing found" : `${counted(gate.errors, "error", "errors")}, ${counted(gate.warnings, "warning", "warnings")}`, gate.passes ? "lead" : "lead alarm"),
    tile("Statements with a source", rests === undefined ? "none made" : percent(rests),
      `${number(gate.groundedness.grounded)} of ${number(gate.groundedness.claims)}`),
    tile("Version", number(document.version), `${STATUS[document.status] ?? document.status}, ${moment(document.updated)}`));
}

function contents(sections, findings) {
  return el("nav", { class: "contents", "aria-label": "Contents" },
    el("details", { open: window.innerWidth >= 760 },
      el("summary", { class: "strong" }, "Contents"),
      el("ol", {}, sections.map((section) => {
        const own = findings.filter((one) => one.section === section.key);
        const isBad = own.some((one) => one.severity === "error");
        return el("li", {}, el("button", {
          type: "button", class: "entry", title: section.heading,
          onclick: () => {
            const heading = document.getElementById(`section-${section.key}`);
            heading?.scrollIntoView({ block: "start" });
            heading?.focus({ preventScroll: true });
          },
        }, el("span", { class: "cut" }, section.heading),
        own.length > 0 && el("span", { class: isBad ? "chip alarm" : "chip", title: `${own.length} findings` }, number(own.length), el("span", { class: "unseen" }, " findings"))));
      }))));
}

function versionsPart(versions) {
  const rows = [...versions].reverse().map((one) => [
    number(one.version), moment(one.at),
    [MAKERS[one.made_by] ?? one.made_by, one.model && ` (${one.model})`],
    one.note ?? "–",
  ]);
  return part("Versions", table("Versions, the newest first", [["Version", "num"], ["Written", ""], ["How", ""], ["Note", "title"]], rows, { class: "scroll fit", style: { "max-height": "280px" } }));
}

function sourcesPart(sources) {
  return sources.length > 0 && el("details", {}, el("summary", { class: "strong" }, `All sources (${number(sources.length)})`),
    el("div", { class: "stack tight" }, sources.map(sourceCard)));
}

begin("Document", (data, args) => {
  const state = { data, problem: null };
  const ask = async (change, spoken) => {
    try {
      const next = await callTool("pm33_get_document", { ...(args.workspace ? { workspace: args.workspace } : {}), ...change });
      spoken(next);
    } catch (error) {
      state.problem = error.message;
      say(error.message);
    }
    redraw();
  };
  const openOne = (id) => ask({ document: id }, (next) => {
    state.data = next;
    say(next.summary);
  });
  const loadSection = (key) => ask({ document: state.data.document.id, version: state.data.document.version, sections: [key] }, (next) => {
    const [loaded] = next.document.sections;
    const held = state.data.document.sections;
    held.splice(held.findIndex((one) => one.key === key), 1, loaded);
    say(`${loaded.heading} is loaded.`);
  });
  const problem = () => state.problem && el("p", { class: "notice alarm" }, state.problem);
  const listed = () => [
    head("Documents", state.data.summary, state.data.workspace),
    problem(),
    state.data.documents.length > 0 && table("Documents", [["Title", "title"], ["Kind", ""], ["Status", ""], ["Version", "num"], ["About", ""], ["Changed", ""]],
      state.data.documents.map((one) => [
        canCall() ? el("button", { type: "button", class: "entry", id: `open-${one.id}`, onclick: () => openOne(one.id) }, one.title) : one.title,
        one.type.replaceAll("_", " "), STATUS[one.status] ?? one.status, number(one.version), one.about ?? "–", moment(one.updated),
      ])),
  ];
  present(() => {
    const whole = state.data.document;
    if (!whole) return listed();
    const sources = new Map((whole.sources ?? []).map((one) => [one.id, one]));
    const cite = (id) => (sources.has(id) ? citation(sources.get(id)) : null);
    const { findings } = whole.gate;
    const keys = new Set((whole.sections ?? []).map((one) => one.key));
    const loose = findings.filter((one) => !keys.has(one.section));
    return [
      head(whole.title, state.data.summary, [state.data.workspace, whole.about].filter(Boolean).join(" · ")),
      problem(),
      gateTiles(whole),
      whole.differences && differences(whole.differences),
      whole.markdown && el("section", { class: "stack prose", "aria-label": "Text" }, markdown(whole.markdown, () => null, 1)),
      whole.sections && el("div", { class: "reader" },
        contents(whole.sections, findings),
        el("div", { class: "text" }, whole.sections.map((section) => sectionPart(section, findings, cite, loadSection)))),
      loose.length > 0 && whole.sections && part("Findings about sections that are not here", findingList(loose)),
      sourcesPart(whole.sources ?? []),
      versionsPart(whole.versions),
      el("p", { class: "foot" }, `${whole.uri} holds it as Markdown.`),
    ];
  });
  say(data.summary);
});
