// The reader of documents: contents, sources one click away, findings, versions, the list.
import assert from "node:assert/strict";

import { settled } from "./browser.mjs";
import { keyboard, layout, rows } from "./checks.mjs";
import { HOSTILE } from "./data.mjs";
import { number, percent } from "./words.mjs";

const READ = "pm33_get_document";

/** The scenes, as those of scenes.mjs; `aid` is what they share. */
export function* documentScenes({ demo, large, written, onDemo, onLarge, onWritten }, { call, clean, picture, panes, axe, opened }) {
  const list = async (client) => (await call(client, READ, {})).structuredContent.documents;
  for (const [pane, how] of panes) {
    yield [`document ${pane}`, async () => {
      const [first] = await list(demo);
      const args = { document: first.id };
      const result = await call(demo, READ, args);
      const { document } = result.structuredContent;
      const shown = await onDemo.open({ tool: READ, args, result, ...how });
      await picture(shown, `document-${pane}`);
      await layout(shown.frame, `document ${pane}`);
      await axe(shown.frame, `document ${pane}`);
      await opened(shown.frame);
      await numbers(shown.frame, document);
      const cites = await shown.frame.$$("button.cite");
      assert.ok(cites.length > 0, "something is cited");
      for (const cite of cites.slice(0, 6)) {
        const id = await cite.evaluate((one) => one.textContent);
        const source = document.sources.find((one) => one.id === id);
        const before = await shown.frame.evaluate(() => document.querySelectorAll(".source").length);
        await cite.click();
        const told = await shown.frame.evaluate(() => [...document.querySelectorAll(".text .source")].map((one) => one.textContent));
        assert.ok(told.some((one) => one.includes(source.title) && one.includes(source.text)), `${id} tells ${source.text}`);
        await cite.press("Escape");
        assert.equal(await shown.frame.evaluate(() => document.querySelectorAll(".source").length), before, "Escape closes it");
      }
      await cites[0].click();
      await axe(shown.frame, `document ${pane}, a source open`);
      await settled(shown.frame);
      await picture(shown, `document-${pane}-open`);
      await keyboard(shown.page, shown.frame, `document ${pane}`);
      await shown.frame.evaluate(() => document.querySelector(".contents button").click());
      assert.equal(await shown.frame.evaluate(() => document.activeElement.id), `section-${document.sections[0].key}`, "the contents lead to the section");
      await clean(shown);
    }];
  }

  yield ["document: the list opens one, and an earlier version shows what changed", async () => {
    const result = await call(demo, READ, {});
    const { documents } = result.structuredContent;
    const shown = await onDemo.open({ tool: READ, result });
    await axe(shown.frame, "list of documents");
    await picture(shown, "document-list");
    const told = await rows(shown.frame, "Documents");
    assert.deepEqual(told.map((row) => row[0]), documents.map((one) => one.title));
    await shown.frame.click(`[id="open-${documents[0].id}"]`);
    await shown.frame.waitForSelector(".reader");
    assert.deepEqual(shown.calls.at(-1), { name: READ, arguments: { document: documents[0].id } });
    await clean(shown);
  }];

  yield ["document made from the workspace's facts, edited, with findings and what changed", async () => {
    const made = await call(large, "pm33_generate_prd", { item: "HAR-1", ask: false });
    assert.ok(!made.isError, made.content[0].text);
    const { id } = made.structuredContent.document;
    const sections = [
      { section: "Goals", text: "- **G1** More buyers pay by bank.\n- **G2** Support is fast and easy. [S999]" },
      { section: "Thoughts", text: "TODO say more. 4711 people want it.\n\n| Case | Limit |\n|---|---|\n| one \\| two | **3** |\n\n1. first\n2. second\n   - inner\n\n> quoted\n\n```\ncode\n```" },
    ];
    const edited = await call(large, "pm33_edit_document", { document: id, sections, note: "Goals anew" });
    assert.ok(!edited.isError, edited.content[0].text);
    const result = await call(large, READ, { document: id });
    const { document } = result.structuredContent;
    assert.ok(document.gate.errors > 0 && document.versions.length === 2, "the gate finds something");
    for (const [pane, how] of panes.slice(0, 3)) {
      const shown = await onLarge.open({ tool: READ, args: { document: id }, result, ...how });
      await picture(shown, `document-findings-${pane}`);
      await layout(shown.frame, `findings ${pane}`);
      await axe(shown.frame, `findings ${pane}`);
      await opened(shown.frame);
      await numbers(shown.frame, document);
      const words = await shown.frame.evaluate(() => document.querySelector(".text").textContent);
      assert.ok(words.includes("Support is fast and easy. [S999]"), "what is cited and not there is seen");
      await clean(shown);
    }
    const args = { document: id, since_version: 1 };
    const changed = await call(large, READ, args);
    const shown = await onLarge.open({ tool: READ, args, result: changed, width: 640 });
    const words = await shown.frame.evaluate(() => document.body.textContent);
    for (const change of changed.structuredContent.document.differences) {
      for (const line of change.lines) assert.ok(words.includes(`${line.op} ${line.text}`), `${JSON.stringify(line)} in ${words.slice(0, 3000)}`);
    }
    await axe(shown.frame, "what changed");
    await settled(shown.frame);
    await picture(shown, "document-changes");
    await clean(shown);
  }];

  yield ["document written by a model", async () => {
    const made = await call(written, "pm33_generate_prd", { item: "HAR-1", template: "lean", ask: false });
    assert.ok(!made.isError, made.content[0].text);
    assert.equal(made.structuredContent.made_by, "model", JSON.stringify(made.structuredContent).slice(0, 2000));
    const args = { document: made.structuredContent.document.id };
    const result = await call(written, READ, args);
    const { document } = result.structuredContent;
    for (const [pane, how] of panes) {
      const shown = await onWritten.open({ tool: READ, args, result, ...how });
      await settled(shown.frame);
      await picture(shown, `document-written-${pane}`);
      await layout(shown.frame, `written ${pane}`);
      await axe(shown.frame, `written ${pane}`);
      await opened(shown.frame);
      await numbers(shown.frame, document);
      const words = await shown.frame.evaluate(() => window.document.body.innerText);
      assert.ok(words.includes("Buyers pay straight from their bank account"), "what the model said with a source stands there");
      assert.ok(words.includes("model") && words.includes(document.versions[0].model), `who wrote it is told: ${words.slice(0, 2000)}`);
      const prose = await shown.frame.evaluate(() => [...window.document.querySelectorAll(".text section, .text")].map((one) => one.textContent).join("\n").split("Open questions")[0]);
      assert.ok(!prose.includes("Everybody agrees") && !prose.includes("4711"), "what no source says is no statement");
      const cites = await shown.frame.$$("button.cite");
      assert.ok(cites.length > 0, "the model's sentences are cited");
      const id = await cites[0].evaluate((one) => one.textContent);
      await cites[0].click();
      const told = await shown.frame.evaluate(() => [...window.document.querySelectorAll(".text .source")].map((one) => one.textContent));
      const source = document.sources.find((one) => one.id === id);
      assert.ok(told.some((one) => one.includes(source.title)), `${id} is one click away`);
      await keyboard(shown.page, shown.frame, `written ${pane}`);
      await clean(shown);
    }
  }];

  yield ["document with hostile text", async () => {
    const text = [...HOSTILE, "[words](javascript:alert(1)) [S1] **<b>x</b>** `<i>`", "| <img src=x> | b |\n|---|---|\n| <script>alert(1)</script> | `c` |"].join("\n\n");
    const sections = [{ section: HOSTILE[2], text }];
    const made = await call(large, "pm33_edit_document", { title: HOSTILE[0], sections, sources: [{ title: HOSTILE[4], text: HOSTILE[1] }] });
    assert.ok(!made.isError, made.content[0].text);
    const args = { document: made.structuredContent.document.id };
    const result = await call(large, READ, args);
    const shown = await onLarge.open({ tool: READ, args, result, width: 320 });
    const words = await shown.frame.evaluate(() => document.body.textContent);
    // Emphasis and citations are marks of Markdown; everything else is there as it was written.
    for (const title of HOSTILE) assert.ok(words.includes(title.replaceAll("**", "")), title);
    assert.equal(await shown.frame.evaluate(() => document.querySelectorAll("img, b, i, a, body script ~ script").length), 0);
    await shown.frame.click("button.cite");
    await layout(shown.frame, "hostile document", { fits: false });
    await axe(shown.frame, "hostile document");
    await settled(shown.frame);
    await picture(shown, "document-hostile");
    await clean(shown);
  }];
}

