// One section: its text, its sources one click away, what the rule gate finds in it.

const MAKERS = { person: "by a person", evidence: "from the workspace’s facts, without a model", model: "by a model" };
const KINDS = {
  item: "the item itself", child: "item below it", dependency: "dependency", objective: "objective", mission: "mission", competitor: "competitor",
  forecast: "forecast", velocity: "pace", similar: "similar item", answer: "answer of a person", reference: "reference",
};
const ruleWords = (rule) => rule.replaceAll("_", " ");

/** A source as it was read then. */
function sourceCard(source) {
  return el("div", { class: "source", role: "note" },
    el("p", { class: "row small", style: { gap: "6px" } }, el("span", { class: "chip" }, source.id), el("span", { class: "strong" }, source.title),
      el("span", { class: "quiet" }, KINDS[source.kind] ?? source.kind)),
    el("p", {}, source.text),
    el("p", { class: "small quiet" }, `As of ${moment(source.as_of)}`, source.uri && ` · ${source.uri}`));
}

/** A button that opens and closes its source below the line that cites it. */
function citation(source) {
  let card = null;
  const button = el("button", { type: "button", class: "cite", "aria-expanded": "false", "aria-label": `Source ${source.id}: ${source.title}` }, source.id);
  const close = () => {
    card?.remove();
    card = null;
    button.setAttribute("aria-expanded", "false");
  };
  button.addEventListener("click", () => {
    if (card) return close();
    card = sourceCard(source);
    const line = button.closest("p, li, td, h3, h4, h5, h6") ?? button;
    if (line.tagName === "P" || line.tagName.startsWith("H")) {
      let last = line;
      while (last.nextElementSibling?.classList.contains("source")) last = last.nextElementSibling;
      last.after(card);
    } else {
      line.append(card);
    }
    button.setAttribute("aria-expanded", "true");
    say(`Source ${source.id}: ${source.title}. ${source.text}`);
  });
  button.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && card) close();
  });
  return button;
}

function findingList(findings) {
  return el("ul", { class: "findings stack tight" }, findings.map((one) => el("li", { class: one.severity === "error" ? "notice alarm" : "notice" },
    el("span", { class: one.severity === "error" ? "chip alarm" : "chip" }, one.severity), " ",
    inline(one.message, () => null), el("span", { class: "small quiet" }, ` (${ruleWords(one.rule)}${one.subject ? `, ${one.subject}` : ""})`))));
}

function sectionPart(section, findings, cite, load) {
  const id = `section-${section.key}`;
  const own = findings.filter((one) => one.section === section.key);
  return el("section", { class: "stack prose", "aria-labelledby": id, "data-key": section.key },
    el("div", { class: "row apart" },
      el("h2", { id, tabindex: "-1" }, section.heading),
      el("span", { class: "small quiet" }, `${MAKERS[section.made_by] ?? section.made_by}, version ${number(section.version)}`)),
    section.text === undefined
      ? el("p", { class: "notice" }, `${counted(section.chars, "character", "characters")}: too long for this answer. `,
          canCall() && el("button", { type: "button", onclick: () => load(section.key) }, "Load this section"))
      : markdown(section.text, cite, 2),
    own.length > 0 && el("details", { open: own.some((one) => one.severity === "error") },
      el("summary", {}, counted(own.length, "finding", "findings")), findingList(own)));
}

/** What changed between two versions, by section and line. */
function differences(changes) {
  if (changes.length === 0) return el("p", { class: "quiet" }, "No section changed.");
  const spoken = { "+": "came: ", "-": "went: ", " ": "" };
  return changes.map((change) => part(`${change.heading}: ${change.change}`,
    el("pre", { class: "changes", tabindex: "0" }, change.lines.map((line) =>
      el("span", { class: line.op === "+" ? "came" : line.op === "-" ? "went" : "" },
        el("span", { class: "unseen" }, spoken[line.op]), `${line.op} ${line.text}\n`)))));
}
