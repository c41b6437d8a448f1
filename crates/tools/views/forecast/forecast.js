// The delivery forecast: dates (or numbers) with their chances, the distribution, the teams' track record, what moves it.

const LEVEL_WORDS = { 0.5: "as likely as not", 0.7: "likely", 0.85: "good for a promise", 0.95: "nearly sure" };

function levelTiles(forecast, isWhen) {
  return el("dl", { class: "tiles" }, forecast.percentiles.map((one) => {
    const value = isWhen ? (one.date ? date(one.date) : "beyond ten years") : `${number(one.items)} or more`;
    const error = one.monte_carlo_error > 0 ? `, sampling error ${number(one.monte_carlo_error, 1)} ${isWhen ? "days" : "items"}` : "";
    return tile(`${percent(one.level)} – ${LEVEL_WORDS[one.level] ?? ""}`, value,
      `exactly ${percent(one.chance)}${error}`, one.level === 0.85 ? "lead" : "");
  }));
}

function targetNotice(target) {
  if (!target) return null;
  const what = target.date ? `finished by ${date(target.date)}` : `at least ${counted(target.items, "item", "items")}`;
  return el("p", { class: "notice" }, "Target: ", what, ". Its chance is ", el("strong", { id: "target-chance" }, percent(target.chance)), ".");
}

/** The chance of any day or number that the reader picks. */
function reading(points, dim, { move, from, to }, start) {
  const chance = cumulative(points);
  const output = el("output", { for: "reader", id: "reading" });
  const slider = el("input", { type: "range", id: "reader", min: 0, max: Math.round((to - from) / dim.least) - 1, step: 1, value: Math.round((start - from) / dim.least) });
  const tell = () => {
    const value = from + Number(slider.value) * dim.least;
    const text = dim.isWhen
      ? `By ${date(textOf(value))}: ${percent(chance(value))}`
      : `At least ${counted(value, "item", "items")}: ${percent(1 - chance(value - 1))}`;
    output.textContent = text;
    slider.setAttribute("aria-valuetext", text);
    move(value);
  };
  slider.addEventListener("input", tell);
  tell();
  return el("div", { class: "stack tight" },
    slider,
    el("div", { class: "row apart" },
      el("label", { for: "reader", class: "small quiet" }, dim.isWhen ? "Move to read the chance of any day" : "Move to read the chance of any number"),
      el("span", { class: "strong" }, output)));
}

function curveTable(points, dim) {
  const title = dim.isWhen ? "Finished by the end of" : "Items";
  const columns = [[title, ""], [dim.isWhen ? "Chance" : "Chance of at most so many", "num"]];
  return table("The distribution as a table", columns,
    points.map(([value, chance]) => [dim.words(value), percent(chance)]), { style: { "max-height": "320px" } });
}

function driversPart(forecast, isWhen) {
  const moves = forecast.drivers.filter(({ share }) => share === undefined);
  const lasts = forecast.drivers.filter(({ share }) => share !== undefined);
  const most = Math.max(1, ...moves.map(({ effect }) => Math.abs(effect ?? 0)));
  const unit = (effect) => (isWhen ? (Math.abs(effect) === 1 ? "day" : "days") : Math.abs(effect) === 1 ? "item" : "items");
  const bar = (low, high, kind, from) => draw("svg", { "aria-hidden": "true", width: 120, height: 16, viewBox: "0 0 120 16" },
    draw("line", { class: "axis", x1: from, x2: from, y1: 0, y2: 16 }),
    draw("rect", { class: kind, x: low, width: Math.max(1, high - low), y: 3, height: 10, rx: 2 }));
  const x = scale(-most, most, 4, 116);
  const effects = moves.map(({ driver, effect }) => [
    driver,
    effect !== undefined && bar(x(Math.min(0, effect)), x(Math.max(0, effect)), effect > 0 === isWhen ? "worse" : "better", x(0)),
    effect !== undefined ? `${signed(effect)} ${unit(effect)}` : "not known",
  ]);
  const shares = lasts.map(({ driver, share }) => [driver, bar(4, 4 + share * 112, "share", 4), percent(share)]);
  return [
    effects.length > 0 && part(`What moves the ${percent(0.85)} answer`,
      table("Causes and their effects", [["Cause", ""], [drawn(), "wide-only"], [isWhen ? "Later by" : "More by", "num"]], effects, { class: "scroll fit" })),
    shares.length > 0 && part("Which team finishes last",
      table("Chance of each team to finish last", [["Team", ""], [drawn(), "wide-only"], ["Of the trials", "num"]], shares, { class: "scroll fit" })),
  ];
}

