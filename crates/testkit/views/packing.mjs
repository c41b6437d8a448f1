// Scenes of the stories in the coming sprints, beside the schedule of epics, and of a page that is not all of it.
import assert from "node:assert/strict";

import { settled } from "./browser.mjs";
import { keyboard, layout } from "./checks.mjs";
import { HOSTILE } from "./data.mjs";
import { date, number } from "./words.mjs";

const SCHEDULE = "pm33_schedule_portfolio";
const points = (count) => `${number(count, 2)} ${count === 1 ? "point" : "points"}`;
const counted = (count, one, many) => `${number(count)} ${count === 1 ? one : many}`;

/** The section as a reader has it: the sentence, teams with their sprints, what is left over. */
const read = (frame) => frame.evaluate(() => {
  const words = (node) => node.innerText.replace(/\s+/g, " ").trim();
  const part = [...document.querySelectorAll("section")].find((one) => one.querySelector("h2")?.innerText === "Stories in the coming sprints");
  if (!part) return null;
  for (const one of part.querySelectorAll("details")) one.open = true;
  const stories = (node) => [...node.querySelectorAll(".stories li")].map(words);
  return {
    words: words(part),
    teams: [...part.querySelectorAll("#packing > li")].map((team) => ({
      team: words(team.querySelector("h3")), head: words(team.querySelector("summary")),
      sprints: [...team.querySelectorAll(".sprint")].map((one) => ({ name: words(one.querySelector("h4")), words: words(one), stories: stories(one) })),
    })),
    left: [...part.querySelectorAll(".notice.stack")].map((one) => ({ words: words(one), stories: stories(one) })),
  };
});

