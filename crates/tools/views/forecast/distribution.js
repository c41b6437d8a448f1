// The distribution: bars whose height is the chance of a span of days (or items), coloured by how sure one is until there.

const ZONES = [0.5, 0.85, 0.95, 1];
const zoneWords = (zone) => (zone < 3 ? `up to ${percent(ZONES[zone])}` : `beyond ${percent(0.95)}`);

/** What is on the x axis: days or items, as numbers with their words. */
function dimension(forecast) {
  const isWhen = forecast.question === "when";
  return isWhen
    ? { isWhen, at: dayOf, words: (value) => date(textOf(value)), least: DAY, ticks: dayTicks }
    : { isWhen, at: Number, words: (value) => number(value), least: 1, ticks: numberTicks };
}

/** The chance of at most a value: that of the last point of the curve that is not beyond it. */
function cumulative(points) {
  return (value) => points.findLast(([at]) => at <= value)?.[1] ?? 0;
}

/** Spans of equal width with the chance of each. */
function spans(points, dim, most) {
  const from = points[0][0];
  const to = points.at(-1)[0] + dim.least;
  const wide = Math.max(1, Math.ceil((to - from) / dim.least / most)) * dim.least;
  const chance = cumulative(points);
  const found = [];
  for (let start = from; start < to; start += wide) {
    const low = chance(start - dim.least);
    found.push({ start, end: start + wide, low, chance: chance(start + wide - dim.least) - low });
  }
  return found;
}

function zoneOf(dim, low, mass) {
  const middle = low + mass / 2;
  // How sure one is of "at least so many" falls with the number.
  const sure = dim.isWhen ? middle : 1 - middle;
  return ZONES.findIndex((end) => sure <= end);
}

/** Markers with their labels in as few rows as keep them apart. */
function placed(marks, x, right) {
  const rows = [];
  return marks.map((mark) => {
    const half = mark.label.length * 3.4 + 4;
    const place = Math.max(half, Math.min(right - half, x(mark.at)));
    let row = rows.findIndex((end) => end < place - half);
    if (row < 0) row = rows.length;
    rows[row] = place + half;
    return { ...mark, row, place };
  });
}

function marks(forecast, dim) {
  const found = forecast.percentiles
    .map(({ level, date: day, items }) => ({ level, at: dim.isWhen ? day && dayOf(day) : items }))
    .filter(({ at }) => at !== undefined && at !== null)
    .map(({ level, at }) => ({ at, label: percent(level), kind: level === 0.85 ? "sure" : "" }));
  const target = forecast.target && (dim.isWhen ? forecast.target.date && dayOf(forecast.target.date) : forecast.target.items);
  if (target) found.push({ at: target, label: "target", kind: "target" });
  return found.sort((a, b) => a.at - b.at);
}

/** The drawing, and a function that moves the reader's line. */
function distribution(forecast, points, dim) {
  const wide = room();
  const found = spans(points, dim, Math.floor(wide / 7));
  const reach = marks(forecast, dim);
  const from = Math.min(found[0].start, ...reach.map(({ at }) => at));
  const to = Math.max(found.at(-1).end, ...reach.map(({ at }) => at + dim.least));
  // As the thumb of a slider, the drawing begins a little inside.
  const x = scale(from, to, 8, wide - 8);
  const middle = (at) => x(at + dim.least / 2);
  const labels = placed(reach, middle, wide);
  const top = 18 * Math.max(1, ...labels.map(({ row }) => row + 1)) + 6;
  const [high, bottom] = [150, 22];
  const tallest = Math.max(...found.map((one) => one.chance)) || 1;
  const y = scale(0, tallest, top + high, top);
  const bars = found.map((one) => draw("rect", {
    class: `bar zone${zoneOf(dim, one.low, one.chance)}`,
    x: x(one.start) + 0.5, width: Math.max(1, x(one.end) - x(one.start) - 1),
    y: y(one.chance), height: Math.max(0, top + high - y(one.chance)),
  }));
  const ticks = dim.ticks(from, to, Math.floor(wide / 72)).map(([at, label]) => {
    const half = label.length * 3.6 + 2;
    return draw("g", {},
      draw("line", { class: "axis", x1: middle(at), x2: middle(at), y1: top + high, y2: top + high + 4 }),
      draw("text", { x: Math.max(half, Math.min(wide - half, middle(at))), y: top + high + 18, "text-anchor": "middle" }, label));
  });
  const lines = labels.map(({ at, place, label, kind, row }) => draw("g", { class: `mark ${kind}` },
    draw("line", { x1: middle(at), x2: middle(at), y1: 18 * row + 16, y2: top + high }),
    draw("text", { x: place, y: 18 * row + 12, "text-anchor": "middle" }, label)));
  const reader = draw("line", { class: "reader", y1: top, y2: top + high, x1: 0, x2: 0 });
  const from50 = reach.find(({ label }) => label === percent(0.5));
  const from95 = reach.find(({ label }) => label === percent(0.95));
  const said = from50 && from95
    ? `Distribution of the forecast: half of the chance lies ${dim.isWhen ? "up to" : "at or above"} ${dim.words(from50.at)}, ` +
      `95 percent ${dim.isWhen ? "up to" : "at or above"} ${dim.words(from95.at)}.`
    : "Distribution of the forecast.";
  const drawing = draw("svg", { role: "img", "aria-label": said, width: wide, height: top + high + bottom, viewBox: `0 0 ${wide} ${top + high + bottom}` },
    bars, draw("line", { class: "axis", x1: 0, x2: wide, y1: top + high, y2: top + high }), ticks, lines, reader);
  const move = (value) => {
    reader.setAttribute("x1", middle(value));
    reader.setAttribute("x2", middle(value));
  };
  return { drawing, move, from, to };
}
