//! The workspace that is asked: items as a team's backlog has them, the same every time.

use std::path::Path;

use anyhow::anyhow;
use pm33_app::{Settings, Start, act, found, mint_local_key, open_local};
use pm33_product::{Author, Backlog, ItemId, ItemType, NewItem, Priority, Status, Strategy, Team, TeamId};
use pm33_tenancy::{WorkspaceAccess, open_workspace};
use secrecy::ExposeSecret;

/// Items in one unit of work.
const UNIT: usize = 500;

const TEAMS: [&str; 4] = ["Payments", "Search", "Mobile", "Platform"];
const WORDS: [&str; 8] = ["retry", "export", "invoice", "cache", "session", "report", "webhook", "ledger"];

/// Makes a workspace with so many items in a data folder; a key for it.
pub(crate) async fn make(folder: &Path, items: usize) -> anyhow::Result<String> {
    let mut settings = Settings::default();
    folder.clone_into(&mut settings.data.dir);
    let foundation = found(&settings).await?;
    let local = open_local(&foundation, Start::Empty).await?;
    let session = foundation.store.session(local.tenant);
    let (at, _) = open_workspace(&session, local.tenant, &WorkspaceAccess::All, None).await?;
    let now = foundation.clock.now();
    let teams = TEAMS.map(|name| Team {
        id: TeamId::new(now),
        name: name.into(),
        capacity_per_week: Some(20.0),
        wip_limit: Some(8),
        skills: Vec::new(),
        calendar: None,
    });
    for team in &teams {
        session.put_team(at, team).await?;
    }
    session.commit(act(local.tenant, "admin/import", None, now)).await?;
    let author = Author { user: Some(local.user), at: now };
    let numbers: Vec<usize> = (0..items).collect();
    for unit in numbers.chunks(UNIT) {
        let session = foundation.store.session(local.tenant);
        for number in unit {
            session.create(at, item(*number, ItemId::new(now), &teams), author).await?;
        }
        session.commit(act(local.tenant, "admin/import", None, now)).await?;
    }
    let key = mint_local_key(&foundation, &local).await.map_err(|error| anyhow!(error))?;
    foundation.store.close().await;
    Ok(key.expose_secret().to_owned())
}

/// An item by its place in the list.
fn item(number: usize, id: ItemId, teams: &[Team]) -> NewItem {
    let pick = |offset: usize, of: usize| (number / (offset + 1) + offset) % of;
    let kinds = [ItemType::Story, ItemType::Task, ItemType::Bug, ItemType::Story];
    // Of four items three are open.
    let states = [Status::Backlog, Status::Planned, Status::InProgress, Status::Done];
    let priorities = [Priority::High, Priority::Medium, Priority::Low, Priority::None];
    let (one, other) = (WORDS[pick(0, WORDS.len())], WORDS[pick(2, WORDS.len())]);
    let mut item =
        NewItem::titled(id, kinds[pick(1, 4)], format!("Make the {one} follow the {other}, part {number}"));
    item.description =
        format!("As somebody who reads the {one}, I want the {other} to agree with it.\n\nPart {number}.");
    item.status = states[number % 4];
    item.priority = priorities[pick(3, 4)];
    item.points = Some([1.0, 2.0, 3.0, 5.0, 8.0][pick(4, 5)]);
    item.team = teams.get(pick(1, teams.len())).map(|team| team.id);
    item.labels = vec![one.to_owned(), other.to_owned()];
    item
}
