// Stories in each team's coming sprints: how full a sprint is, what is in it, what found no place.

/** Keys of one call that asks what stories are. */
const ASKED_AT_ONCE = 100;
const SPRINTS = ["none", "the next sprint", ...[2, 3, 4, 5, 6].map((count) => `the next ${count} sprints`)];

/** Stories of one list: their keys, and what they are where that was asked for. */
function storyList(stories, count, titles) {
  const isTold = stories.some((key) => titles.has(key));
  return [
    el("ul", { class: isTold ? "stories told" : "stories" }, stories.map((key) => {
      const story = titles.get(key);
      return el("li", {}, el("span", { class: "key small" }, key), story && el("span", { class: "title" }, story.title),
        story?.story_points !== undefined && el("span", { class: "small quiet num" }, points(story.story_points)));
    })),
    count > stories.length && el("p", { class: "small quiet" }, `and ${number(count - stories.length)} more`),
  ];
}

const sprintDates = (sprint) => `${date(sprint.start)} – ${date(sprint.end)}`;

function sprintCard(sprint, titles) {
  const load = sprint.room - sprint.free;
  return el("li", { class: "sprint stack tight" },
    el("h4", { class: "title" }, sprint.name ?? sprintDates(sprint)),
    el("p", { class: "small quiet" }, sprint.name === undefined ? "not written down yet; continues the rhythm" : sprintDates(sprint)),
    el("p", { class: "row small" }, meter(sprint.room > 0 ? load / sprint.room : 0),
      sprint.room > 0 ? `${number(load, 2)} of ${points(sprint.room)}, ${number(sprint.free, 2)} free` : "no capacity in these days"),
    sprint.count > 0 ? storyList(sprint.stories, sprint.count, titles) : el("p", { class: "small quiet" }, "No story."));
}

function teamSprints(team, sprints, titles, isOpen) {
  const sum = (of) => sprints.reduce((all, one) => all + of(one), 0);
  const [room, free] = [sum((one) => one.room), sum((one) => one.free)];
  return el("li", {}, el("details", { open: isOpen },
    el("summary", {}, el("h3", { class: "title" }, team),
      el("span", { class: "small quiet" }, `${counted(sum((one) => one.count), "story", "stories")}, ${number(room - free, 2)} of ${points(room)}`)),
    el("ol", { class: "sprints" }, sprints.map((sprint) => sprintCard(sprint, titles)))));
}

function leftOver(left, titles) {
  return el("div", { class: "stack" }, el("h3", {}, "In none of these sprints"),
    left.map((one) => el("div", { class: "notice stack tight" },
      el("p", {}, `${counted(one.count, "story", "stories")}: ${one.why.replaceAll("`", "")}.`), storyList(one.stories, one.count, titles))));
}

/** Asks the backlog what stories are: by key its title and points. */
async function storiesOf(workspace, keys) {
  const found = new Map();
  for (let from = 0; from < keys.length; from += ASKED_AT_ONCE) {
    const asked = { workspace, ids: keys.slice(from, from + ASKED_AT_ONCE), columns: "summary", limit: ASKED_AT_ONCE };
    let cursor;
    do {
      const page = await callTool("pm33_query_backlog", cursor === undefined ? asked : { ...asked, cursor });
      for (const item of page.items) found.set(item.key, item);
      cursor = page.next_cursor;
    } while (cursor !== undefined);
  }
  return found;
}

const namedStories = (packing) => [...packing.sprints, ...packing.left_over].flatMap((one) => one.stories);

/** What is packed, in a sentence. */
function packedWords({ sprints, total }) {
  const count = sprints.reduce((all, one) => all + one.count, 0);
  return `${number(count)} of ${counted(total, "open story with points is", "open stories with points are")} in ${counted(sprints.length, "sprint", "sprints")}.`;
}

/** The section. `packed` holds what is shown and what goes on; `pack` asks for so many sprints, `tell` for titles or none. */
function packingPart(packed, pack, tell) {
  const { packing } = packed;
  const titles = packed.byTitle ? packed.titles : new Map();
  const teams = new Map();
  for (const sprint of packing?.sprints ?? []) teams.set(sprint.team, [...(teams.get(sprint.team) ?? []), sprint]);
  const asked = el("select", { id: "sprints", disabled: !canCall(), onchange: (event) => pack(Number(event.target.value)) },
    SPRINTS.map((words, value) => el("option", { value, selected: value === packed.asked }, words)));
  return part("Stories in the coming sprints",
    el("div", { class: "row apart" },
      el("div", { class: "row" },
        el("label", { class: "field" }, "Pack stories into", asked),
        packed.loading && el("span", { class: "small quiet" }, "Asking …")),
      canCall() && packing && namedStories(packing).length > 0 &&
        el("button", { type: "button", id: "titles", "aria-pressed": String(packed.byTitle), onclick: () => tell(!packed.byTitle) }, "Titles")),
    !canCall() && el("p", { class: "small quiet" }, "This host does not pass calls on, so ask in the chat for another number of sprints."),
    packed.problem && el("p", { class: "notice alarm" }, packed.problem),
    packing && el("p", {}, packedWords(packing)),
    packing && teams.size === 0 && el("p", { class: "notice" }, "No team has a capacity per week, so there is no sprint to pack into."),
    teams.size > 0 && el("ul", { class: "stack", id: "packing", "aria-label": "Sprints by team" },
      [...teams].map(([team, sprints]) => teamSprints(team, sprints, titles, teams.size <= 4))),
    packing && packing.left_over.length > 0 && leftOver(packing.left_over, titles));
}
