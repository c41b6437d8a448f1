// What is known of one epic, and all of them as a table.

/** Points, of which there may be parts. */
const points = (count) => `${number(count, 2)} ${count === 1 ? "point" : "points"}`;

function reasons(epic, jump) {
  const [p50, p85, p95] = epic.finish_50_85_95 ?? [];
  const entry = (name, ...value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
  const late = epic.days_late > 0
    ? `, missed by ${counted(epic.days_late, "day", "days")}` +
      (epic.impossible_by_weeks ? `; no plan could meet it: it is ${number(epic.impossible_by_weeks, 1)} weeks too early` : "")
    : "";
  return el("div", { class: "panel stack tight" },
    el("h3", {}, el("span", { class: "key" }, epic.key), " ", named(epic)),
    el("dl", { class: "facts" },
      entry("Team", `${epic.team}: ${epic.why_team}`),
      entry("Start", `${date(epic.start)}: ${epic.why_start}`),
      entry("Finish in the plan", date(epic.finish)),
      p50 && entry("Finish in trials", `half by ${date(p50)}, ${percent(0.85)} by ${date(p85)}, ${percent(0.95)} by ${date(p95)}`),
      epic.due && entry("Due", el("span", { class: late ? "bad" : "" }, `${date(epic.due)}${late}`)),
      epic.points !== undefined && entry("Work left", points(epic.points)),
      epic.criticality !== undefined && entry("Holds up the end", `in ${percent(epic.criticality)} of the trials`),
      (epic.after ?? []).length > 0 && entry("Waits for", epic.after.map((key) =>
        el("button", { type: "button", class: "link", onclick: () => jump(key) }, key)))));
}

function teamTable(lanes) {
  const columns = [["Team", ""], ["Used", "num"], ["Points a week", "num"], ["Finished a week", "num"], ["Epics at a time", "num"]];
  return table("How full the teams are", columns, lanes.map((lane) => [
    lane.team, percent(lane.utilisation), number(lane.capacity_per_week, 1),
    lane.finished_per_week === undefined ? "–" : number(lane.finished_per_week, 1), number(lane.epics_at_a_time),
  ]), { class: "scroll fit" });
}

function asTable(epics) {
  const columns = [["Epic", ""], ["Title", "title"], ["Team", ""], ["Start", "num"], ["Finish", "num"], ["Half by", "num"], [`${percent(0.85)} by`, "num"],
    [`${percent(0.95)} by`, "num"], ["Due", "num"], ["Days late", "num"], ["Holds up the end", "num"], ["Why then", "title"]];
  const rows = epics.map((epic) => [
    el("span", { class: "key" }, epic.key), named(epic), epic.team, date(epic.start), date(epic.finish),
    ...(epic.finish_50_85_95 ?? [null, null, null]).map((day) => (day ? date(day) : "–")),
    epic.due ? date(epic.due) : "–", epic.days_late > 0 ? el("span", { class: "bad" }, number(epic.days_late)) : "–",
    epic.criticality === undefined ? "–" : percent(epic.criticality), epic.why_start,
  ]);
  return table("The schedule as a table", columns, rows, { style: { "max-height": "480px" } });
}
