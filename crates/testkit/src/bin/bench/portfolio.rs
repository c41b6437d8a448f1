//! The workspace that is planned: 500 epics on twelve lanes, three years of finished work, 10,000 open items with scores.

use std::{path::Path, time::Duration};

use anyhow::anyhow;
use pm33_app::{Settings, Start, act, found, mint_local_key, open_local};
use pm33_product::{
    Author, Backlog, Dependency, ItemId, ItemType, NewItem, Priority, Scoring, Status, Strategy, Team, TeamId,
};
use pm33_tenancy::{Timestamp, WorkspaceAccess, open_workspace};
use secrecy::ExposeSecret;

const LANES: usize = 12;
const EPICS: usize = 500;
/// Open items, epics among them.
const OPEN: usize = 10_000;
/// Of them a release that is forecast.
const RELEASE: usize = 50;
/// Three years.
const DAYS: u64 = 3 * 365;
/// Items in one unit of work.
const UNIT: usize = 500;
const STEPS: [u8; 7] = [1, 2, 3, 5, 8, 13, 20];

/// Makes it in a data folder; a key for it.
pub(crate) async fn make(folder: &Path) -> anyhow::Result<String> {
    let mut settings = Settings::default();
    folder.clone_into(&mut settings.data.dir);
    let foundation = found(&settings).await?;
    let local = open_local(&foundation, Start::Empty).await?;
    let session = foundation.store.session(local.tenant);
    let (at, _) = open_workspace(&session, local.tenant, &WorkspaceAccess::All, None).await?;
    let now = foundation.clock.now();
    let teams: Vec<Team> = (0..LANES)
        .map(|number| Team {
            id: TeamId::new(now),
            name: format!("Lane {number}").into(),
            capacity_per_week: Some(20.0),
            wip_limit: None,
            skills: Vec::new(),
            calendar: None,
        })
        .collect();
    for team in &teams {
        session.put_team(at, team).await?;
    }
    session.commit(act(local.tenant, "admin/import", None, now)).await?;
    let author = Author { user: Some(local.user), at: now };
    let mut items = epics(&teams, now);
    items.extend((EPICS..OPEN).map(|number| open(number, &teams, now)));
    items.extend((1..DAYS).filter(|day| day % 7 > 1).map(|day| finished(day, &teams, now)));
    let mut items = items.into_iter().peekable();
    while items.peek().is_some() {
        let session = foundation.store.session(local.tenant);
        for item in items.by_ref().take(UNIT) {
            session.create(at, item, author).await?;
        }
        session.commit(act(local.tenant, "admin/import", None, now)).await?;
    }
    let key = mint_local_key(&foundation, &local).await.map_err(|error| anyhow!(error))?;
    foundation.store.close().await;
    Ok(key.expose_secret().to_owned())
}

fn epics(teams: &[Team], now: Timestamp) -> Vec<NewItem> {
    let mut epics: Vec<NewItem> = Vec::with_capacity(EPICS);
    for number in 0..EPICS {
        let mut epic = NewItem::titled(ItemId::new(now), ItemType::Epic, format!("Epic {number}"));
        epic.points = Some([5.0, 8.0, 13.0, 20.0, 34.0][number * 7 % 5]);
        epic.priority = [Priority::High, Priority::Medium, Priority::Low][number * 5 % 3];
        // Of three epics two have their team.
        epic.team = (number % 3 != 0).then(|| teams[number % LANES].id);
        // Every fourth waits for one before it.
        if number % 4 == 3 {
            epic.dependencies = vec![Dependency { on: epics[number / 2].id, lag_days: 2 }];
        }
        epics.push(epic);
    }
    epics
}

fn open(number: usize, teams: &[Team], now: Timestamp) -> NewItem {
    let step = |salt: usize| Some(STEPS[number * salt % 97 % 7]);
    let mut item = NewItem::titled(ItemId::new(now), ItemType::Story, format!("Story {number}"));
    item.points = Some([1.0, 2.0, 3.0, 5.0, 8.0][number * 3 % 5]);
    let is_release = number < EPICS + RELEASE;
    item.team = Some(teams[if is_release { 0 } else { number % LANES }].id);
    item.labels = if is_release { vec!["release".to_owned()] } else { Vec::new() };
    item.scoring = Some(Scoring {
        business_value: step(31),
        time_criticality: step(17),
        risk_reduction: step(13),
        job_size: step(7),
        ..Scoring::default()
    });
    item
}

/// An item of the first lane, finished so many days ago.
fn finished(day: u64, teams: &[Team], now: Timestamp) -> NewItem {
    let at = |days: u64| now.minus(Duration::from_secs(days * 86_400));
    let mut item = NewItem::titled(ItemId::new(now), ItemType::Story, format!("Done {day}"));
    item.status = Status::Done;
    item.points = Some(3.0);
    item.team = Some(teams[0].id);
    (item.created, item.started, item.finished) = (Some(at(day + 20)), Some(at(day + 4)), Some(at(day)));
    item
}
