//! What a workspace knows about an item, as facts with a source each.

use std::{collections::BTreeSet, sync::Arc};

use pm33_auth::Scope;
use pm33_product::{
    Backlog, BacklogFilter, Coverage, Entry, ItemId, Mode, Objective, ObjectiveStatus, Snapshot, Sort,
    Source, SourceKind, Strategy, WorkItem, sentences,
};
use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    ToolContext, ToolError,
    backlog::place::Place,
    planning::{forecast_of, velocity},
    words::counted,
};

/// Open items below it that are told one by one.
const CHILDREN: usize = 40;
/// Items of each other sort.
const OTHERS: usize = 10;
/// Characters of the item's description, and of a child's.
const DESCRIPTION: usize = 6_000;
const CHILD_DESCRIPTION: usize = 800;
/// Least likeness of an item that is told as similar.
const LIKE: f64 = 0.5;

/// A fact: sentences that one source says.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    /// Id of its source.
    pub(super) source: String,
    /// What sort of fact.
    pub(super) kind: SourceKind,
    /// The section that it was asked for, when it is an answer.
    pub(super) section: Option<String>,
    /// Its sentences, without citations.
    pub(super) says: Vec<String>,
}

/// Work to be done.
#[derive(Clone, Debug)]
pub(super) struct Work {
    /// Id of its source.
    pub(super) source: String,
    /// The item.
    pub(super) item: Arc<WorkItem>,
    /// Its key.
    pub(super) key: String,
    /// The acceptance criterion that its description states.
    pub(super) acceptance: Option<String>,
}

/// A part that could not be read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct LeftOut {
    /// What.
    pub(super) what: &'static str,
    /// Why, and what to do.
    pub(super) why: String,
}

/// All that is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    /// The sources, in the order of the facts.
    pub(super) sources: Vec<Source>,
    /// Facts in sentences.
    pub(super) facts: Vec<Fact>,
    /// The item itself, then the open items below it.
    pub(super) work: Vec<Work>,
    /// Objectives that it serves, with their sources.
    pub(super) objectives: Vec<(String, Objective)>,
    /// What is missing.
    pub(super) left_out: Vec<LeftOut>,
    /// Who is to answer open questions.
    pub(super) owner: String,
    /// Number of the first source.
    pub(super) first: u32,
}

/// A text of the workspace's without what a document would read as its own marks.
pub(super) fn plain(text: &str, most: usize) -> String {
    let text: String = text
        .chars()
        .map(|sign| match sign {
            '[' => '(',
            ']' => ')',
            '|' => '/',
            sign => sign,
        })
        .collect();
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if joined.chars().count() <= most { joined } else { joined.chars().take(most).chain(['…']).collect() }
}

/// The sentences of a text of the workspace's.
fn said(text: &str, most: usize) -> Vec<String> {
    let cut: String = text.chars().take(most).collect();
    sentences(&cut).iter().map(|sentence| plain(sentence.trim_matches(['*', '_', '>', ' ']), most)).collect()
}

impl Evidence {
    /// Nothing yet; sources are numbered from `first`.
    fn new(first: u32, owner: String) -> Self {
        Self { owner, first, ..Self::default() }
    }

    /// Adds a source; its id.
    fn source(
        &mut self,
        kind: SourceKind,
        uri: Option<String>,
        title: &str,
        text: String,
        as_of: Timestamp,
    ) -> String {
        let id = format!("S{}", self.first as usize + self.sources.len());
        self.sources.push(Source { id: id.clone(), kind, uri, title: plain(title, 500), text, as_of });
        id
    }

    /// Adds a fact with its source.
    fn fact(
        &mut self,
        kind: SourceKind,
        uri: Option<String>,
        title: &str,
        says: Vec<String>,
        as_of: Timestamp,
    ) -> String {
        let source = self.source(kind, uri, title, says.join(" "), as_of);
        self.facts.push(Fact { source: source.clone(), kind, section: None, says });
        source
    }

    /// Adds what a person answered for a section.
    pub(super) fn answer(&mut self, section: &str, asked: &str, text: &str, now: Timestamp) -> String {
        let says = said(text, DESCRIPTION);
        let source = self.source(SourceKind::Answer, None, &format!("Asked: {asked}"), says.join(" "), now);
        let section = Some(section.to_owned());
        self.facts.push(Fact { source: source.clone(), kind: SourceKind::Answer, section, says });
        source
    }

