// The scenes: each shows a view with the answer of the real server in a pane and looks at it.
import assert from "node:assert/strict";
import { join } from "node:path";

import { settled } from "./browser.mjs";
import { keyboard, layout, press } from "./checks.mjs";
import { HOSTILE } from "./data.mjs";
import { documentScenes } from "./documents.mjs";
import { numbers } from "./numbers.mjs";
import { packingScenes } from "./packing.mjs";
import { weighingScenes } from "./weighing.mjs";
import { date } from "./words.mjs";

const FORECAST = "pm33_forecast_delivery";
const SCHEDULE = "pm33_schedule_portfolio";
const PRIORITIES = "pm33_optimize_priorities";
const PANES = [
  ["light", { width: 880 }],
  ["dark", { width: 880, context: { theme: "dark" } }],
  ["narrow", { width: 320 }],
  ["narrow-dark", { width: 320, context: { theme: "dark" } }],
];
// A host's own colours and type, as one of the hosts sends them.
const VARIABLES = {
  "--color-background-primary": "light-dark(#faf9f5, #262624)", "--color-background-secondary": "light-dark(#f0eee6, #30302e)",
  "--color-text-primary": "light-dark(#141413, #faf9f5)", "--color-text-secondary": "light-dark(#4a4a47, #c2c0b6)",
  "--color-border-secondary": "light-dark(#dcd9ce, #46453f)", "--font-sans": "Georgia, serif", "--border-radius-md": "4px",
};

/** Opens every disclosure. */
const opened = (frame) => frame.evaluate(() => { for (const one of document.querySelectorAll("details")) one.open = true; });

