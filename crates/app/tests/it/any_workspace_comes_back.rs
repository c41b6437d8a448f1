//! Whatever a workspace holds, its archive brings it back, and its table brings its items back: random items with every field, in random order of dependence.

use pm33_app::{Start, act};
use pm33_product::{
    Author, Backlog, Capability, Competitor, CompetitorId, Coverage, CustomValue, Dependency, External,
    ItemId, ItemType, KeyResult, NewItem, Objective, ObjectiveId, ObjectiveLink, ObjectiveStatus, Priority,
    Scoring, Signal, Status, Strategy as _, Team, TeamId,
};
use pm33_tenancy::{Timestamp, WorkspaceRef};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::place::{Place, body, place};

/// Cases; each makes three workspaces.
const CASES: u32 = 24;

const TYPES: [ItemType; 8] = [
    ItemType::Epic,
    ItemType::Feature,
    ItemType::Story,
    ItemType::Task,
    ItemType::Bug,
    ItemType::Improvement,
    ItemType::Brief,
    ItemType::Idea,
];
const STATES: [Status; 7] = [
    Status::Backlog,
    Status::Planned,
    Status::InProgress,
    Status::InReview,
    Status::Blocked,
    Status::Done,
    Status::Cancelled,
];
const PRIORITIES: [Priority; 4] = [Priority::None, Priority::Low, Priority::High, Priority::Critical];
const STEPS: [u8; 7] = [1, 2, 3, 5, 8, 13, 20];

/// One item: its texts, and numbers that everything else is picked by.
#[derive(Clone, Debug)]
struct Drawn {
    title: String,
    description: String,
    label: String,
    picks: [usize; 8],
    points: Option<f64>,
}

/// Texts as people and machines write them: any script, quotes, formulas, line ends, lookalikes of the archive itself.
fn text(most: usize) -> impl Strategy<Value = String> {
    prop_oneof![
        prop::collection::vec(any::<char>(), 1..most).prop_map(String::from_iter),
        Just("=HYPERLINK(\"x\")".to_owned()),
        Just("{\"kind\":\"item\"}\n{\"kind\":\"end\"}".to_owned()),
        Just("שלום 👩‍👩‍👧 e\u{301}\u{202e}x".to_owned()),
        Just(" leading, trailing\t\r\n".to_owned()),
    ]
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let points = prop::option::of((0_u32..4_000).prop_map(|quarters| f64::from(quarters) / 4.0));
    (text(80), text(300), text(20), any::<[usize; 8]>(), points).prop_map(
        |(title, description, label, picks, points)| Drawn { title, description, label, picks, points },
    )
}

/// A title as the boundary lets it through: clean, with something in it.
fn clean(text: &str) -> String {
    let cleaned = pm33_text::clean(text).text.split_whitespace().collect::<Vec<_>>().join(" ");
    if cleaned.is_empty() { "untitled".to_owned() } else { cleaned }
}

async fn fill(place: &Place, at: WorkspaceRef, items: &[Drawn]) {
    let now = place.foundation.clock.now();
    let session = place.foundation.store.session(at.tenant());
    let team = Team {
        id: TeamId::new(now),
        name: "Lane".into(),
        capacity_per_week: Some(12.5),
        wip_limit: Some(3),
        skills: vec!["rust".to_owned()],
        calendar: None,
    };
    session.put_team(at, &team).await.unwrap();
    let objective = Objective {
        id: ObjectiveId::new(now),
        title: "Serve more people".into(),
        statement: items.first().map(|item| clean(&item.description)).unwrap_or_default(),
        period: "2026-Q4".to_owned(),
        theme: None,
        weight: 0.25,
        status: ObjectiveStatus::Active,
        owner: Some("Owner".to_owned()),
        key_results: vec![KeyResult {
            title: "Signed up".to_owned(),
            baseline: 0.1,
            target: 1e6,
            current: -3.5,
            unit: "people".to_owned(),
            due: Some(jiff::civil::date(2028, 2, 29)),
            check_ins: Vec::new(),
        }],
    };
    session.put_objective(at, &objective).await.unwrap();
    let mut ids: Vec<ItemId> = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let id = ItemId::new(now);
        session
            .create(at, new_item(item, id, number, &ids, &team, &objective), Author { user: None, at: now })
            .await
            .unwrap();
        ids.push(id);
    }
    let competitor = Competitor {
        id: CompetitorId::new(now),
        name: "Rival".into(),
        tier: 2,
        summary: "Sells what we sell.".to_owned(),
        capabilities: vec![Capability {
            name: "Export".to_owned(),
            theirs: Coverage::Covered,
            ours: Coverage::Not,
            items: ids.iter().copied().take(2).collect(),
        }],
        signals: vec![Signal {
            kind: "launch".to_owned(),
            note: "Seen at a fair".to_owned(),
            date: Some(jiff::civil::date(2026, 3, 29)),
            source: None,
            strength: 0.5,
        }],
    };
    session.put_competitor(at, &competitor).await.unwrap();
    session.commit(act(at.tenant(), "test", None, now)).await.unwrap();
}