/** Every sprint, story and reason of the answer is on the page. */
export async function packingIs(frame, packing) {
  const told = await read(frame);
  assert.ok(told, "the schedule has a section about stories in sprints");
  if (!packing) return assert.deepEqual([told.teams, told.left], [[], []]);
  const placed = packing.sprints.reduce((all, one) => all + one.count, 0);
  assert.ok(told.words.includes(`${number(placed)} of ${counted(packing.total, "open story", "open stories")} with points`), told.words);
  const teams = [...new Set(packing.sprints.map((one) => one.team))];
  assert.deepEqual(told.teams.map((one) => one.team), teams.map((team) => team.replace(/\s+/g, " ")));
  for (const [at, team] of teams.entries()) {
    const own = packing.sprints.filter((one) => one.team === team);
    const shown = told.teams[at].sprints;
    assert.equal(shown.length, own.length, team);
    assert.ok(told.teams[at].head.includes(counted(own.reduce((all, one) => all + one.count, 0), "story", "stories")), told.teams[at].head);
    for (const [place, sprint] of own.entries()) {
      const days = `${date(sprint.start)} – ${date(sprint.end)}`;
      assert.equal(shown[place].name, sprint.name ?? days);
      const load = sprint.room > 0
        ? `${number(sprint.room - sprint.free, 2)} of ${points(sprint.room)}, ${number(sprint.free, 2)} free` : "no capacity in these days";
      for (const words of [days, load, ...(sprint.name ? [] : ["not written down yet"])]) assert.ok(shown[place].words.includes(words), `${shown[place].words} tells ${words}`);
      assert.deepEqual(shown[place].stories.map((one) => one.split(" ")[0]), sprint.stories);
      const more = sprint.count - sprint.stories.length;
      assert.equal(shown[place].words.includes(`and ${number(more)} more`), more > 0, shown[place].words);
    }
  }
  assert.deepEqual(told.left.map((one) => one.stories.map((words) => words.split(" ")[0])), packing.left_over.map((one) => one.stories));
  for (const [at, left] of packing.left_over.entries()) {
    assert.ok(told.left[at].words.startsWith(`${counted(left.count, "story", "stories")}: ${left.why.replaceAll("`", "")}.`), told.left[at].words);
  }
}

/** Every scene by name. */
export function* packingScenes({ demo, large, onDemo, onLarge }, { call, clean, picture, panes, axe }) {
  for (const [pane, how] of panes) {
    yield [`schedule with stories in sprints, ${pane}`, async () => {
      const args = { sprints: 2 };
      const result = await call(demo, SCHEDULE, args);
      const { packing } = result.structuredContent;
      assert.ok(packing.sprints.some((one) => one.count > 0) && packing.left_over.length > 0, "the sample has both sorts");
      const shown = await onDemo.open({ tool: SCHEDULE, args, result, ...how });
      await packingIs(shown.frame, packing);
      assert.equal(await shown.frame.$eval("#sprints", (one) => one.value), "2");
      await settled(shown.frame);
      await layout(shown.frame, `packing ${pane}`);
      await axe(shown.frame, `packing ${pane}`);
      await picture(shown, `schedule-packing-${pane}`);
      const stops = await keyboard(shown.page, shown.frame, `packing ${pane}`);

      await shown.frame.focus("#titles");
      await shown.page.keyboard.press("Enter");
      await shown.frame.waitForSelector(".stories.told");
      await settled(shown.frame);
      assert.equal(await shown.frame.evaluate(() => document.activeElement.id), "titles", "the focus stays");
      const asked = shown.calls.filter((one) => one.name === "pm33_query_backlog").flatMap((one) => one.arguments.ids);
      const keys = [...packing.sprints, ...packing.left_over].flatMap((one) => one.stories);
      assert.deepEqual(asked, keys, "each story is asked for once");
      const { items } = (await call(demo, "pm33_query_backlog", { ids: keys.slice(0, 50), columns: "summary", limit: 50 })).structuredContent;
      const said = (await read(shown.frame)).words;
      for (const item of items) {
        const line = `${item.key} ${item.title} ${points(item.story_points)}`.replace(/\s+/g, " ");
        assert.ok(said.includes(line), `${line} is there`);
      }
      await packingIs(shown.frame, packing);
      await settled(shown.frame);
      await layout(shown.frame, `packing with titles ${pane}`);
      await axe(shown.frame, `packing with titles ${pane}`);
      await picture(shown, `schedule-packing-titles-${pane}`);
      await clean(shown);
      return `${stops} stops of the tab key`;
    }];
  }

  yield ["schedule: stories are packed from the page, by key", async () => {
    const result = await call(demo, SCHEDULE, {});
    const { as_of: asOf } = result.structuredContent;
    const shown = await onDemo.open({ tool: SCHEDULE, args: {}, result });
    await packingIs(shown.frame, undefined);
    const start = asOf.slice(0, 10);
    for (const sprints of [3, 1]) {
      await shown.frame.focus("#sprints");
      await shown.page.keyboard.press(sprints === 3 ? "3" : "Home");
      await shown.frame.select("#sprints", String(sprints));
      await shown.frame.waitForFunction((many) => document.querySelector("#packing > li")?.querySelectorAll(".sprint").length === many, {}, sprints);
      await settled(shown.frame);
      assert.equal(await shown.frame.evaluate(() => document.activeElement.id), "sprints", "the focus stays");
      assert.deepEqual(shown.calls.at(-1), { name: SCHEDULE, arguments: { start, sprints, skip: 0, limit: 1 } });
      const expected = (await call(demo, SCHEDULE, { start, sprints, limit: 1 })).structuredContent;
      await packingIs(shown.frame, expected.packing);
      const told = await shown.page.evaluate(() => window.model_context.content[0].text);
      assert.ok(told.includes(expected.summary), "the model is told what the person sees");
      await shown.frame.waitForFunction(() => document.getElementById("status").textContent.includes(" open stories with points are in "));
    }
    await shown.frame.select("#sprints", "0");
    await shown.frame.waitForFunction(() => !document.getElementById("packing"));
    await packingIs(shown.frame, undefined);
    await clean(shown);
  }];

  yield ["schedule: a page without a late epic does not say that every due date is met", async () => {
    const args = { limit: 1 };
    const result = await call(demo, SCHEDULE, args);
    const { epics, weighted_tardiness: lost } = result.structuredContent;
    assert.ok(epics[0].days_late === 0 && lost > 0, "the late epic is on another page");
    const shown = await onDemo.open({ tool: SCHEDULE, args, result });
    const tile = await shown.frame.evaluate(() => [...document.querySelectorAll(".tile")].at(-1).innerText);
    assert.ok(tile.includes("0 of the first 1") && tile.includes(`weighted lateness ${number(lost, 1)}`), tile);
    await clean(shown);
  }];

  yield ["schedule: stories in sprints on a host that passes no calls on", async () => {
    const args = { sprints: 1 };
    const result = await call(demo, SCHEDULE, args);
    const shown = await onDemo.open({ tool: SCHEDULE, args, result, abilities: {} });
    await packingIs(shown.frame, result.structuredContent.packing);
    assert.deepEqual(await shown.frame.evaluate(() => [document.getElementById("sprints").disabled, document.getElementById("titles")]), [true, null]);
    await axe(shown.frame, "packing without calls");
    await clean(shown);
  }];

  for (const [pane, how] of [["light", { width: 880 }], ["narrow-dark", { width: 320, context: { theme: "dark" } }]]) {
    yield [`schedule with hostile stories in sprints of 12 teams, ${pane}`, async () => {
      const args = { sprints: 6, limit: 10 };
      const result = await call(large, SCHEDULE, args);
      const { packing } = result.structuredContent;
      assert.ok(packing.sprints.length >= 72 && packing.sprints.some((one) => one.count > one.stories.length), "many sprints, one with more stories than are named");
      const shown = await onLarge.open({ tool: SCHEDULE, args, result, ...how });
      assert.equal(await shown.frame.evaluate(() => document.querySelectorAll("#packing details[open]").length), 0, "teams are closed where there are many");
      await picture(shown, `schedule-packing-12-${pane}-closed`);
      await packingIs(shown.frame, packing);
      await shown.frame.click("#titles");
      await shown.frame.waitForSelector(".stories.told");
      await settled(shown.frame);
      const words = await shown.frame.evaluate(() => document.body.textContent);
      assert.ok(words.includes("0.25 points"), "parts of points are told");
      for (const title of HOSTILE) assert.ok(words.includes(`Story ${title}`), `the title ${title} is text`);
      assert.ok(words.includes("<b>Sprint</b>"), "the sprint's name is text");
      const odd = await shown.frame.evaluate(() => [document.querySelectorAll("img, b, i, iframe, object, embed, link, body script ~ script").length, document.title]);
      assert.deepEqual(odd, [0, "Portfolio schedule"]);
      await layout(shown.frame, "packing of 12 teams");
      await axe(shown.frame, "packing of 12 teams");
      await picture(shown, `schedule-packing-12-${pane}`);
      await clean(shown);
    }];
  }
}
