// What holds of every view in every pane: no fault, no violation, no clipped word, every control in the keyboard's reach.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** axe's rules, all but those that are about a page which is no frame of another. */
export function accessibility(folder) {
  const source = readFileSync(join(folder, "node_modules/axe-core/axe.min.js"), "utf8");
  return async (frame, name) => {
    await frame.evaluate(source);
    const found = await frame.evaluate(async () => {
      const { violations, passes } = await window.axe.run(document, {
        resultTypes: ["violations", "passes"],
        // The host's page has the landmarks.
        rules: { region: { enabled: false }, "landmark-one-main": { enabled: false }, bypass: { enabled: false } },
      });
      return {
        passes: passes.length,
        violations: violations.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.any.map((one) => one.message).join("; ")}`).join("\n    ")}`),
      };
    });
    assert.deepEqual(found.violations, [], `${name}: axe\n  ${found.violations.join("\n  ")}`);
    assert.ok(found.passes > 15, `${name}: axe looked at something (${found.passes} rules passed)`);
  };
}

/** The layout: nothing beside the pane, no label outside its drawing, what is cut can be read elsewhere, the frame fits. */
export async function layout(frame, name, { fits = true } = {}) {
  const found = await frame.evaluate(() => {
    const root = document.documentElement;
    const faults = [];
    if (root.scrollWidth > root.clientWidth) {
      const wide = [...document.querySelectorAll("body *")].find((one) => one.getBoundingClientRect().right > root.clientWidth + 1 && !one.closest(".scroll"));
      faults.push(`wider than the pane: ${root.scrollWidth} > ${root.clientWidth}, from ${wide?.outerHTML.slice(0, 160)}`);
    }
    for (const text of document.querySelectorAll("svg text")) {
      const [inner, outer] = [text.getBoundingClientRect(), text.ownerSVGElement.getBoundingClientRect()];
      if (inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1) faults.push(`the label ${text.textContent} leaves its drawing`);
    }
    for (const one of document.querySelectorAll(".cut")) {
      if (one.scrollWidth > one.clientWidth + 1 && !one.closest("[title]")) faults.push(`cut and nowhere whole: ${one.textContent.slice(0, 60)}`);
    }
    const labels = [...document.querySelectorAll("svg")].flatMap((svg) => {
      const boxes = [...svg.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
      return boxes.flatMap(([a, one], at) => boxes.slice(at + 1).filter(([, two]) =>
        one.left < two.right - 1 && two.left < one.right - 1 && one.top < two.bottom - 4 && two.top < one.bottom - 4).map(([b]) => `the labels ${a} and ${b} lie on each other`));
    });
    // A target of 24 by 24, as WCAG 2.2 asks for.
    for (const one of document.querySelectorAll("button, select, summary, input")) {
      const box = one.getBoundingClientRect();
      if (box.height < 24 && box.height > 0) faults.push(`a low target (${Math.round(box.height)}): ${one.textContent.slice(0, 40)}`);
    }
    return { faults: [...faults, ...labels], content: root.scrollHeight, pane: window.innerHeight };
  });
  assert.deepEqual(found.faults.slice(0, 8), [], name);
  if (fits) assert.ok(Math.abs(found.content - found.pane) <= 2, `${name}: the told size fits the content (${found.content} in ${found.pane})`);
}

/** Walks with the tab key, then with the arrows where a group has one stop; nothing is left out and focus is seen. */
export async function keyboard(page, frame, name) {
  await frame.evaluate(() => {
    // From the very beginning, wherever the person was.
    const first = Object.assign(document.createElement("span"), { tabIndex: -1, id: "before-all" });
    document.body.prepend(first);
    first.focus();
    for (const one of document.querySelectorAll("[data-walked]")) one.removeAttribute("data-walked");
  });
  const step = () => frame.evaluate(() => {
    const one = document.activeElement;
    if (!one || one === document.body || one.dataset.walked) return null;
    one.dataset.walked = "yes";
    const style = getComputedStyle(one);
    return { name: one.textContent.slice(0, 40), seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, group: one.classList.contains("epic") };
  });
  let stops = 0;
  for (let turn = 0; turn < 400; turn += 1) {
    await page.keyboard.press("Tab");
    const at = await step();
    if (turn === 0) await frame.evaluate(() => document.getElementById("before-all").remove());
    if (!at) break;
    stops += 1;
    assert.ok(at.seen, `${name}: focus is not seen on ${at.name}`);
    if (at.group) {
      await page.keyboard.press("Home");
      await step();
      for (let down = 0; down < 900; down += 1) {
        await page.keyboard.press("ArrowDown");
        if (!(await step())) break;
      }
    }
  }
  const missed = await frame.evaluate(() => [...document.querySelectorAll("button, select, input, summary, a[href], [tabindex='0']")]
    .filter((one) => !one.disabled && one.checkVisibility() && !one.dataset.walked).map((one) => one.outerHTML.slice(0, 120)));
  assert.deepEqual(missed, [], `${name}: the keyboard does not reach`);
  return stops;
}

/** What a table of a view says, row by row. */
export const rows = (frame, label) => frame.evaluate((name) => {
  const region = [...document.querySelectorAll('.scroll')].find((one) => one.getAttribute("aria-label") === name);
  return region && [...region.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.innerText.trim()));
}, label);

/** Presses the button with a name. */
export async function press(frame, words) {
  const handle = await frame.evaluateHandle((name) => [...document.querySelectorAll("button")].find((one) => one.textContent.trim() === name), words);
  assert.ok(handle.asElement(), `there is a button ${words}`);
  await handle.asElement().click();
}
