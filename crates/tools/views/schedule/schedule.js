// The portfolio schedule: epics on the teams' lanes, how full the teams are, why each epic is where it is.

const FILTERS = {
  all: ["All epics", () => true],
  late: ["Late", (epic) => epic.days_late > 0],
  critical: ["Critical", (epic) => epic.criticality >= 0.5],
};

function lateness({ weighted_tardiness: lost, weighted_tardiness_bound: least }) {
  return `weighted lateness ${number(lost, 1)}, ${lost - least < 0.05 ? "no plan has less" : `at least ${number(least, 1)} in any plan`}`;
}

function tiles(data, epics) {
  const late = epics.filter((epic) => epic.days_late > 0).length;
  const part = epics.length < data.total ? ` of the first ${number(epics.length)}` : "";
  const best = data.gap < 0.005 ? "no plan could end sooner" : `no plan ends before ${date(data.bound)}`;
  return el("dl", { class: "tiles" },
    data.end && tile("Ends", date(data.end), best, "lead"),
    tile("Epics", number(data.total), counted(data.lanes.length, "team", "teams")),
    tile("Late", `${number(late)}${part}`, late > 0 || data.weighted_tardiness > 0 ? lateness(data) : "every due date is met"));
}

function legend() {
  const entry = (kind, words) => el("li", {}, el("span", { class: `sample ${kind}`, "aria-hidden": "true" }), words);
  return el("ul", { class: "legend", "aria-label": "Signs" },
    entry("plan", "planned"), entry("late", "late"), entry("critical", "critical"),
    entry("may", `end in ${percent(0.85)}, ${percent(0.95)} of the trials`), entry("due", "due"), entry("now", "today"));
}

function notes(data) {
  const told = [];
  if (data.idle_teams.length > 0) told.push(`Without a capacity per week, so nothing is placed on them: ${data.idle_teams.join(", ")}.`);
  if (data.unsized_epics.length > 0) told.push(`Without points, so not in the plan: ${data.unsized_epics.join(", ")}.`);
  if (data.unsized_items > 0) told.push(`${counted(data.unsized_items, "item below epics has", "items below epics have")} no points; the plan does not hold their work.`);
  if (data.stopped) told.push("The search was stopped before its effort was used up.");
  return told.length > 0 && part("Not in the plan", told.map((words) => el("p", { class: "notice" }, words)));
}