function basisPart(forecast) {
  const columns = [["Team", ""], ["Open", "num"], ["Per day", "num"], ["Finished", "end"], ["Days of history", "num wide-only"]];
  const rows = forecast.teams.map((team) => [
    team.team, number(team.remaining), number(team.items_per_day, 2),
    `${number(team.window_items)} in ${counted(team.window_weeks, "week", "weeks")}`, number(team.history_days),
  ]);
  return part("What it is computed from", table("What the forecast is computed from", columns, rows, { class: "scroll fit" }),
    el("p", { class: "small quiet" }, forecast.growth_sets >= 5
      ? `Scope grows as ${number(forecast.growth_sets)} finished sets of items grew: in the middle ${number(forecast.growth_median, 2)} finished for each that was known.`
      : "Scope is taken as known: too few finished epics tell how scope grows here."));
}

/** What must be finished first, and what the dates would be without it. */
function waitingPart(data) {
  const waits = data.waits_for ?? [];
  if (waits.length === 0) return null;
  const waiting = data.forecast.waiting;
  const rows = (waiting?.without ?? []).map((one) => [
    percent(one.level), one.date ? date(one.date) : "beyond ten years",
    one.days === undefined ? "not known" : `${signed(one.days)} ${Math.abs(one.days) === 1 ? "day" : "days"}`,
  ]);
  const parts = Object.entries(waiting?.parts ?? {}).map(([team, items]) => `${team} ${number(items)}`);
  return part("Must be finished first",
    el("p", {}, waits.join(", "), "."),
    waiting && el("p", { class: "small quiet" }, `${counted(waiting.items, "open item", "open items")} in these dates (${parts.join(", ")}). Without them:`),
    rows.length > 0 && table("The dates without what must be finished first",
      [["Confidence", ""], ["Finished by", ""], ["Later because of it", "num"]], rows, { class: "scroll fit" }));
}

function leftOutPart(data) {
  if (data.left_out.length === 0) return null;
  return part("Not in this forecast",
    data.left_out.map((one) => el("div", { class: "notice" },
      el("p", { class: "strong" }, `${one.team}: ${counted(one.items, "open item", "open items")}`),
      el("p", {}, one.why),
      one.keys.length > 0 && el("p", { class: "small quiet" }, one.keys.join(", "), one.items > one.keys.length && " …"))));
}

begin("Delivery forecast", (data) => {
  const forecast = data.forecast;
  const dim = dimension(forecast);
  const points = forecast.curve.map(([at, chance]) => [dim.at(at), chance]);
  const title = dim.isWhen ? "When will it be finished?" : `How much will be finished by ${date(forecast.question.how_much.until)}?`;
  let asTable = false;
  present(() => {
    const body = el("div", { class: "stack" });
    const pick = (value) => {
      asTable = value;
      if (asTable) return body.replaceChildren(curveTable(points, dim));
      const chart = distribution(forecast, points, dim);
      const sure = forecast.percentiles.find(({ level }) => level === 0.85);
      const start = dim.isWhen ? sure?.date && dim.at(sure.date) : sure?.items;
      body.replaceChildren(
        el("figure", { class: "stack tight" }, chart.drawing,
          el("figcaption", {}, el("ul", { class: "legend", "aria-label": "Shades" },
            ZONES.map((_, zone) => el("li", {}, el("span", { class: `swatch zone${zone}`, "aria-hidden": "true" }), zoneWords(zone)))))),
        reading(points, dim, chart, start ?? points[0][0]));
    };
    const drawable = points.length > 1;
    if (drawable) pick(asTable);
    return [
      head(title, data.summary, `${data.workspace} · ${moment(forecast.as_of)}`),
      levelTiles(forecast, dim.isWhen),
      targetNotice(forecast.target),
      drawable && el("section", { class: "stack", "aria-labelledby": "distribution" },
        el("div", { class: "row apart" }, el("h2", { id: "distribution" }, "Distribution"),
          choice("Show the distribution as", [[false, "Chart"], [true, "Table"]], asTable, pick)),
        body),
      part("Do these forecasts hold?",
        el("p", { class: "small quiet" }, "The tick is what was stated, the dot how often it held, the line the interval that so few outcomes allow."),
        calibration(forecast.teams)),
      ...driversPart(forecast, dim.isWhen),
      waitingPart(data),
      basisPart(forecast),
      leftOutPart(data),
      el("p", { class: "foot" }, `${number(forecast.trials)} trials, seed ${forecast.seed}. The same data give the same answer.`),
    ];
  });
  say(`${title} ${sentences(data.summary)[0]}`);
});
