// The numbers on the page are those of the answer: every one of them, from the tables and the tiles.
import assert from "node:assert/strict";

import { press, rows } from "./checks.mjs";
import { LOCALE, date, number, percent, score } from "./words.mjs";

const text = (frame, selector) => frame.evaluate((one) => [...document.querySelectorAll(one)].map((node) => node.innerText), selector);

async function forecast(frame, { forecast: said, left_out }) {
  const isWhen = said.question === "when";
  const tiles = await text(frame, ".tile");
  for (const [at, level] of said.percentiles.entries()) {
    assert.ok(tiles[at].includes(isWhen ? date(level.date) : `${number(level.items)} or more`), `${tiles[at]} tells ${JSON.stringify(level)}`);
    assert.ok(tiles[at].includes(`exactly ${percent(level.chance)}`), tiles[at]);
  }
  if (said.target) assert.deepEqual(await text(frame, "#target-chance"), [percent(said.target.chance)]);
  for (const team of said.teams) {
    const told = await rows(frame, `Track record of ${team.team}`);
    const expected = team.track_record.coverage.map(({ level, held }) => [percent(level), percent(held.share), `${percent(held.low)} – ${percent(held.high)}`]);
    assert.deepEqual(told.map((row) => row.filter((cell) => cell !== "")), expected, team.team);
  }
  const basis = await rows(frame, "What the forecast is computed from");
  assert.deepEqual(basis.map((row) => row.slice(0, 3)), said.teams.map((team) => [team.team, number(team.remaining), number(team.items_per_day, 2)]));
  const sign = (effect) => new Intl.NumberFormat(LOCALE, { signDisplay: "exceptZero" }).format(effect);
  const [moves, lasts] = [said.drivers.filter((one) => one.share === undefined), said.drivers.filter((one) => one.share !== undefined)];
  const causes = ((await rows(frame, "Causes and their effects")) ?? []).map((row) => [row[0], row.at(-1).split(" ")[0]]);
  assert.deepEqual(causes, moves.map((one) => [one.driver, one.effect === undefined ? "not" : sign(one.effect)]));
  const shares = ((await rows(frame, "Chance of each team to finish last")) ?? []).map((row) => [row[0], row.at(-1)]);
  assert.deepEqual(shares, lasts.map((one) => [one.driver, percent(one.share)]));
  for (const one of left_out) assert.ok((await text(frame, ".notice")).some((words) => words.includes(one.why)), one.why);
  await press(frame, "Table");
  const curve = await rows(frame, "The distribution as a table");
  assert.deepEqual(curve, said.curve.map(([at, chance]) => [isWhen ? date(at) : number(Number(at)), percent(chance)]));
  await press(frame, "Chart");
  // The slider reads every day (or number) of the curve as the last point that is not beyond it.
  const reading = await frame.evaluate(() => {
    const slider = document.getElementById("reader");
    return Array.from({ length: Number(slider.max) + 1 }, (_, at) => {
      slider.value = at;
      slider.dispatchEvent(new Event("input"));
      return [document.getElementById("reading").textContent, slider.getAttribute("aria-valuetext")];
    });
  });
  const told = new Map(reading);
  // A day may stand in the curve twice, where much is likely on it.
  for (const [value, chance] of new Map(said.curve)) {
    const items = Number(value) + 1;
    const expected = isWhen ? `By ${date(value)}: ${percent(chance)}` : `At least ${number(items)} ${items === 1 ? "item" : "items"}: ${percent(1 - chance)}`;
    if (!isWhen && value === said.curve.at(-1)[0]) continue;
    assert.equal(told.get(expected), expected, `the slider tells ${expected}`);
  }
}

async function schedule(frame, data) {
  const tiles = (await text(frame, ".tile")).join("\n");
  assert.ok(tiles.includes(date(data.end)) && tiles.includes(number(data.total)), tiles);
  for (const lane of data.lanes) {
    if (!data.epics.some((epic) => epic.team === lane.team)) continue;
    const [words] = (await text(frame, ".lane")).filter((one) => one.startsWith(lane.team));
    assert.ok(words.includes(`${percent(lane.utilisation)} used`) && words.includes(number(lane.capacity_per_week, 1)), `${words} tells ${JSON.stringify(lane)}`);
  }
  await press(frame, "Table");
  const told = await rows(frame, "The schedule as a table");
  const day = (one) => (one ? date(one) : "–");
  assert.deepEqual(told, data.epics.map((epic) => [
    epic.key, epic.title.replace(/\s+/g, " ").trim(), epic.team, date(epic.start), date(epic.finish), ...(epic.finish_50_85_95 ?? [null, null, null]).map(day), day(epic.due),
    epic.days_late ? number(epic.days_late) : "–", epic.criticality === undefined ? "–" : percent(epic.criticality), epic.why_start,
  ]));
  assert.deepEqual(await rows(frame, "How full the teams are"), data.lanes.map((lane) => [
    lane.team, percent(lane.utilisation), number(lane.capacity_per_week, 1), lane.finished_per_week === undefined ? "–" : number(lane.finished_per_week, 1), number(lane.epics_at_a_time),
  ]));
  await press(frame, "Chart");
}

async function priorities(frame, data) {
  await press(frame, "Table");
  const told = await rows(frame, "The ranking as a table");
  assert.equal(told.length, data.items.length);
  const parts = [...new Set(data.items.flatMap((item) => item.shares.map(({ of }) => of)))];
  for (const [at, item] of data.items.entries()) {
    const share = (of) => item.placed && item.shares.find((one) => one.of === of)?.share;
    const [low, high] = item.score ? [score(item.score.low), score(item.score.high)] : ["–", "–"];
    assert.deepEqual([...told[at].slice(0, 7), ...told[at].slice(8, 8 + parts.length), told[at].at(-1)], [
      number(item.rank), item.key, item.title.replace(/\s+/g, " ").trim(), item.tier ?? "–", item.placed ? score(item.middle) : "–", low, high,
      ...parts.map((of) => { const found = share(of); return found === undefined || found === false ? "–" : percent(found); }),
      item.stays_in_top === undefined ? "–" : percent(item.stays_in_top),
    ]);
  }
  await press(frame, "Chart");
  const flips = await rows(frame, "Single steps that change the top five");
  assert.equal(flips?.length ?? 0, data.sensitivity.length);
  for (const [at, flip] of data.sensitivity.entries()) {
    assert.ok(flips[at][0].startsWith(flip.key) && flips[at][1].endsWith(`${number(flip.from, 2)} → ${number(flip.to, 2)}`) && flips[at][2] === `${flip.moves} ${flip.change}`, String(flips[at]));
  }
}

export const numbers = { pm33_forecast_delivery: forecast, pm33_schedule_portfolio: schedule, pm33_optimize_priorities: priorities };
