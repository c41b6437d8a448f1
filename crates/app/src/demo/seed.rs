//! Writes the sample into a workspace through the same ports that tools use.

use jiff::{ToSpan, civil::Date};
use pm33_product::{
    Author, Backlog, Capability, CheckIn, Competitor, CompetitorId, Dependency, Documents, External, ItemId,
    ItemType, KeyResult, Mission, NewItem, Objective, ObjectiveId, ObjectiveLink, ObjectiveStatus, Priority,
    ProductError, Scoring, Signal, StateChange, Status, Strategy, Team, TeamId,
};
use pm33_tenancy::{Timestamp, WorkspaceRef};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{
    documents::{Epics, document},
    sample::{Sample, SampleEpic, SampleItem, sample},
    sprints::sprints,
};

/// Weeks of finished work.
pub(super) const WEEKS: i64 = 104;

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleOutcome {
    /// Work items, epics included.
    pub items: usize,
    /// Of them finished.
    pub finished: usize,
}

/// Name, slug and key prefix of the sample workspace.
pub(crate) fn names() -> Result<(String, String, String), ProductError> {
    let workspace = read()?.workspace;
    Ok((workspace.name, workspace.slug, workspace.prefix))
}

fn read() -> Result<Sample, ProductError> {
    sample().map_err(|error| ProductError::Unavailable(error.into()))
}

/// Writes the sample into an empty workspace. Dates end at `now`; everything else is the same every time.
///
/// # Errors
/// Those of the ports.
pub async fn seed_sample(
    ports: &(impl Backlog + Documents + Strategy),
    at: WorkspaceRef,
    now: Timestamp,
) -> Result<SampleOutcome, ProductError> {
    let sample = read()?;
    let today = jiff::tz::TimeZone::UTC.to_datetime(now.instant()).date();
    let mut maker =
        Maker { at, now, today, random: StdRng::seed_from_u64(33), items: Vec::new(), closes: Vec::new() };

    let mission =
        Mission { statement: sample.workspace.mission.clone(), themes: sample.workspace.themes.clone() };
    ports.put_mission(at, &mission).await?;
    let mut teams = Vec::new();
    for team in &sample.team {
        let team = Team {
            id: TeamId::new(now),
            name: team.name.as_str().into(),
            capacity_per_week: Some(team.capacity_per_week),
            wip_limit: Some(team.wip_limit),
            skills: team.skills.clone(),
            calendar: None,
        };
        ports.put_team(at, &team).await?;
        teams.push(team);
    }
    let mut objectives = Vec::new();
    for one in &sample.objective {
        let key_results = one.key_results.iter().map(|key| KeyResult {
            title: key.title.clone(),
            baseline: key.baseline,
            target: key.target,
            current: key.current,
            unit: key.unit.clone(),
            due: Some(maker.day(90)),
            check_ins: vec![CheckIn { at: maker.hour(-20), value: key.current, note: None }],
        });
        let objective = Objective {
            id: ObjectiveId::new(now),
            title: one.title.as_str().into(),
            statement: one.statement.clone(),
            period: format!("{}-Q{}", today.year(), (today.month() - 1) / 3 + 1),
            theme: Some(one.theme.clone()),
            weight: one.weight,
            status: ObjectiveStatus::Active,
            owner: Some(one.owner.clone()),
            key_results: key_results.collect(),
        };
        ports.put_objective(at, &objective).await?;
        objectives.push(objective);
    }
    for epic in &sample.epic {
        let team = teams.iter().find(|team| *team.name == *epic.team).map(|team| team.id);
        let objective = objectives.iter().find(|one| *one.title == *epic.objective).map(|one| one.id);
        maker.epic(epic, &sample.workspace.facets, team, objective);
    }
    for item in &sample.loose {
        let new = maker.open_item(item, None, None);
        maker.items.push(new);
    }
    for one in &sample.competitor {
        let signals = one.signals.iter().map(|signal| Signal {
            kind: signal.kind.clone(),
            note: signal.note.clone(),
            date: Some(maker.day(-signal.days_ago)),
            source: Some(signal.source.clone()),
            strength: signal.strength,
        });
        let competitor = Competitor {
            id: CompetitorId::new(now),
            name: one.name.as_str().into(),
            tier: one.tier,
            summary: one.summary.clone(),
            capabilities: one.capabilities.iter().map(|one| maker.answered(one)).collect(),
            signals: signals.collect(),
        };
        ports.put_competitor(at, &competitor).await?;
    }
    for team in &teams {
        for sprint in sprints(&mut maker, team) {
            ports.put_sprint(at, &sprint).await?;
        }
    }
    let (outcome, epics) = maker.write(ports).await?;
    for one in &sample.document {
        ports.add_document(at, &document(one, &sample.workspace, &epics, now)?).await?;
    }
    Ok(outcome)
}

