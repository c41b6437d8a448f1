// The track record: for each level, how often past forecasts of a team held what they stated.

/** A line from 0 to 100 %: what was stated, what held, and its interval. */
function held({ level, held: { share, low, high } }) {
  const wide = 200;
  const x = scale(0, 1, 4, wide - 4);
  return draw("svg", { "aria-hidden": "true", class: "held", width: wide, height: 20, viewBox: `0 0 ${wide} 20` },
    draw("line", { class: "grid", x1: x(0), x2: x(1), y1: 10, y2: 10 }),
    draw("line", { class: "interval", x1: x(low), x2: x(high), y1: 10, y2: 10 }),
    draw("line", { class: "stated", x1: x(level), x2: x(level), y1: 2, y2: 18 }),
    draw("circle", { class: "point", cx: x(share), cy: 10, r: 4 }));
}

function levels(team) {
  const columns = [["Stated", "num"], [drawn(), "wide-only"], ["Held", "num"], [`${percent(0.95)} interval`, "num"]];
  const rows = team.track_record.coverage.map((one) => [
    percent(one.level), held(one), percent(one.held.share), `${percent(one.held.low)} – ${percent(one.held.high)}`,
  ]);
  return table(`Track record of ${team.team}`, columns, rows, { class: "scroll fit" });
}

function said(team) {
  const record = team.track_record;
  const safe = record.coverage.find(({ level }) => level === 0.85);
  if (record.state !== "calibrated") {
    return safe
      ? `too short a past to judge (${counted(record.origins, "past forecast", "past forecasts")}), so levels from public histories are used`
      : "no past forecast whose outcome is known, so levels from public histories are used";
  }
  return `the ${percent(0.85)} statement held in ${percent(safe.held.share)} of ${counted(record.origins, "past forecast", "past forecasts")}`;
}

/** One disclosure per team; the first is open. */
function calibration(teams) {
  return el("div", { class: "stack tight" }, teams.map((team, at) => {
    const record = team.track_record;
    const score = record.crps === undefined ? "" : ` Mean error of the whole distribution (CRPS): ${number(record.crps, 1)}` +
      (record.crps_relative === undefined ? "." : `, ${percent(record.crps_relative)} of the mean outcome.`);
    return el("details", { open: at === 0 && record.coverage.length > 0 },
      el("summary", {}, el("span", { class: "strong" }, team.team), el("span", { class: "quiet" }, ` – ${said(team)}`)),
      el("div", { class: "stack tight" },
        record.coverage.length > 0 && levels(team),
        el("p", { class: "small quiet" },
          `Replayed at ${counted(record.origins, "past week", "past weeks")} with nothing that came later; ` +
          `worth ${number(record.independent_origins, 1)} outcomes that do not overlap.${score}`)));
  }));
}