    /// Whether the item's own description says anything.
    pub(super) fn describes(&self) -> bool {
        self.facts.iter().any(|fact| {
            matches!(fact.kind, SourceKind::Item | SourceKind::Reference) && !fact.says.is_empty()
        })
    }
}

/// Gathers what is known about an item, and what the caller says besides.
pub(super) async fn gather(
    ctx: &ToolContext<'_>,
    place: &Place,
    item: Option<&Arc<WorkItem>>,
    notes: Option<&str>,
    first: u32,
) -> Result<Evidence, ToolError> {
    let owner = item.and_then(|item| item.assignee.as_deref());
    let owner = owner
        .map_or_else(|| format!("the product manager of {}", place.workspace.name), |name| plain(name, 200));
    let mut evidence = Evidence::new(first, owner);
    if let Some(notes) = notes {
        let says = said(notes, DESCRIPTION);
        evidence.fact(SourceKind::Reference, None, "Notes given with the call", says, ctx.now);
    }
    let Some(item) = item else { return Ok(evidence) };
    own(ctx, place, item, &mut evidence).await?;
    needs(place, item, ctx.now, &mut evidence);
    if ctx.may(place.at, Scope::ObjectivesRead) {
        objectives(ctx, place, item, &mut evidence).await?;
    } else {
        evidence.left_out.push(LeftOut { what: "objectives", why: lacking(Scope::ObjectivesRead) });
    }
    if ctx.may(place.at, Scope::CompetitiveRead) {
        competitors(ctx, place, item, &mut evidence).await?;
    } else {
        evidence.left_out.push(LeftOut { what: "competitors", why: lacking(Scope::CompetitiveRead) });
    }
    if ctx.may(place.at, Scope::PlanningRead) {
        delivery(ctx, place, item, &mut evidence).await?;
    } else {
        evidence.left_out.push(LeftOut { what: "forecast and velocity", why: lacking(Scope::PlanningRead) });
    }
    similar(place, item, ctx.now, &mut evidence);
    Ok(evidence)
}

fn lacking(scope: Scope) -> String {
    format!("this key has no {scope}; ask for one that has")
}

fn uri(place: &Place, item: &WorkItem) -> String {
    format!("pm33://item/{}/{}", place.workspace.slug, place.snapshot.key(item))
}

/// What an item is, in a sentence.
fn state(snapshot: &Snapshot, item: &WorkItem) -> String {
    let mut parts = vec![format!("{} is {} of type {}", snapshot.key(item), status(item), item.item_type)];
    parts.push(format!("priority {}", item.priority));
    if let Some(points) = item.points {
        parts.push(format!("{points} points"));
    }
    if let Some(team) = item.team.and_then(|id| snapshot.team(id)) {
        parts.push(format!("team {}", plain(&team.name, 200)));
    }
    if let Some(due) = item.due {
        parts.push(format!("due {due}"));
    }
    format!("{}.", parts.join(", "))
}

fn status(item: &WorkItem) -> String {
    item.status.to_string().replace('_', " ")
}