pub(super) struct Maker {
    at: WorkspaceRef,
    pub(super) now: Timestamp,
    today: Date,
    pub(super) random: StdRng,
    /// What will be written, in order.
    pub(super) items: Vec<NewItem>,
    /// Capabilities by the items that answer them.
    closes: Vec<(String, ItemId)>,
}

impl Maker {
    pub(super) fn day(&self, from_today: i64) -> Date {
        self.today.saturating_add(from_today.days())
    }

    /// A working hour on a day, so many days from today.
    fn hour(&mut self, from_today: i64) -> Timestamp {
        let mut date = self.day(from_today);
        while matches!(date.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday) {
            date = date.saturating_sub(1.days());
        }
        let time = date.at(self.random.random_range(9..18), self.random.random_range(0..60), 0, 0);
        let at = jiff::tz::TimeZone::UTC.to_timestamp(time).map_or(self.now, Timestamp::from);
        at.min(self.now)
    }

    /// Writes the items; what was written, and the epics.
    async fn write(mut self, ports: &impl Backlog) -> Result<(SampleOutcome, Epics), ProductError> {
        let mut outcome = SampleOutcome { items: 0, finished: 0 };
        let mut epics = Epics::new();
        for item in std::mem::take(&mut self.items) {
            outcome.items += 1;
            outcome.finished += usize::from(!item.status.is_open());
            // Last touched when its work last moved; an epic a little while ago, as its children move.
            let touched = match item.item_type {
                ItemType::Epic => Some(self.hour(-9)),
                _ => item.finished.or(item.started).or(item.created),
            };
            let author = Author { user: None, at: touched.unwrap_or(self.now) };
            let item = ports.create(self.at, item, author).await?;
            if item.item_type == ItemType::Epic {
                epics.push(item);
            }
        }
        Ok((outcome, epics))
    }

    /// A capability with the items that answer it.
    fn answered(&self, capability: &Capability) -> Capability {
        let items = self.closes.iter().filter(|(name, _)| *name == capability.name).map(|(_, item)| *item);
        Capability { items: items.collect(), ..capability.clone() }
    }

