// Priorities: the ranking, what each score is made of, how firm the top is; another method is asked of the tool.

function tiles(data) {
  const tau = data.rank_stability;
  const known = data.items.filter((item) => item.placed);
  const first = known[0];
  return el("dl", { class: "tiles" },
    tile("Next", first ? first.title : "not known", first ? first.key : "no item has what this method asks for", first ? "lead words" : "lead"),
    tile("Items ranked", number(data.total), `method ${METHODS[data.method]?.[0] ?? data.method}`),
    tau !== undefined && tile("The order is", firmness(tau), `rank stability ${number(tau, 2)} of 1`),
    data.must_share !== undefined && tile("Must", percent(data.must_share), data.must_share > 0.6 ? `over ${percent(0.6)} leaves no room` : "of the sized effort"));
}

function legend(items) {
  const parts = [...new Set(items.filter((item) => item.placed).flatMap((item) => item.shares.filter(({ share }) => share > 0).map(({ of }) => of)))];
  return el("ul", { class: "legend", "aria-label": "Colours of the shares" }, parts.map((part) => el("li", {},
    el("span", { class: "swatch", "aria-hidden": "true", style: { "--of": partColour(part) } }), partName(part))));
}

function sensitivityPart(data, titles) {
  if (data.sensitivity.length === 0) {
    return data.rank_stability === undefined ? null
      : part("What would change the top five", el("p", { class: "quiet" }, "No single step of one input would."));
  }
  const rows = data.sensitivity.map((flip) => [
    [el("span", { class: "key" }, flip.key), titles.has(flip.key) && el("span", { class: "quiet" }, ` ${titles.get(flip.key)}`)],
    step(flip),
    `${flip.moves} ${flip.change}`,
  ]);
  return part("What would change the top five",
    el("p", { class: "small quiet" }, "One step of one input on its scale, everything else as it is."),
    table("Single steps that change the top five", [["Item", "title"], ["Step", "whole"], ["Then", "whole"]], rows, { style: { "max-height": "320px" } }));
}

function advice(data, titles) {
  const split = data.split.filter((one) => one.rank_of_half < one.rank).map((one) => el("p", { class: "notice" },
    el("span", { class: "key" }, one.key), titles.has(one.key) && ` ${titles.get(one.key)}`,
    `: size ${number(one.size, 2)}, rank ${number(one.rank)}. A half that keeps all the value would rank ${number(one.rank_of_half)}.`));
  const rest = split.splice(5);
  return [
    split.length > 0 && part("Worth splitting", split,
      rest.length > 0 && el("details", {}, el("summary", {}, `${number(rest.length)} more`), el("div", { class: "stack" }, rest))),
    data.circular.length > 0 && part("Waiting in a circle",
      el("p", { class: "notice alarm" }, `These wait for each other and inherit nothing: ${data.circular.join(", ")}.`)),
  ];
}

/** The weights of an answer in words. */
function toldWeights(data) {
  const told = Object.entries(weightsOf(data)).filter(([, weight]) => weight !== 1);
  return told.length > 0 ? ` with ${told.map(([factor, weight]) => `${partName(factor)} ${weightWords(weight)}`).join(", ")}` : "";
}

