// The rows by team: each epic is a button; the timeline is drawn over them.

function meter(share) {
  return el("span", { class: "meter", "aria-hidden": "true" }, el("span", { style: { width: `${Math.round(Math.min(1, share) * 100)}%` } }));
}

function laneHead(lane, place) {
  const pace = place.narrow || lane.finished_per_week === undefined ? "" : `, finished ${number(lane.finished_per_week, 1)}`;
  const load = `${percent(lane.utilisation)} used, ${number(lane.capacity_per_week, 1)} points a week${pace}`;
  return el("div", { class: "lane", style: { height: `${place.narrow ? NARROW_LANE : LANE}px` } },
    el("h3", { class: "cut", title: lane.team, style: place.narrow ? {} : { "flex-basis": `${place.label - 24}px` } }, lane.team),
    el("p", { class: "load small quiet" }, meter(lane.utilisation), el("span", {}, load)));
}

const named = (epic) => epic.title ?? "";

/** What a row says to who does not see its bar. */
function spoken(epic) {
  const safe = epic.finish_50_85_95?.[1];
  return `, ${date(epic.start)} to ${date(epic.finish)}` +
    (safe ? `, ${percent(0.85)} by ${date(safe)}` : "") +
    (epic.days_late > 0 ? `, ${counted(epic.days_late, "day", "days")} late` : "");
}

function epicRow(epic, place, pick) {
  return el("li", {}, el("button", {
    type: "button", class: "epic", id: `epic-${epic.key}`, tabindex: "-1", "data-key": epic.key, "aria-pressed": "false",
    style: { height: `${place.narrow ? NARROW_ROW : ROW}px` }, title: `${epic.key} ${named(epic)}`,
    onclick: () => pick(epic.key),
  },
  el("span", { class: "label", style: place.narrow ? {} : { width: `${place.label - 8}px` } },
    el("span", { class: "key small" }, epic.key), el("span", { class: "cut small" }, named(epic)),
    epic.days_late > 0 && el("span", { class: "chip alarm" }, "late")),
  el("span", { class: "unseen" }, spoken(epic))));
}

/** The chart. `pick` is called with the key of the epic that the reader chose. */
function gantt(lanes, epics, now, chosen, pick) {
  const narrow = window.innerWidth < 600;
  const place = field(epics, dayOf(textOf(now)), room() - 2, narrow);
  const rows = [];
  let top = 0;
  const groups = lanes.map((lane) => {
    const own = epics.filter((epic) => epic.team === lane.team);
    if (own.length === 0) return null;
    rows.push({ top });
    top += narrow ? NARROW_LANE : LANE;
    const list = own.map((epic) => {
      rows.push({ epic, top });
      top += narrow ? NARROW_ROW : ROW;
      return epicRow(epic, place, pick);
    });
    return el("section", { "aria-label": lane.team }, laneHead(lane, place), el("ul", {}, list));
  });
  const body = el("div", { class: narrow ? "rows narrow" : "rows" }, timeline(rows, top, place, now), groups);
  const frame = el("div", { class: top > 700 ? "scroll gantt tall" : "scroll gantt", role: "group", "aria-label": "Epics by team" },
    el("div", { class: "axisbar" }, axis(place)), body);
  const buttons = [...frame.querySelectorAll("button.epic")];
  const mark = (key) => {
    for (const button of buttons) {
      const is = button.dataset.key === key;
      button.setAttribute("aria-pressed", String(is));
      button.tabIndex = is ? 0 : -1;
    }
    if (!buttons.some((button) => button.tabIndex === 0) && buttons[0]) buttons[0].tabIndex = 0;
    for (const path of frame.querySelectorAll(".wait")) {
      path.classList.toggle("chosen", path.dataset.from === key || path.dataset.to === key);
    }
  };
  // One stop for the tab key; arrows move inside.
  frame.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at < 0 || next === undefined || !buttons[next]) return;
    event.preventDefault();
    buttons[at].tabIndex = -1;
    buttons[next].tabIndex = 0;
    buttons[next].focus();
  });
  mark(chosen);
  return { frame, mark };
}