fn new_item(
    drawn: &Drawn,
    id: ItemId,
    number: usize,
    earlier: &[ItemId],
    team: &Team,
    objective: &Objective,
) -> NewItem {
    let [kind, state, priority, on, step, day, has, lag] = drawn.picks;
    let has = |bit: usize| has >> bit & 1 == 1;
    let mut item = NewItem::titled(id, TYPES[kind % TYPES.len()], clean(&drawn.title));
    item.description = pm33_text::clean(&drawn.description).text.into_owned();
    item.status = STATES[state % STATES.len()];
    item.priority = PRIORITIES[priority % PRIORITIES.len()];
    item.points = drawn.points;
    item.team = has(0).then_some(team.id);
    item.assignee = has(1).then(|| clean(&drawn.label));
    item.labels = if has(2) { vec![clean(&drawn.label)] } else { Vec::new() };
    item.objectives =
        if has(3) { vec![ObjectiveLink { objective: objective.id, weight: 0.75 }] } else { Vec::new() };
    if let (true, false) = (has(4), earlier.is_empty()) {
        let lag_days = i32::try_from(lag % 41).unwrap_or(0) - 20;
        item.dependencies = vec![Dependency { on: earlier[on % earlier.len()], lag_days }];
    }
    let day = jiff::civil::date(2024, 2, 29)
        .saturating_add(jiff::Span::new().days(i64::try_from(day % 2_000).unwrap_or(0)));
    item.due = has(5).then_some(day);
    item.scoring = has(6).then(|| Scoring {
        business_value: Some(STEPS[step % STEPS.len()]),
        confidence: Some(0.1),
        ..Scoring::default()
    });
    item.external = has(7)
        .then(|| External { source: "jira".to_owned(), id: format!("{number}/{}", clean(&drawn.label)) });
    if has(8) {
        item.custom = [
            ("Text".to_owned(), CustomValue::Text(clean(&drawn.label))),
            ("Number".to_owned(), CustomValue::Number(-0.1)),
            ("List".to_owned(), CustomValue::List(vec![clean(&drawn.title), String::new()])),
        ]
        .into();
    }
    item.created = has(9).then(|| Timestamp::from_micros(1_709_164_800_000_000));
    item
}

#[test]
fn whatever_it_holds() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let place = runtime.block_on(place(Start::Empty));
    let mut runner = TestRunner::new(ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let counter = std::cell::Cell::new(0_u32);
    let outcome = runner.run(&prop::collection::vec(drawn(), 0..14), |items| {
        counter.set(counter.get() + 1);
        let number = counter.get();
        let (archive, back) = runtime.block_on(async {
            let at = place.another(&format!("from-{number}")).await;
            fill(&place, at, &items).await;
            let archive = place.archive(at).await;
            let to = place.another(&format!("to-{number}")).await;
            let mut lines = archive.as_bytes();
            pm33_app::restore(&place.foundation, to.tenant(), to, &mut lines, &|_| {}).await.unwrap();
            crate::tables_come_back::there_and_back(&place, at, &format!("table-{number}")).await;
            (archive, place.archive(to).await)
        });
        prop_assert_eq!(body(&back), body(&archive));
        Ok(())
    });
    outcome.unwrap();
}
