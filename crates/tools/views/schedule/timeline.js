// The drawing beside the rows: one bar per epic, what may become of it, its due date, what it waits for.

const ROW = 32;
const NARROW_ROW = 50;
const LANE = 36;
const NARROW_LANE = 52;
const AXIS = 26;

/** Where things lie: the days that are shown and the pixels that they get. */
function field(epics, from, wide, narrow) {
  const ends = epics.flatMap((epic) => [dayOf(epic.finish), ...(epic.finish_50_85_95 ?? []).map(dayOf)]);
  const starts = epics.map((epic) => dayOf(epic.start));
  const low = Math.min(from, ...starts);
  const high = Math.max(...ends, low + 14 * DAY) + 3 * DAY;
  const label = narrow ? 0 : Math.round(Math.min(300, wide * 0.32));
  const broad = wide - label;
  return { low, high, label, broad, narrow, x: scale(low, high, 8, broad - 12) };
}

/** The ticks above the rows. */
function axis(place) {
  const ticks = dayTicks(place.low, place.high, Math.floor(place.broad / 76));
  return draw("svg", { "aria-hidden": "true", width: place.broad, height: AXIS, viewBox: `0 0 ${place.broad} ${AXIS}` },
    ticks.map(([at, label]) => {
      const x = place.x(at);
      const half = label.length * 3.6 + 2;
      return draw("g", {},
        draw("line", { class: "axis", x1: x, x2: x, y1: AXIS - 4, y2: AXIS }),
        draw("text", { x: Math.max(half, Math.min(place.broad - half, x)), y: AXIS - 9, "text-anchor": "middle" }, label));
    }));
}

function bar(epic, top, place) {
  const tall = place.narrow ? 12 : 14;
  const y = top + (place.narrow ? NARROW_ROW - tall - 7 : (ROW - tall) / 2);
  const middle = y + tall / 2;
  const start = place.x(dayOf(epic.start));
  // A day's bar goes to its end.
  const end = (day) => place.x(dayOf(day) + DAY);
  const finish = end(epic.finish);
  const [, p85, p95] = epic.finish_50_85_95 ?? [];
  const isLate = epic.days_late > 0;
  const kind = `bar${isLate ? " late" : ""}${epic.criticality >= 0.5 ? " critical" : ""}`;
  const due = epic.due && place.x(dayOf(epic.due) + DAY);
  return draw("g", {},
    p95 && draw("line", { class: "may95", x1: finish, x2: Math.max(finish, end(p95)), y1: middle, y2: middle }),
    p85 && draw("line", { class: "may85", x1: finish, x2: Math.max(finish, end(p85)), y1: middle, y2: middle }),
    draw("rect", { class: kind, x: start, width: Math.max(3, finish - start), y, height: tall, rx: 3 }),
    isLate && draw("rect", { class: "hatch", fill: "url(#hatch)", x: start, width: Math.max(3, finish - start), y, height: tall, rx: 3 }),
    due && due >= 0 && due <= place.broad && draw("path", {
      class: isLate ? "due missed" : "due",
      d: `M${due} ${y - 3}v${tall + 6}M${due - 4} ${y - 3}h8l-4 5z`,
    }));
}

/** From the end of what is waited for to the start of what waits. */
function waits(rows, place) {
  const byKey = new Map(rows.filter(({ epic }) => epic).map((row) => [row.epic.key, row]));
  const tall = place.narrow ? NARROW_ROW : ROW;
  const middle = (row) => row.top + (place.narrow ? NARROW_ROW - 13 : ROW / 2);
  return [...byKey.values()].flatMap((row) => (row.epic.after ?? []).filter((key) => byKey.has(key)).map((key) => {
    const before = byKey.get(key);
    const [from, to] = [place.x(dayOf(before.epic.finish) + DAY), place.x(dayOf(row.epic.start))];
    const [high, low] = [middle(before), middle(row)];
    const bend = Math.max(from + 5, Math.min(to - 6, from + 5));
    const turn = low > high ? low - tall / 2 : low + tall / 2;
    const path = to - from >= 10
      ? `M${from} ${high}H${bend}V${low}H${to - 2}`
      : `M${from} ${high}h5V${turn}H${to - 7}V${low}H${to - 2}`;
    return draw("path", { class: "wait", "data-from": key, "data-to": row.epic.key, d: path, "marker-end": "url(#tip)" });
  }));
}

/** Everything beside the rows, in one drawing that lies over them. */
function timeline(rows, height, place, now) {
  const ticks = dayTicks(place.low, place.high, Math.floor(place.broad / 76));
  const today = place.x(now);
  return draw("svg", { "aria-hidden": "true", class: "timeline", width: place.broad, height, viewBox: `0 0 ${place.broad} ${height}`, style: { left: `${place.label}px` } },
    draw("defs", {},
      draw("pattern", { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
        draw("rect", { class: "hatching", width: 2, height: 6 })),
      draw("marker", { id: "tip", viewBox: "0 0 6 6", refX: 5, refY: 3, markerWidth: 6, markerHeight: 6, orient: "auto" },
        draw("path", { class: "tip", d: "M0 0L6 3L0 6z" }))),
    ticks.map(([at]) => draw("line", { class: "grid", x1: place.x(at), x2: place.x(at), y1: 0, y2: height })),
    today >= 0 && today <= place.broad && draw("line", { class: "today", x1: today, x2: today, y1: 0, y2: height }),
    waits(rows, place),
    rows.filter(({ epic }) => epic).map(({ epic, top }) => bar(epic, top, place)));
}