begin("Priorities", (first, args) => {
  const { weights: _, ...plainArgs } = args;
  const state = { data: first, items: first.items, chart: true, loading: false, problem: null, weights: weightsOf(first), isWeighing: first.weights !== undefined };
  // Places while every input counts alike, which rank changes are told against.
  const base = new Map();
  const remember = (data) => { if (!data.weights) for (const item of data.items) base.set(item.key, item.rank); };
  remember(first);
  let asked = 0;
  const ask = async (change, keep, spoken) => {
    const turn = (asked += 1);
    Object.assign(state, { loading: true, problem: null });
    redraw();
    view.setAttribute("aria-busy", "true");
    try {
      const data = await callTool("pm33_optimize_priorities", { ...plainArgs, method: state.data.method, skip: 0, ...change });
      // The answer to what was asked last is shown, whichever comes first.
      if (turn !== asked) return;
      state.items = keep ? [...state.items, ...data.items] : data.items;
      if (data.method !== state.data.method) base.clear();
      state.data = data;
      state.weights = weightsOf(data);
      remember(data);
      say(spoken(data));
      tellModel(`In the priorities view the person now looks at the ranking by ${METHODS[data.method]?.[0] ?? data.method}${toldWeights(data)}. ${data.summary}`);
    } catch (error) {
      if (turn !== asked) return;
      state.problem = error.message;
      say(error.message);
    }
    Object.assign(state, { loading: false, wanted: undefined });
    redraw();
  };
  const byMethod = (method) => {
    state.wanted = method;
    return ask({ method }, false, (data) => `Ranked by ${METHODS[data.method][0]}. ${sentences(data.summary)[0]}`);
  };
  const chosen = (weights) => {
    const told = Object.entries(weights).filter(([, weight]) => weight !== 1);
    return told.length > 0 ? { weights: Object.fromEntries(told) } : {};
  };
  const byWeights = (weights) => ask(chosen(weights), false, (data) => `Ranked by these weights. ${sentences(data.summary)[0]}`);
  const more = () => ask({ ...chosen(weightsOf(state.data)), skip: state.data.next_skip, limit: 100 }, true, (data) => `${number(state.items.length)} of ${number(data.total)} items are shown.`);
  present(() => {
    const { data } = state;
    const isPreview = () => !sameWeights(data, state.weights);
    const shown = () => (isPreview() ? reweighed(data, state.items, state.weights) : state.items);
    const { items } = state;
    const titles = new Map(items.map((item) => [item.key, item.title]));
    const most = (all) => Math.max(1e-9, ...all.filter((item) => item.placed).map((item) => (item.isPreview ? item.middle : item.score?.high ?? item.middle)));
    const flipsOf = (key) => data.sensitivity.filter((flip) => flip.key === key);
    const method = el("select", { id: "method", disabled: !canCall(), onchange: (event) => byMethod(event.target.value) },
      Object.entries(METHODS).map(([value, [title]]) => el("option", { value, selected: value === (state.wanted ?? data.method) }, title)));
    const body = el("div", { class: "stack tight fresh" });
    const pick = (chart) => {
      state.chart = chart;
      const all = shown();
      const note = isPreview() && el("p", { id: "preview", class: "notice" },
        `Recomputed here among the ${counted(all.length, "item", "items")} shown, with what they inherit as it was.`,
        canCall() && " Rank everything by these weights to have the tool compute all of it.");
      if (!chart) return body.replaceChildren(...[note, rankTable(all, base)].filter(Boolean));
      const top = most(all);
      body.replaceChildren(...[note, legend(all),
        el("ol", { class: all.length > 30 ? "ranking tall" : "ranking" }, all.map((item) => rankRow(item, top, flipsOf(item.key), base)))].filter(Boolean));
    };
    pick(state.chart);
    const heard = () => {
      pick(state.chart);
      const all = shown();
      const changes = all.filter((item) => base.has(item.key) && base.get(item.key) !== item.rank).length;
      say(`First is ${all[0].title}. ${counted(changes, "item", "items")} in another place than when all inputs count alike.`);
    };
    const weighing = weightsPanel(data, state.weights, {
      isOpen: state.isWeighing, isLoading: state.loading,
      toggled: (open) => { state.isWeighing = open; },
      change: (factor, weight) => { state.weights = { ...state.weights, [factor]: weight }; heard(); },
      reset: () => {
        state.weights = {};
        if (state.data.weights && canCall()) return byWeights({});
        redraw();
        return say("All inputs count alike.");
      },
      rank: canCall() && (() => byWeights(state.weights)),
    });
    return [
      head("What to build next", data.summary, `${data.workspace} · ${moment(data.as_of)}`),
      tiles(data),
      el("section", { class: "stack", "aria-labelledby": "ranking" }, el("h2", { id: "ranking", class: "unseen" }, "Ranking"),
        el("div", { class: "row apart" },
          el("div", { class: "row" },
            el("label", { class: "field" }, "Method", method),
            state.loading && el("span", { class: "small quiet" }, "Ranking …")),
          el("div", { class: "row" }, choice("Show the ranking as", [[true, "Chart"], [false, "Table"]], state.chart, pick), screenButton())),
        el("p", { class: "small quiet" }, `Score = ${METHODS[data.method]?.[1] ?? data.method}.`,
          !canCall() && " This host does not pass calls on, so ask in the chat for another method."),
        state.problem && el("p", { class: "notice alarm" }, state.problem),
        weighing,
        body,
        data.next_skip !== undefined && el("div", { class: "row" },
          el("span", { class: "small quiet" }, `${number(items.length)} of ${number(data.total)} items are shown.`),
          canCall() && el("button", { type: "button", id: "more", disabled: state.loading, onclick: more }, "Show more items"))),
      sensitivityPart(data, titles),
      ...advice(data, titles),
    ];
  });
  say(`What to build next. ${sentences(first.summary)[0]}`);
});