async function numbers(frame, document) {
  const tiles = (await frame.evaluate(() => [...document.querySelectorAll(".tile")].map((one) => one.innerText))).join("\n");
  const { gate } = document;
  assert.ok(tiles.includes(gate.passes ? "passed" : "closed"), tiles);
  if (gate.groundedness.share !== undefined) assert.ok(tiles.includes(percent(gate.groundedness.share)), tiles);
  assert.ok(tiles.includes(`${number(gate.groundedness.grounded)} of ${number(gate.groundedness.claims)}`), tiles);
  const headings = await frame.evaluate(() => [...document.querySelectorAll(".text h2")].map((one) => one.textContent));
  assert.deepEqual(headings, document.sections.map((one) => one.heading));
  const found = await frame.evaluate(() => [...document.querySelectorAll(".findings li")].map((one) => one.textContent));
  assert.equal(found.length, gate.findings.length, "every finding is shown once");
  for (const one of gate.findings) assert.ok(found.some((words) => words.includes(one.message.replaceAll("`", ""))), one.message);
  const sources = await frame.evaluate(() => document.querySelectorAll(".source").length);
  assert.equal(sources, document.sources?.length ?? 0, "every source is listed");
  const versions = await rows(frame, "Versions, the newest first");
  assert.deepEqual(versions.map(([version]) => version), [...document.versions].reverse().map((one) => number(one.version)));
}
