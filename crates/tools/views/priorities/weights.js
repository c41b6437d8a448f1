// Weights of a method's inputs: the ranking as it would be with others, computed here from what the tool told of each item.

/** How many of a method's inputs make the value; the others divide it. */
const VALUES = { wsjf: 3, rice: 3, ice: 3, moscow: 1, technical_risk: 3 };
const WEIGHT_STEPS = { min: 0, max: 3, step: 0.25 };

const weightOf = (weights, factor) => weights[factor] ?? 1;
/** The weights that an answer was made with, by input. */
const weightsOf = (data) => Object.fromEntries(data.factors.map((factor, at) => [factor, data.weights?.[at] ?? 1]));
const sameWeights = (data, weights) => data.factors.every((factor) => weightOf(weights, factor) === weightsOf(data)[factor]);

/** Value without boost and what it is divided by. */
function parts(data, item, weights) {
  const split = VALUES[data.method];
  const numbers = data.factors.map((factor, at) => [item.inputs[at], weightOf(weights, factor)]);
  const values = numbers.slice(0, split);
  const plain = data.method === "wsjf"
    ? values.reduce((sum, [value, weight]) => sum + value * weight, 0)
    : values.reduce((product, [value, weight]) => product * value ** weight, 1);
  return [plain, numbers.slice(split).reduce((product, [value, weight]) => product * value ** weight, 1)];
}

function newShares(data, item, weights, plain, oldPlain) {
  const old = weightsOf(data);
  const place = (of) => data.factors.indexOf(of);
  const known = item.shares.filter(({ of }) => place(of) >= 0);
  const inputs = known.reduce((sum, { share }) => sum + share, 0);
  const sized = item.shares.map(({ of, share }) => {
    const at = place(of);
    if (data.method === "wsjf") {
      if (at >= 0) return { of, share: item.inputs[at] * weightOf(weights, of) };
      if (of === "inherited") return { of, share: item.inherited };
      return { of, share: inputs > 0 ? (share / inputs) * plain : 0 };
    }
    return { of, share: at >= 0 ? (old[of] > 0 ? (share / old[of]) * weightOf(weights, of) : 0) : share };
  });
  const sum = sized.reduce((all, { share }) => all + share, 0);
  return sized.map(({ of, share }) => ({ of, share: sum > 0 ? share / sum : 1 / sized.length }));
}

/** The items as they would rank among each other; what an item inherits is taken as it was. */
function reweighed(data, items, weights) {
  const isRoot = data.method === "ice";
  const told = items.map((item) => {
    const [oldPlain, oldCost] = parts(data, item, weightsOf(data));
    const [plain, cost] = parts(data, item, weights);
    const own = (isRoot ? item.middle ** 3 : item.middle * oldCost) - item.inherited;
    const value = (oldPlain > 0 ? (own / oldPlain) * plain : plain) + item.inherited;
    const middle = isRoot ? Math.cbrt(Math.max(0, value)) : value / cost;
    const counts = data.factors.slice(0, VALUES[data.method])
      .some((factor) => weightOf(weights, factor) > 0 && !item.missing.includes(factor));
    const placed = item.placed && Number.isFinite(middle) && (counts || item.inherited > 0);
    return { ...item, placed, middle: placed ? middle : 0, shares: newShares(data, item, weights, plain, oldPlain), was: item.rank, isPreview: true };
  });
  told.sort((a, b) => Number(b.placed) - Number(a.placed) || b.middle - a.middle || a.was - b.was);
  const first = Math.min(...items.map(({ rank }) => rank));
  return told.map((item, at) => ({ ...item, rank: first + at }));
}

/** How far an item moved against the ranking in which every input counts alike. */
function moved(item, base) {
  const before = base.get(item.key);
  if (before === undefined || before === item.rank) return null;
  const by = before - item.rank;
  return el("span", { class: by > 0 ? "chip moved up" : "chip moved down" },
    el("span", { "aria-hidden": "true" }, by > 0 ? "▲ " : "▼ "), el("span", { class: "unseen" }, by > 0 ? "up by " : "down by "), number(Math.abs(by)));
}

const weightWords = (weight) => `× ${number(weight, 2)}`;

/** Sliders for the weights; `change` hears every move, `rank` asks the tool. */
function weightsPanel(data, weights, { isOpen, toggled, change, reset, rank, isLoading }) {
  if (data.factors.length < 2) return null;
  const row = (factor, at) => {
    const id = `weight-${factor}`;
    const output = el("output", { for: id, class: "num" });
    const slider = el("input", { type: "range", id, ...WEIGHT_STEPS, value: Math.min(WEIGHT_STEPS.max, weightOf(weights, factor)) });
    const tell = (weight) => {
      output.textContent = weightWords(weight);
      slider.setAttribute("aria-valuetext", weight === 0 ? "left out" : `${number(weight, 2)} times`);
    };
    slider.addEventListener("input", () => {
      tell(Number(slider.value));
      change(factor, Number(slider.value));
    });
    tell(weightOf(weights, factor));
    const divides = at >= VALUES[data.method];
    return el("div", { class: "weight" }, el("label", { for: id }, partName(factor), divides && el("span", { class: "quiet small" }, " (divides)")), slider, output);
  };
  return el("details", { id: "weights", class: "weights", open: isOpen, ontoggle: (event) => toggled(event.target.open) },
    el("summary", {}, "Weights"),
    el("div", { class: "stack tight" },
      el("p", { class: "small quiet" }, data.method === "wsjf"
        ? "How much each input counts: 1 as the method says, 0 not at all. Size counts as a power."
        : "How much each input counts, as a power: 1 as the method says, 0 not at all."),
      el("div", { class: "weight-list" }, data.factors.map(row)),
      el("div", { class: "row" },
        rank && el("button", { type: "button", id: "rank-weighted", disabled: isLoading, onclick: rank }, "Rank everything by these weights"),
        el("button", { type: "button", id: "reset-weights", onclick: reset }, "All count alike"))));
}