async fn own(
    ctx: &ToolContext<'_>,
    place: &Place,
    item: &Arc<WorkItem>,
    evidence: &mut Evidence,
) -> Result<(), ToolError> {
    let snapshot = &place.snapshot;
    let below = |mode| {
        let filter = BacklogFilter { mode, under: vec![item.id], ..BacklogFilter::default() };
        snapshot.page(&filter, Sort::Priority, None, CHILDREN)
    };
    let (open, all) = (below(Mode::Active), below(Mode::Full).total);
    let mut ids: Vec<ItemId> = vec![item.id];
    ids.extend(open.items.iter().map(|child| child.id));
    let mut descriptions = Backlog::descriptions(ctx.ports, place.at, &ids).await?.into_iter();
    let description = descriptions.next().unwrap_or_default();
    let mut text = vec![state(snapshot, item)];
    if all > 0 {
        let counts = format!(
            "Below it are {} open and {} finished.",
            counted(open.total, "item", "items"),
            all - open.total
        );
        text.push(counts);
    }
    let says = said(&description, DESCRIPTION);
    text.extend(says.iter().cloned());
    let key = snapshot.key(item).to_string();
    let title = format!("{key} {}", item.title);
    let source =
        evidence.source(SourceKind::Item, Some(uri(place, item)), &title, text.join(" "), item.updated);
    evidence.facts.push(Fact { source: source.clone(), kind: SourceKind::Item, section: None, says });
    if all > 0 {
        let says = text.into_iter().take(2).collect();
        evidence.facts.push(Fact { source: source.clone(), kind: SourceKind::Child, section: None, says });
    }
    let acceptance = criterion(&description);
    evidence.work.push(Work { source, item: Arc::clone(item), key, acceptance });
    for (child, description) in open.items.into_iter().zip(descriptions) {
        let acceptance = criterion(&description);
        let mut text = vec![state(snapshot, &child)];
        text.extend(said(&description, CHILD_DESCRIPTION));
        text.extend(acceptance.clone());
        let key = snapshot.key(&child).to_string();
        let title = format!("{key} {}", child.title);
        let source = evidence.source(
            SourceKind::Child,
            Some(uri(place, &child)),
            &title,
            text.join(" "),
            child.updated,
        );
        evidence.work.push(Work { source, item: child, key, acceptance });
    }
    Ok(())
}

/// The acceptance criterion that a description states.
fn criterion(description: &str) -> Option<String> {
    let whole = Entry { id: None, text: description.to_owned() };
    let found = whole.field(&["acceptance criteria", "acceptance criterion", "acceptance"])?;
    let found = plain(&found, 400);
    found.chars().any(char::is_alphanumeric).then_some(found)
}

/// What it waits for, and what waits for it.
fn needs(place: &Place, item: &WorkItem, now: Timestamp, evidence: &mut Evidence) {
    let snapshot = &place.snapshot;
    let on = item.dependencies.iter().filter_map(|need| snapshot.get(need.on));
    let on = on.map(|other| (other, "It waits for"));
    let waiting = snapshot
        .items()
        .filter(|other| other.is_active() && other.dependencies.iter().any(|need| need.on == item.id));
    let all: Vec<_> =
        on.chain(waiting.map(|other| (other, "It is waited for by"))).take(2 * OTHERS).collect();
    for (other, how) in all {
        let title = plain(&other.title, 500);
        let says = vec![format!(
            "{how} {} \u{201c}{title}\u{201d}, which is {}.",
            snapshot.key(other),
            status(other)
        )];
        evidence.fact(SourceKind::Dependency, Some(uri(place, other)), &other.title, says, now);
    }
}

/// The item and what it is a part of, nearest first.
fn lineage<'a>(snapshot: &'a Snapshot, item: &'a Arc<WorkItem>) -> Vec<&'a Arc<WorkItem>> {
    let mut line = vec![item];
    while let Some(parent) = line.last().and_then(|last| last.parent).and_then(|id| snapshot.get(id)) {
        if line.len() >= OTHERS {
            break;
        }
        line.push(parent);
    }
    line
}

async fn objectives(
    ctx: &ToolContext<'_>,
    place: &Place,
    item: &Arc<WorkItem>,
    evidence: &mut Evidence,
) -> Result<(), ToolError> {
    let snapshot = &place.snapshot;
    let mission = Strategy::mission(ctx.ports, place.at).await?;
    let place_of = Some(format!("pm33://strategy/{}", place.workspace.slug));
    if !mission.statement.trim().is_empty() {
        evidence.fact(
            SourceKind::Mission,
            place_of.clone(),
            "Mission",
            said(&mission.statement, DESCRIPTION),
            ctx.now,
        );
    }
    let mut seen = BTreeSet::new();
    for one in lineage(snapshot, item) {
        for link in one.objectives.iter().filter(|link| seen.insert(link.objective)) {
            let Some(objective) = snapshot.objective(link.objective) else { continue };
            if objective.status == ObjectiveStatus::Closed {
                continue;
            }
            let through = if one.id == item.id {
                "It".to_owned()
            } else {
                format!("{}, which holds it,", snapshot.key(one))
            };
            let title = plain(&objective.title, 500);
            let mut says = vec![format!(
                "{through} serves the objective \u{201c}{title}\u{201d} of {}.",
                plain(&objective.period, 50)
            )];
            says.extend(said(&objective.statement, DESCRIPTION));
            for key in &objective.key_results {
                let (name, unit) = (plain(&key.title, 300), plain(&key.unit, 50));
                says.push(format!(
                    "{name}: {} {unit} at the start, {} now, {} to be reached.",
                    key.baseline, key.current, key.target
                ));
            }
            let source =
                evidence.fact(SourceKind::Objective, place_of.clone(), &objective.title, says, ctx.now);
            evidence.objectives.push((source, objective.clone()));
        }
    }
    Ok(())
}

