// Scenes of what the person changes in a view, and of what a forecast waits for.
import assert from "node:assert/strict";

import { settled } from "./browser.mjs";
import { keyboard, layout, press, rows } from "./checks.mjs";
import { date, number, percent, score } from "./words.mjs";

const FORECAST = "pm33_forecast_delivery";
const PRIORITIES = "pm33_optimize_priorities";

/** WSJF by hand: what stands for the boost is what the tool's own score has it at. */
function byHand(data, weights) {
  const weight = (factor) => weights[factor] ?? 1;
  const told = data.items.map((item) => {
    const [value, time, risk, size] = item.inputs;
    const boost = (item.middle * size - item.inherited) / (value + time + risk);
    const sum = value * weight("business_value") + time * weight("time_criticality") + risk * weight("risk_reduction");
    return { ...item, middle: (sum * boost + item.inherited) / size ** weight("size") };
  });
  return told.sort((a, b) => Number(b.placed) - Number(a.placed) || (b.placed ? b.middle - a.middle : 0) || a.rank - b.rank);
}

/** Every scene by name. */
export function* weighingScenes({ demo, onDemo }, { call, clean, picture, axe }) {
  const ranking = async (frame) => {
    await press(frame, "Table");
    const told = await rows(frame, "The ranking as a table");
    await press(frame, "Chart");
    return told;
  };
  const heard = (frame) => frame.evaluate(() => document.getElementById("status").textContent);

  yield ["priorities: weights are moved by key, ranked anew here, and asked of the tool", async () => {
    const args = { limit: 10 };
    const result = await call(demo, PRIORITIES, args);
    const data = result.structuredContent;
    const shown = await onDemo.open({ tool: PRIORITIES, args, result, width: 880 });
    await shown.frame.focus("#weights > summary");
    await shown.page.keyboard.press("Enter");
    await shown.frame.focus("#weight-risk_reduction");
    await shown.page.keyboard.press("End");
    await shown.frame.focus("#weight-size");
    for (const _ of [1, 2]) await shown.page.keyboard.press("ArrowLeft");
    const weights = { risk_reduction: 3, size: 0.5 };
    const spoken = await shown.frame.evaluate(() => ["risk_reduction", "size"].map((one) => document.getElementById(`weight-${one}`).getAttribute("aria-valuetext")));
    assert.deepEqual(spoken, ["3 times", "0.5 times"]);
    assert.equal(await shown.frame.evaluate(() => document.activeElement.id), "weight-size", "the focus stays");
    const expected = byHand(data, weights);
    assert.notDeepEqual(expected.map(({ key }) => key), data.items.map(({ key }) => key), "these weights change the order");
    const told = await ranking(shown.frame);
    const sign = (by) => new Intl.NumberFormat("en-GB", { signDisplay: "exceptZero" }).format(by);
    assert.deepEqual(told.map((row) => [row[0], row[1], row[4], row.at(-1)]), expected.map((item, at) => [
      number(at + 1), item.key, item.placed ? score(item.middle) : "–", sign(item.rank - (at + 1)),
    ]));
    for (const [at, row] of told.entries()) {
      // Shares are rounded one by one.
      const shares = row.slice(8).filter((cell) => cell.endsWith("%")).map((cell) => Number.parseFloat(cell.replace("<", "").replace(">", "")));
      const sum = shares.reduce((all, one) => all + one, 0);
      assert.ok(!expected[at].placed || Math.abs(sum - 100) <= 3, `${row[1]}: shares sum to ${sum}`);
    }
    await shown.frame.waitForFunction(() => document.getElementById("status").textContent.startsWith("First is "));
    assert.ok((await heard(shown.frame)).includes(expected[0].title), "who cannot see it hears it");
    assert.equal(shown.calls.length, 0, "nothing is asked of the tool while sliders move");
    await settled(shown.frame);
    await layout(shown.frame, "weights");
    await axe(shown.frame, "weights");
    await settled(shown.frame);
    await picture(shown, "priorities-weights-preview");

    await press(shown.frame, "Rank everything by these weights");
    await settled(shown.frame);
    assert.deepEqual(shown.calls.at(-1), { name: PRIORITIES, arguments: { limit: 10, method: "wsjf", skip: 0, weights } });
    const asked = (await call(demo, PRIORITIES, { ...args, weights })).structuredContent;
    assert.deepEqual(asked.weights, [1, 1, 3, 0.5]);
    const ranked = await ranking(shown.frame);
    assert.deepEqual(ranked.map((row) => [row[0], row[1], row[4]]), asked.items.map((item) => [number(item.rank), item.key, item.placed ? score(item.middle) : "–"]));
    assert.equal(await shown.frame.evaluate(() => document.getElementById("preview")), null, "what the tool ranked is no preview");
    const words = await shown.page.evaluate(() => window.model_context.content[0].text);
    assert.ok(words.includes("Risk reduction × 3, Size × 0.5") && words.includes(asked.summary), words);
    await axe(shown.frame, "weights of the tool");
    await picture(shown, "priorities-weights");

    await press(shown.frame, "All count alike");
    await settled(shown.frame);
    assert.deepEqual(shown.calls.at(-1), { name: PRIORITIES, arguments: { limit: 10, method: "wsjf", skip: 0 } });
    const plain = await ranking(shown.frame);
    assert.deepEqual(plain.map((row) => row[1]), data.items.map(({ key }) => key));
    await clean(shown);
  }];

  yield ["priorities: weights of a product, narrow and dark, on a host that passes no calls on", async () => {
    const result = await call(demo, PRIORITIES, { method: "rice" });
    const data = result.structuredContent;
    const shown = await onDemo.open({ tool: PRIORITIES, args: { method: "rice" }, result, width: 320, context: { theme: "dark" }, abilities: {} });
    await shown.frame.click("#weights > summary");
    assert.equal(await shown.frame.evaluate(() => document.getElementById("rank-weighted")), null);
    await shown.frame.focus("#weight-effort");
    await shown.page.keyboard.press("Home");
    const expected = data.items.filter(({ placed }) => placed).map((item) => ({ key: item.key, rank: item.rank, middle: item.middle * item.inputs[3] }));
    expected.sort((a, b) => b.middle - a.middle || a.rank - b.rank);
    const told = await ranking(shown.frame);
    assert.deepEqual(told.slice(0, expected.length).map((row) => [row[1], row[4]]), expected.map((item) => [item.key, score(item.middle)]));
    await settled(shown.frame);
    await layout(shown.frame, "weights narrow");
    await axe(shown.frame, "weights narrow");
    await keyboard(shown.page, shown.frame, "weights narrow");
    await picture(shown, "priorities-weights-narrow-dark");
    await clean(shown);
  }];

  yield ["forecast: what must be finished first, and the dates without it", async () => {
    const args = { epic: "HAR-717" };
    const result = await call(demo, FORECAST, args);
    const { forecast, waits_for } = result.structuredContent;
    assert.deepEqual(waits_for, ["HAR-1"]);
    const shown = await onDemo.open({ tool: FORECAST, args, result, width: 640 });
    const told = await rows(shown.frame, "The dates without what must be finished first");
    assert.deepEqual(told.map((row) => row.slice(0, 2)), forecast.waiting.without.map((one) => [percent(one.level), date(one.date)]));
    await settled(shown.frame);
    await layout(shown.frame, "forecast that waits");
    await axe(shown.frame, "forecast that waits");
    await picture(shown, "forecast-waits");
    await clean(shown);
  }];
}
