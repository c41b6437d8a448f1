// One ranked item: its place, its score with what is not known of it, what the score is made of.

/** The score as a bar, with a line for what it could be where inputs are missing. */
function scoreLine(item, most) {
  const wide = 96;
  const x = scale(0, most, 1, wide - 3);
  const isOpen = !item.isPreview && item.score && item.score.low < item.score.high;
  return draw("svg", { "aria-hidden": "true", width: wide, height: 14, viewBox: `0 0 ${wide} 14` },
    draw("rect", { class: "amount", x: 1, width: Math.max(1, x(item.middle) - 1), y: 3, height: 8, rx: 2 }),
    isOpen && draw("path", { class: "spread", d: `M${x(item.score.low)} 3.5v7m0-3.5H${x(item.score.high)}m0-3.5v7` }));
}

/** The shares of a score, side by side. */
function shareBar(shares) {
  const wide = 160;
  const shown = shares.filter(({ share }) => share > 0);
  let at = 0;
  return draw("svg", { "aria-hidden": "true", class: "shares", width: "100%", height: 12, viewBox: `0 0 ${wide} 12`, preserveAspectRatio: "none" },
    shown.map(({ of, share }) => {
      const from = at;
      at += share * wide;
      return draw("rect", { x: from, width: Math.max(0.5, share * wide - 1.5), y: 0, height: 12, style: { fill: partColour(of) } });
    }));
}

function shareList(shares) {
  return el("ul", { class: "legend" }, shares.map(({ of, share }) => el("li", {},
    el("span", { class: "swatch", "aria-hidden": "true", style: { "--of": partColour(of) } }), `${partName(of)} ${percent(share)}`)));
}

const places = ([best, worst]) => (best === worst ? `place ${number(best)}` : `places ${number(best)} to ${number(worst)}`);

function chips(item, base) {
  return [
    moved(item, base),
    !item.isPreview && item.tier && el("span", { class: item.tier === "P0" || item.tier === "P1" ? "chip strong" : "chip" }, item.tier),
    item.above_own_blockers.length > 0 && el("span", { class: "chip alarm" }, "blocked"),
  ];
}

/** What a score could be, where inputs are missing. */
function spread({ placed, score, isPreview }) {
  if (!placed || isPreview || !score || score.low === score.high) return null;
  return el("span", { class: "spread-words small quiet" }, `${scoreText(score.low)} – ${scoreText(score.high)}`);
}

function facts(item, flips) {
  const entry = (name, ...value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
  return el("dl", { class: "facts" },
    item.shares.length > 0 && item.placed && entry("Made of", shareList(item.shares)),
    !item.isPreview && entry("Could be", places(item.ranks)),
    !item.isPreview && entry("Tier", item.tier ? `${item.tier}, ${TIER_REASONS[item.tier_reason] ?? item.tier_reason}` : "none: nothing is known of its value"),
    item.missing.length > 0 && entry("Missing inputs", item.missing.map(partName).join(", ")),
    item.inherited > 0 && entry("Inherits", `${scoreText(item.inherited)} of value from what waits for it`),
    item.above_own_blockers.length > 0 && entry("Ranks above its own blockers", item.above_own_blockers.join(", ")),
    !item.isPreview && item.stays_in_top !== undefined && entry("Stays in the top five", `in ${percent(item.stays_in_top)} of rankings with every input off by up to a step`),
    !item.isPreview && flips.length > 0 && entry("One step that changes the top five", el("ul", {}, flips.map((flip) => el("li", {}, flipWords(flip))))));
}

const step = (flip) => `${partName(flip.input)} ${number(flip.from, 2)} → ${number(flip.to, 2)}`;
const flipWords = (flip) =>
  `${step(flip)}: ${flip.moves} ${flip.change} the top five`;

/** One entry of the list; opened it says why. */
function rankRow(item, most, flips, base) {
  return el("li", { class: item.rank === 5 && item.placed ? "last-of-top" : "" },
    el("details", { class: "item", "data-key": item.key },
      el("summary", {},
        el("span", { class: "rank" }, item.placed ? number(item.rank) : el("span", { class: "quiet", title: "Nothing is known of its value" }, "–")),
        el("span", { class: "what" },
          el("span", { class: "title" }, item.title),
          el("span", { class: "row small", style: { gap: "6px" } }, chips(item, base), el("span", { class: "key quiet" }, item.key),
            item.missing.length > 0 && el("span", { class: "quiet" }, `${counted(item.missing.length, "input", "inputs")} missing`))),
        el("span", { class: "score" }, el("span", { class: item.placed ? "num" : "quiet small" }, item.placed ? scoreText(item.middle) : "not known"), item.placed && scoreLine(item, most), spread(item)),
        el("span", { class: "made" }, item.placed && item.shares.length > 0 ? shareBar(item.shares) : "")),
      facts(item, flips)));
}

function rankTable(items, base) {
  const parts = [...new Set(items.flatMap((item) => item.shares.map(({ of }) => of)))];
  const isWeighed = items.some((item) => base.has(item.key) && base.get(item.key) !== item.rank);
  const columns = [["Rank", "num"], ["Item", ""], ["Title", "title"], ["Tier", ""], ["Score", "num"], ["Low", "num"], ["High", "num"], ["Places", ""],
    ...parts.map((part) => [partName(part), "num"]), ["Missing", "title"], ["Stays in top five", "num"], ...(isWeighed ? [["Moved", "num"]] : [])];
  const rows = items.map((item) => [
    number(item.rank), el("span", { class: "key" }, item.key), item.title, item.isPreview ? "–" : item.tier ?? "–",
    item.placed ? scoreText(item.middle) : "–", item.score && !item.isPreview ? scoreText(item.score.low) : "–", item.score && !item.isPreview ? scoreText(item.score.high) : "–",
    item.isPreview ? "–" : places(item.ranks),
    ...parts.map((part) => { const found = item.shares.find(({ of }) => of === part); return found && item.placed ? percent(found.share) : "–"; }),
    item.missing.map(partName).join(", ") || "–", item.isPreview || item.stays_in_top === undefined ? "–" : percent(item.stays_in_top),
    ...(isWeighed ? [base.has(item.key) ? signed(base.get(item.key) - item.rank) : "–"] : []),
  ]);
  return table("The ranking as a table", columns, rows, { style: { "max-height": "480px" } });
}