    fn epic(
        &mut self,
        epic: &SampleEpic,
        facets: &[String],
        team: Option<TeamId>,
        objective: Option<ObjectiveId>,
    ) {
        let created = self.hour(-WEEKS * 7);
        let links: Vec<_> =
            objective.into_iter().map(|objective| ObjectiveLink { objective, weight: 1.0 }).collect();
        let mut new = NewItem::titled(ItemId::new(self.now), ItemType::Epic, &epic.title);
        new.description.clone_from(&epic.description);
        new.status = epic.status;
        new.priority = epic.priority;
        new.team = team;
        new.objectives.clone_from(&links);
        new.created = Some(created);
        new.started = (epic.status == Status::InProgress).then_some(created);
        new.scoring = wsjf(epic.wsjf, Some(20));
        new.due = epic.due_days.map(|days| self.day(days));
        let on = epic.after.as_ref().and_then(|title| self.items.iter().find(|item| item.title == *title));
        new.dependencies = on.map(|on| Dependency { on: on.id, lag_days: 0 }).into_iter().collect();
        let parent = new.id;
        self.closes.extend(epic.closes.clone().map(|capability| (capability, parent)));
        self.items.push(new);
        let mut titles: Vec<_> = epic
            .verbs
            .iter()
            .flat_map(|verb| epic.subjects.iter().map(move |subject| format!("{verb} the {subject}")))
            .flat_map(|plain| {
                let more: Vec<_> = facets.iter().map(|facet| format!("{plain} {facet}")).collect();
                std::iter::once(plain).chain(more)
            })
            .collect();
        // A seeded shuffle: work does not get done in the order of a list.
        for index in (1..titles.len()).rev() {
            titles.swap(index, self.random.random_range(0..=index));
        }
        let count = i64::try_from(titles.len()).unwrap_or(1).max(1);
        for (index, title) in (0..).zip(titles) {
            let even = -(WEEKS * 7) + (index + 1) * (WEEKS * 7 - 4) / count;
            // Some weeks go well and some do not.
            let finished = (even + self.random.random_range(-12..=7)).clamp(-WEEKS * 7, -1);
            self.finished_item(title, finished, parent, team);
        }
        for item in &epic.open {
            let mut new = self.open_item(item, Some(parent), team);
            if matches!(item.item_type, ItemType::Feature) {
                new.objectives.clone_from(&links);
            }
            self.items.push(new);
        }
    }

    fn finished_item(&mut self, title: String, finished_day: i64, parent: ItemId, team: Option<TeamId>) {
        let points = [1.0, 2.0, 3.0, 3.0, 5.0, 5.0, 8.0][self.random.random_range(0..7)];
        let cycle: i64 =
            self.random.random_range(1..=4) + if points > 4.0 { self.random.random_range(2..=9) } else { 0 };
        let wait: i64 = self.random.random_range(2..40);
        let finished = self.hour(finished_day);
        let started = self.hour(finished_day - cycle).min(finished);
        let created = self.hour(finished_day - cycle - wait).min(started);
        let is_task = ["Handle", "Test", "Load-test"].iter().any(|verb| title.starts_with(verb));
        let item_type = if is_task { ItemType::Task } else { ItemType::Story };
        let mut new = NewItem::titled(ItemId::new(self.now), item_type, title);
        new.status = Status::Done;
        new.priority = [Priority::High, Priority::Medium, Priority::Medium, Priority::Low]
            [self.random.random_range(0..4)];
        new.points = Some(points);
        new.parent = Some(parent);
        new.team = team;
        new.created = Some(created);
        new.started = Some(started);
        new.finished = Some(finished);
        let change = |from, to, at| StateChange { from, to, at, by: None };
        new.history = vec![
            change(None, Status::Backlog, created),
            change(Some(Status::Backlog), Status::InProgress, started),
            change(Some(Status::InProgress), Status::Done, finished),
        ];
        self.items.push(new);
    }

    fn open_item(&mut self, item: &SampleItem, parent: Option<ItemId>, team: Option<TeamId>) -> NewItem {
        let status = item.status.unwrap_or(Status::Backlog);
        let age = self.random.random_range(5..120);
        let mut new = NewItem::titled(ItemId::new(self.now), item.item_type, &item.title);
        new.status = status;
        new.priority = item.priority.unwrap_or(Priority::None);
        new.points = item.points;
        new.scoring = wsjf(item.wsjf, None);
        new.parent = parent;
        new.team = team;
        new.due = item.due_days.map(|days| self.day(days));
        new.created = Some(self.hour(-age));
        new.started = (status.category() == pm33_product::StatusCategory::Doing).then(|| self.hour(-age / 3));
        new.external = None::<External>;
        new
    }
}

/// WSJF inputs: value, time criticality, risk reduction; the size is that of the points where none is given.
fn wsjf(inputs: Option<[u8; 3]>, job_size: Option<u8>) -> Option<Scoring> {
    let [value, time, risk] = inputs?;
    Some(Scoring {
        business_value: Some(value),
        time_criticality: Some(time),
        risk_reduction: Some(risk),
        job_size,
        ..Scoring::default()
    })
}