/** Every scene by name. */
export function* scenes({ demo, large, written, onDemo, onLarge, onWritten, pictures, axe }) {
  const call = (client, name, args) => client("tools/call", { name, arguments: args });
  const clean = async (shown) => {
    assert.deepEqual(shown.faults, []);
    await shown.close();
  };
  const picture = async (shown, name) => {
    const frame = await shown.page.$("iframe");
    await frame.screenshot({ path: join(pictures, `${name}.png`) });
  };

  const asked = {
    [FORECAST]: ["forecast", { target_date: new Date(Date.now() + 60 * 86_400_000).toISOString().slice(0, 10) }],
    [SCHEDULE]: ["schedule", {}],
    [PRIORITIES]: ["priorities", {}],
  };
  for (const [tool, [short, args]] of Object.entries(asked)) {
    for (const [pane, how] of PANES) {
      yield [`${short} ${pane}`, async () => {
        const result = await call(demo, tool, args);
        const shown = await onDemo.open({ tool, args, result, ...how });
        await picture(shown, `${short}-${pane}`);
        await layout(shown.frame, `${short} ${pane}`);
        await axe(shown.frame, `${short} ${pane}`);
        await opened(shown.frame);
        await numbers[tool](shown.frame, result.structuredContent);
        await axe(shown.frame, `${short} ${pane}, opened`);
        const stops = await keyboard(shown.page, shown.frame, `${short} ${pane}`);
        const heard = await shown.frame.evaluate(() => document.getElementById("status").textContent);
        assert.ok(heard.length > 10, `the live region told: ${heard}`);
        await clean(shown);
        return `${stops} stops of the tab key`;
      }];
    }
    yield [`${short} as a table`, async () => {
      const result = await call(demo, tool, args);
      const shown = await onDemo.open({ tool, args, result, width: 640 });
      await press(shown.frame, "Table");
      await settled(shown.frame);
      await layout(shown.frame, `${short} table`);
      await axe(shown.frame, `${short} table`);
      await picture(shown, `${short}-table`);
      await clean(shown);
    }];
    yield [`${short} in the host's colours, language and time, changed while shown`, async () => {
      const result = await call(demo, tool, args);
      const shown = await onDemo.open({ tool, args, result, width: 720, context: { styles: { variables: VARIABLES }, locale: "de-DE", timeZone: "Asia/Tokyo" } });
      const ground = () => shown.frame.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(await ground(), "rgb(250, 249, 245)");
      const words = () => shown.frame.evaluate(() => document.body.innerText);
      const day = result.structuredContent.end ?? result.structuredContent.forecast?.percentiles[0].date ?? result.structuredContent.as_of.slice(0, 10);
      const said = (locale) => date(day, locale);
      const german = tool === PRIORITIES
        ? new Intl.DateTimeFormat("de-DE", { dateStyle: "medium", timeStyle: "short", timeZone: "Asia/Tokyo" }).format(new Date(result.structuredContent.as_of))
        : said("de-DE");
      assert.ok((await words()).includes(german), `${german} is there`);
      await axe(shown.frame, `${short} in the host's colours`);
      await picture(shown, `${short}-host-colours`);
      await shown.page.evaluate(() => window.bridge.setHostContext({ theme: "dark", locale: "en-US", styles: undefined }));
      await shown.page.evaluate((variables) => window.bridge.sendHostContextChange({ theme: "dark", locale: "en-US", styles: { variables } }), VARIABLES);
      await settled(shown.frame);
      assert.equal(await ground(), "rgb(38, 38, 36)");
      if (tool !== PRIORITIES) assert.ok((await words()).includes(said("en-US")), `${said("en-US")} is there`);
      await axe(shown.frame, `${short} in the host's dark colours`);
      await clean(shown);
    }];
    yield [`${short} follows the system where the host names no theme`, async () => {
      const result = await call(demo, tool, args);
      const shown = await onDemo.open({ tool, args, result, system: "dark", context: { theme: undefined } });
      await shown.page.evaluate(() => { document.documentElement.style.colorScheme = "dark"; });
      await settled(shown.frame);
      const [ground] = await shown.frame.evaluate(() => [getComputedStyle(document.body).backgroundColor]);
      assert.equal(ground, "rgb(23, 25, 29)");
      await clean(shown);
    }];
    yield [`${short} says why there is no answer`, async () => {
      const refused = await call(demo, tool, { workspace: "<img src=x onerror=alert(1)>" });
      assert.equal(refused.isError, true);
      const shown = await onDemo.open({ tool, result: refused, width: 480 });
      const words = await shown.frame.evaluate(() => document.body.innerText);
      for (const line of refused.content[0].text.split("\n")) assert.ok(words.includes(line), `${line} in ${words}`);
      assert.equal(await shown.frame.evaluate(() => document.querySelectorAll("img").length), 0);
      await axe(shown.frame, `${short} refused`);
      await picture(shown, `${short}-refused`);
      await shown.page.evaluate(() => window.bridge.sendToolCancelled({ reason: "stopped by the person" }));
      await settled(shown.frame);
      assert.ok((await shown.frame.evaluate(() => document.body.innerText)).includes("stopped by the person"));
      await clean(shown);
    }];
    yield [`${short} reads the copy in the text where a host drops the data, and ends when told`, async () => {
      const { content } = await call(demo, tool, args);
      const shown = await onDemo.open({ tool, args, result: { content } });
      assert.equal(shown.hello.abilities.availableDisplayModes.length, 2);
      assert.ok(await shown.frame.evaluate(() => document.querySelectorAll(".tile").length) > 1);
      assert.deepEqual(await shown.page.evaluate(() => window.bridge.teardownResource({})), {});
      await clean(shown);
    }];
  }

  yield ["forecast of how much", async () => {
    const args = { until: new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10), target_items: 40 };
    const result = await call(demo, FORECAST, args);
    const shown = await onDemo.open({ tool: FORECAST, args, result, width: 640 });
    await picture(shown, "forecast-how-much");
    await layout(shown.frame, "how much");
    await axe(shown.frame, "how much");
    await opened(shown.frame);
    await numbers[FORECAST](shown.frame, result.structuredContent);
    await clean(shown);
  }];

  yield ["forecast by slider: the arrow keys read the curve", async () => {
    const result = await call(demo, FORECAST, {});
    const shown = await onDemo.open({ tool: FORECAST, result });
    const reading = () => shown.frame.evaluate(() => document.getElementById("reading").textContent);
    const before = await reading();
    await shown.frame.focus("#reader");
    for (let turn = 0; turn < 5; turn += 1) await shown.page.keyboard.press("ArrowRight");
    assert.notEqual(await reading(), before);
    await clean(shown);
  }];

  yield ["schedule: an epic's reasons by mouse and by key", async () => {
    const result = await call(demo, SCHEDULE, {});
    const data = result.structuredContent;
    const shown = await onDemo.open({ tool: SCHEDULE, result, width: 760 });
    const chosen = data.epics.find((epic) => epic.after?.length) ?? data.epics[1];
    await shown.frame.click(`#epic-${chosen.key}`);
    const panel = () => shown.frame.evaluate(() => document.getElementById("panel").innerText);
    for (const words of [chosen.title, chosen.why_team, chosen.why_start]) assert.ok((await panel()).includes(words), words);
    await axe(shown.frame, "schedule with reasons");
    await settled(shown.frame);
    await picture(shown, "schedule-reasons");
    await shown.page.keyboard.press("Home");
    await shown.page.keyboard.press("Enter");
    const first = data.lanes.flatMap((lane) => data.epics.filter((epic) => epic.team === lane.team))[0];
    assert.ok((await panel()).includes(first.why_start));
    await clean(shown);
  }];

  yield* packingScenes({ demo, large, onDemo, onLarge }, { call, clean, picture, panes: PANES, axe });

  yield ["priorities: another method is asked of the tool through the host", async () => {
    const args = { limit: 10 };
    const result = await call(demo, PRIORITIES, args);
    const shown = await onDemo.open({ tool: PRIORITIES, args, result });
    for (const method of ["rice", "ice", "moscow", "technical_risk", "wsjf"]) {
      await shown.frame.focus("#method");
      await shown.frame.select("#method", method);
      await settled(shown.frame);
      assert.equal(await shown.frame.evaluate(() => document.activeElement.id), "method", "the focus stays");
      assert.deepEqual(shown.calls.at(-1), { name: PRIORITIES, arguments: { limit: 10, method, skip: 0 } });
      const expected = (await call(demo, PRIORITIES, { limit: 10, method })).structuredContent;
      await numbers[PRIORITIES](shown.frame, expected);
      await settled(shown.frame);
      await layout(shown.frame, method);
      await axe(shown.frame, method);
      await picture(shown, `priorities-${method}`);
      const told = await shown.page.evaluate(() => window.model_context.content[0].text);
      assert.ok(told.includes(expected.summary), "the model is told what the person sees");
    }
    await press(shown.frame, "Show more items");
    await shown.frame.waitForFunction(() => document.querySelectorAll(".item").length > 10);
    await clean(shown);
  }];

  yield* weighingScenes({ demo, onDemo }, { call, clean, picture, axe });

  yield ["priorities: a host that passes no calls on", async () => {
    const result = await call(demo, PRIORITIES, {});
    const shown = await onDemo.open({ tool: PRIORITIES, result, abilities: {} });
    assert.equal(await shown.frame.evaluate(() => document.getElementById("method").disabled), true);
    await axe(shown.frame, "no calls");
    await clean(shown);
  }];

  for (const [tool, args, short] of [[SCHEDULE, { limit: 200 }, "schedule"], [PRIORITIES, { limit: 200 }, "priorities"]]) {
    for (const [pane, how] of [["light", { width: 880 }], ["narrow-dark", { width: 320, context: { theme: "dark" } }]]) {
      yield [`${short} of 500 epics with hostile titles, ${pane}`, async () => {
        const result = await call(large, tool, args);
        const shown = await onLarge.open({ tool, args, result, ...how });
        await picture(shown, `${short}-500-${pane}`);
        const began = Date.now();
        while (await shown.frame.evaluate(() => document.getElementById("more") !== null)) {
          const before = await shown.frame.evaluate(() => document.querySelectorAll(".epic, .item").length);
          await shown.frame.click("#more");
          await shown.frame.waitForFunction((count) => document.querySelectorAll(".epic, .item").length > count, { timeout: 60_000 }, before);
        }
        const took = Date.now() - began;
        const count = await shown.frame.evaluate(() => document.querySelectorAll(".epic, .item").length);
        assert.ok(count >= 500, `${count} are shown`);
        await settled(shown.frame);
        const words = await shown.frame.evaluate(() => document.body.textContent);
        for (const title of HOSTILE) assert.ok(words.includes(title), `the title ${title} is text`);
        const odd = await shown.frame.evaluate(() => [document.querySelectorAll("img, b, i, iframe, object, embed, link, body script ~ script").length, document.title]);
        assert.deepEqual(odd, [0, tool === SCHEDULE ? "Portfolio schedule" : "Priorities"]);
        await layout(shown.frame, `${short} 500`);
        await axe(shown.frame, `${short} 500`);
        await clean(shown);
        return `${count} shown, all pages in ${took} ms`;
      }];
    }
  }

  yield ["schedule in a frame of fixed height scrolls inside", async () => {
    const result = await call(large, SCHEDULE, { limit: 200 });
    const shown = await onLarge.open({ tool: SCHEDULE, result, width: 600, context: { containerDimensions: { width: 600, maxHeight: 500 } } });
    const told = await shown.page.evaluate(() => window.passed.filter((one) => one.method === "ui/notifications/size-changed").at(-1).params);
    assert.equal(told.height, 500);
    await clean(shown);
  }];

  yield* documentScenes({ demo, large, written, onDemo, onLarge, onWritten }, { call, clean, picture, panes: PANES, axe, opened });
}