begin("Portfolio schedule", (data, args) => {
  const state = { epics: data.epics, next: data.next_skip, team: "", filter: "all", chart: true, chosen: null, loading: false };
  const packed = { packing: data.packing, asked: data.packing ? args.sprints ?? 0 : 0, titles: new Map(), byTitle: false, loading: false, problem: null };
  // The same first day: a plan that begins on another day is another plan.
  const same = { start: data.as_of.slice(0, 10), ...args };
  const visible = () => state.epics.filter((epic) => (!state.team || epic.team === state.team) && FILTERS[state.filter][1](epic));
  const more = async () => {
    state.loading = true;
    redraw();
    try {
      const page = await callTool("pm33_schedule_portfolio", { ...same, sprints: 0, skip: state.next, limit: 200 });
      state.epics = [...state.epics, ...page.epics];
      state.next = page.next_skip;
      say(`${number(state.epics.length)} of ${number(data.total)} epics are shown.`);
    } catch (error) {
      say(error.message);
      state.problem = error.message;
    }
    state.loading = false;
    redraw();
  };
  let turn = 0;
  const busy = async (work) => {
    const own = (turn += 1);
    Object.assign(packed, { loading: true, problem: null });
    redraw();
    view.setAttribute("aria-busy", "true");
    try {
      const [change, spoken] = await work();
      // The answer to what was asked last is shown, whichever comes first.
      if (own !== turn) return;
      Object.assign(packed, change);
      say(spoken);
    } catch (error) {
      if (own !== turn) return;
      packed.problem = error.message;
      say(error.message);
    }
    packed.loading = false;
    redraw();
  };
  const titlesFor = async (packing) => {
    const missing = namedStories(packing).filter((key) => !packed.titles.has(key));
    for (const [key, item] of await storiesOf(data.workspace, missing)) packed.titles.set(key, item);
  };
  const pack = (sprints) => {
    packed.asked = sprints;
    return busy(async () => {
      if (sprints === 0) return [{ packing: undefined }, "No stories are packed."];
      const { packing, summary } = await callTool("pm33_schedule_portfolio", { ...same, sprints, skip: 0, limit: 1 });
      if (packed.byTitle) await titlesFor(packing);
      tellModel(`In the schedule view the person now looks at stories in ${SPRINTS[sprints]} of each team. ${summary}`);
      return [{ packing }, packedWords(packing)];
    });
  };
  const tell = (byTitle) => busy(async () => {
    if (byTitle) await titlesFor(packed.packing);
    return [{ byTitle }, byTitle ? "The stories are shown with their titles." : "The stories are shown by their keys."];
  });
  present(() => {
    const body = el("div", { class: "stack tight" });
    const panel = el("div", { "aria-live": "polite", id: "panel" });
    let mark = () => {};
    const pick = (key) => {
      state.chosen = key;
      mark(key);
      const epic = state.epics.find((one) => one.key === key);
      panel.replaceChildren(epic ? reasons(epic, jump) : el("p", { class: "small quiet" }, `${key} is not among the epics that are shown.`));
    };
    const jump = (key) => {
      pick(key);
      document.getElementById(`epic-${key}`)?.focus();
    };
    const fillBody = () => {
      const epics = visible();
      panel.replaceChildren();
      if (epics.length === 0) return body.replaceChildren(el("p", { class: "notice" }, "No epic is of this sort."));
      if (!state.chart) return body.replaceChildren(asTable(epics), teamTable(data.lanes));
      const chart = gantt(data.lanes, epics, Date.parse(data.as_of), state.chosen, pick);
      mark = chart.mark;
      body.replaceChildren(legend(), chart.frame,
        el("p", { class: "small quiet" }, "Choose an epic for its reasons; arrow keys go from one to the next. Critical: it holds up the end of the plan in at least half of the trials."), panel);
      if (state.chosen && epics.some((epic) => epic.key === state.chosen)) pick(state.chosen);
    };
    const teams = el("select", { id: "team", onchange: (event) => { state.team = event.target.value; fillBody(); } },
      el("option", { value: "" }, "All teams"),
      data.lanes.map((lane) => el("option", { value: lane.team, selected: lane.team === state.team }, lane.team)));
    fillBody();
    return [
      head("Portfolio schedule", data.summary, `${data.workspace} · ${moment(data.as_of)}`),
      tiles(data, state.epics),
      el("section", { class: "stack", "aria-labelledby": "plan" }, el("h2", { id: "plan", class: "unseen" }, "Plan"),
        el("div", { class: "row apart" },
          el("div", { class: "row" },
            el("label", { class: "field" }, "Team", teams),
            choice("Which epics", Object.entries(FILTERS).map(([value, [title]]) => [value, title]), state.filter, (value) => { state.filter = value; fillBody(); })),
          el("div", { class: "row" },
            choice("Show the schedule as", [[true, "Chart"], [false, "Table"]], state.chart, (value) => { state.chart = value; fillBody(); }),
            screenButton())),
        body,
        state.problem && el("p", { class: "notice alarm" }, state.problem),
        state.next !== undefined && el("div", { class: "row" },
          el("span", { class: "small quiet" }, `${number(state.epics.length)} of ${number(data.total)} epics are shown.`),
          canCall() && el("button", { type: "button", id: "more", disabled: state.loading, onclick: more }, state.loading ? "Loading …" : "Show more epics"))),
      packingPart(packed, pack, tell),
      notes(data),
      el("p", { class: "foot" }, `${number(data.schedules)} schedules were tried. The same data give the same plan.`),
    ];
  });
  say(`Portfolio schedule. ${sentences(data.summary)[0]}`);
});
