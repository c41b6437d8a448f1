//! Teams, sprints, mission, objectives and competitors are added, replaced and seen in the snapshot.

use jiff::civil::date;
use pm33_product::{
    Away, Backlog, Capability, CheckIn, Competitor, CompetitorId, Coverage, Day, Freshness, KeyResult,
    Mission, Objective, ObjectiveId, ObjectiveStatus, ProductError, Signal, Sprint, SprintId, Strategy, Team,
    TeamCalendar, TeamId,
};

use crate::bench::{Bench, Home, on_both};

on_both!(
    teams_and_sprints_are_kept_in_order,
    names_are_unique_where_they_must_be,
    mission_objectives_and_competitors_come_back,
    a_snapshot_follows_changed_strategy,
);

fn team(home: &Home, name: &str) -> Team {
    let skills = vec!["rust".to_owned()];
    Team {
        id: TeamId::new(home.now),
        name: name.into(),
        capacity_per_week: Some(12.5),
        wip_limit: Some(3),
        skills,
        calendar: Some(TeamCalendar {
            time_zone: "Europe/Berlin".to_owned(),
            weekdays: vec![Day::Monday, Day::Thursday],
            holidays: vec![date(2026, 1, 6)],
            absences: vec![Away { from: date(2026, 2, 2), to: date(2026, 2, 6), share: 0.5 }],
        }),
    }
}

fn sprint(home: &Home, team: TeamId, name: &str, day: i8) -> Sprint {
    Sprint {
        id: SprintId::new(home.now),
        team,
        name: name.into(),
        start: date(2026, 1, day),
        end: date(2026, 1, day + 11),
        committed: vec![pm33_product::ItemId::new(home.now)],
    }
}

async fn teams_and_sprints_are_kept_in_order(bench: Bench) {
    let home = bench.settled().await;
    let session = home.session();
    let (mut web, core) = (team(&home, "web"), team(&home, "Core"));
    session.put_team(home.at, &web).await.unwrap();
    session.put_team(home.at, &core).await.unwrap();
    let (late, early) = (sprint(&home, web.id, "S2", 19), sprint(&home, web.id, "S1", 5));
    session.put_sprint(home.at, &late).await.unwrap();
    session.put_sprint(home.at, &early).await.unwrap();
    web.wip_limit = None;
    web.capacity_per_week = None;
    session.put_team(home.at, &web).await.unwrap();
    session.commit(home.event()).await.unwrap();
    let session = home.session();
    assert_eq!(session.teams(home.at).await.unwrap(), [core, web]);
    assert_eq!(session.sprints(home.at).await.unwrap(), [early, late]);
}

async fn names_are_unique_where_they_must_be(bench: Bench) {
    let home = bench.settled().await;
    let session = home.session();
    let core = team(&home, "Core");
    session.put_team(home.at, &core).await.unwrap();
    session.commit(home.event()).await.unwrap();
    let again = home.session().put_team(home.at, &team(&home, "CORE")).await;
    assert!(matches!(again, Err(ProductError::Invalid { field: "team", .. })), "{again:?}");
    let nobody = home.session().put_sprint(home.at, &sprint(&home, TeamId::new(home.now), "S1", 5)).await;
    assert!(matches!(nobody, Err(ProductError::Missing { what: "team", .. })), "{nobody:?}");
    let session = home.session();
    session.put_sprint(home.at, &sprint(&home, core.id, "S1", 5)).await.unwrap();
    let twice = session.put_sprint(home.at, &sprint(&home, core.id, "S1", 7)).await;
    assert!(matches!(twice, Err(ProductError::Invalid { field: "sprint", .. })), "{twice:?}");
}

async fn mission_objectives_and_competitors_come_back(bench: Bench) {
    let home = bench.settled().await;
    assert_eq!(home.session().mission(home.at).await.unwrap(), Mission::default());
    let mission = Mission { statement: "Pay once".to_owned(), themes: vec!["Trust".to_owned()] };
    let objective = Objective {
        id: ObjectiveId::new(home.now),
        title: "Fewer failures".into(),
        statement: "Payments work".to_owned(),
        period: "2026-Q1".to_owned(),
        theme: Some("Trust".to_owned()),
        weight: 0.75,
        status: ObjectiveStatus::Active,
        owner: Some("ada".to_owned()),
        key_results: vec![KeyResult {
            title: "Failed payments".to_owned(),
            baseline: 4.0,
            target: 1.0,
            current: 3.25,
            unit: "%".to_owned(),
            due: Some(date(2026, 3, 31)),
            check_ins: vec![CheckIn { at: home.now, value: 3.25, note: Some("after the retry".to_owned()) }],
        }],
    };
    let competitor = Competitor {
        id: CompetitorId::new(home.now),
        name: "Rival".into(),
        tier: 1,
        summary: "Close".to_owned(),
        capabilities: vec![Capability {
            name: "Refunds".to_owned(),
            theirs: Coverage::Covered,
            ours: Coverage::Not,
            items: Vec::new(),
        }],
        signals: vec![Signal {
            kind: "launch".to_owned(),
            note: "Instant refunds".to_owned(),
            date: Some(date(2025, 11, 2)),
            source: Some("press release".to_owned()),
            strength: 0.8,
        }],
    };
    let session = home.session();
    session
        .put_mission(home.at, &Mission { statement: "draft".to_owned(), themes: Vec::new() })
        .await
        .unwrap();
    session.put_mission(home.at, &mission).await.unwrap();
    session.put_objective(home.at, &objective).await.unwrap();
    session.put_competitor(home.at, &competitor).await.unwrap();
    assert_eq!(session.commit(home.event()).await.unwrap().changed, [home.at]);
    let session = home.session();
    assert_eq!(session.mission(home.at).await.unwrap(), mission);
    assert_eq!(session.objectives(home.at).await.unwrap(), [objective]);
    assert_eq!(session.competitors(home.at).await.unwrap(), [competitor]);
}

async fn a_snapshot_follows_changed_strategy(bench: Bench) {
    let home = bench.settled().await;
    let before = home.session().snapshot(home.at, Freshness::Usual).await.unwrap();
    assert!(before.teams().is_empty());
    let session = home.session();
    let core = team(&home, "Core");
    session.put_team(home.at, &core).await.unwrap();
    // Not before it is committed, also when the workspace is read anew inside the unit.
    assert!(session.snapshot(home.at, Freshness::Newest).await.unwrap().teams().is_empty());
    session.commit(home.event()).await.unwrap();
    let after = home.session().snapshot(home.at, Freshness::Usual).await.unwrap();
    assert_eq!(after.teams(), [core]);
    assert!(after.version() > before.version());
}