async fn competitors(
    ctx: &ToolContext<'_>,
    place: &Place,
    item: &Arc<WorkItem>,
    evidence: &mut Evidence,
) -> Result<(), ToolError> {
    let snapshot = &place.snapshot;
    let ours: BTreeSet<ItemId> = lineage(snapshot, item)
        .iter()
        .map(|one| one.id)
        .chain(evidence.work.iter().map(|one| one.item.id))
        .collect();
    let word = |coverage: Coverage| match coverage {
        Coverage::Covered => "covers",
        Coverage::Partly => "covers in part",
        Coverage::Not => "does not cover",
    };
    let place_of = format!("pm33://competitive/{}/landscape", place.workspace.slug);
    for one in Strategy::competitors(ctx.ports, place.at).await?.iter().take(5 * OTHERS) {
        let linked =
            one.capabilities.iter().filter(|capability| capability.items.iter().any(|id| ours.contains(id)));
        let name = plain(&one.name, 200);
        let mut says: Vec<_> = linked
            .map(|capability| {
                let what = plain(&capability.name, 200);
                format!(
                    "{name} {} \u{201c}{what}\u{201d}, which our product {}.",
                    word(capability.theirs),
                    word(capability.ours)
                )
            })
            .collect();
        if says.is_empty() {
            continue;
        }
        let dated = one.signals.iter().filter(|signal| signal.source.is_some() && signal.date.is_some());
        if let Some(signal) = dated.max_by_key(|signal| signal.date) {
            let date = signal.date.map(|date| date.to_string()).unwrap_or_default();
            says.push(format!("Seen on {date}: {}.", plain(&signal.note, 500).trim_end_matches('.')));
        }
        evidence.fact(SourceKind::Competitor, Some(place_of.clone()), &one.name, says, ctx.now);
    }
    Ok(())
}

async fn delivery(
    ctx: &ToolContext<'_>,
    place: &Place,
    item: &Arc<WorkItem>,
    evidence: &mut Evidence,
) -> Result<(), ToolError> {
    match forecast_of(ctx, &place.snapshot, item).await {
        Ok((words, as_of)) => {
            let says = said(&words, DESCRIPTION);
            evidence.fact(SourceKind::Forecast, None, "Forecast (pm33_forecast_delivery)", says, as_of);
        }
        Err(ToolError::Refused(why)) => evidence.left_out.push(LeftOut { what: "forecast", why }),
        Err(other) => return Err(other),
    }
    if let Some(team) = item.team {
        let teams =
            velocity::analyse_teams(ctx, Arc::clone(&place.snapshot), Some(team), velocity::SHOWN).await?;
        let says = said(&velocity::summary(&teams), DESCRIPTION);
        let place_of = format!("pm33://velocity/{}/current", place.workspace.slug);
        evidence.fact(SourceKind::Velocity, Some(place_of), "Velocity", says, ctx.now);
    }
    Ok(())
}

fn similar(place: &Place, item: &WorkItem, now: Timestamp, evidence: &mut Evidence) {
    let snapshot = &place.snapshot;
    let known: BTreeSet<ItemId> = evidence.work.iter().map(|one| one.item.id).collect();
    let found = snapshot.similar(&item.title, LIKE, OTHERS);
    for one in found.iter().filter(|one| !known.contains(&one.item.id)).take(OTHERS / 2) {
        let title = plain(&one.item.title, 500);
        let says = vec![format!(
            "{} \u{201c}{title}\u{201d} says much the same and is {}.",
            snapshot.key(&one.item),
            status(&one.item)
        )];
        evidence.fact(SourceKind::Similar, Some(uri(place, &one.item)), &one.item.title, says, now);
    }
}
