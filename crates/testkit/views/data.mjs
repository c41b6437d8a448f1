// A workspace that is hard on a page: 500 epics on 12 teams and 60 stories, titles that are markup, very long, empty-looking, right to left.

export const HOSTILE = [
  `<img src=x onerror="window.parent.postMessage('owned','*')">`,
  `</script><script>document.title='owned'</script>`,
  `<b>bold</b> & "quotes" 'single' <!-- comment -->`,
  "javascript:alert(1) ${7*7} {{7*7}} %3Cscript%3E",
  `<svg onload=alert(1)><style>*{display:none}</style>`,
];
const LONG = [
  "A title that goes on and on because somebody pasted the whole first paragraph of the description into it ".repeat(4).trim(),
  "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihungsurkundenausstellungsverordnung".repeat(2),
  "إعادة تصميم صفحة الدفع لدعم العملات المتعددة",
  "支払い画面の再設計と複数通貨のサポート",
];

/** Fills the demo's workspace through the server's own tools. */
export async function fill(client) {
  const call = async (name, args) => {
    const result = await client("tools/call", { name, arguments: args });
    if (result.isError) throw new Error(`${name}: ${result.content[0].text}`);
    return result.structuredContent;
  };
  const teams = Array.from({ length: 12 }, (_, at) => (at === 3 ? "<i>Lane</i> with a name that is far too long to fit beside its bar" : `Crew ${at + 1}`));
  for (const [at, team] of teams.entries()) {
    await call("pm33_manage_team", { team, capacity_per_week: 12 + at });
  }
  const titles = [...HOSTILE, ...LONG];
  const days = (count) => new Date(Date.now() + count * 86_400_000).toISOString().slice(0, 10);
  const priorities = ["critical", "high", "medium", "low", "none"];
  const scale = [1, 2, 3, 5, 8, 13, 20];
  for (let from = 0; from < 500; from += 100) {
    const entries = Array.from({ length: 100 }, (_, index) => {
      const at = from + index;
      return { name: `e${at}`, create: {
        type: "epic", title: titles[at] ?? `Epic number ${at} of many, sized ${1 + (at % 9)}`, team: teams[at % 12],
        story_points: 1 + (at % 9), priority: priorities[at % 5], on_duplicate: "create",
        ...(at % 7 === 0 ? { due_date: days(20 + at) } : {}),
        ...(at % 4 === 0 && index > 11 ? { dependencies: [{ on: `@e${at - 12}` }] } : {}),
        scoring: { business_value: scale[at % 7], time_criticality: scale[(at * 3) % 7], ...(at % 3 ? { risk_reduction: scale[(at * 5) % 7] } : {}), job_size: scale[(at * 2) % 7] },
      } };
    });
    await call("pm33_batch_work_items", { entries });
  }
  // Stories for sprints: more in one than an answer names, one that no sprint holds.
  await call("pm33_manage_team", { team: teams[0], sprint: { name: "<b>Sprint</b> with a name that is longer than what a card is wide", start: days(0), end: days(13) } });
  const stories = Array.from({ length: 60 }, (_, at) => ({ create: {
    type: "story", title: `Story ${titles[at] ?? at}`, team: teams[0], story_points: at === 59 ? 999 : 0.25, on_duplicate: "create",
  } }));
  await call("pm33_batch_work_items", { entries: stories });
}
