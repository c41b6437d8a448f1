//! A served workspace that a test fills as it likes, asked over a socket; every answer is held to its schema.

use pm33_product::{
    Author, Backlog, Dependency, ItemId, ItemType, NewItem, Priority, Status, Strategy, Team, TeamCalendar,
    TeamId,
};
use pm33_tenancy::{Timestamp, WorkspaceAccess, WorkspaceRef, open_workspace};
use serde_json::Value;

use crate::{home::Home, registry::offered, served::Served};

/// Items in one unit of work.
const UNIT: usize = 100;

/// A workspace and its server.
pub(crate) struct Desk {
    home: Home,
    server: Served,
}

/// What a workspace begins with; items in order, the first has the number 1.
#[derive(Default)]
pub(crate) struct Filling {
    pub(crate) teams: Vec<Team>,
    pub(crate) items: Vec<NewItem>,
}

/// The time of the tests' data: a few seconds before the server starts.
pub(crate) fn now() -> Timestamp {
    jiff::Timestamp::now().into()
}

/// So many days ago, at the same hour.
pub(crate) fn ago(days: i64) -> Timestamp {
    Timestamp::from_micros(now().micros() - days * 86_400_000_000)
}

/// A team.
pub(crate) fn team(name: &str, capacity: Option<f64>) -> Team {
    Team {
        id: TeamId::new(now()),
        name: name.into(),
        capacity_per_week: capacity,
        wip_limit: None,
        skills: Vec::new(),
        calendar: None,
    }
}

/// A team with a zone of its own.
pub(crate) fn team_in(name: &str, zone: &str) -> Team {
    use pm33_product::Day::{Friday, Monday, Thursday, Tuesday, Wednesday};
    let calendar = TeamCalendar {
        time_zone: zone.to_owned(),
        weekdays: vec![Monday, Tuesday, Wednesday, Thursday, Friday],
        holidays: Vec::new(),
        absences: Vec::new(),
    };
    Team { calendar: Some(calendar), ..team(name, Some(10.0)) }
}

/// An item.
pub(crate) fn item(item_type: ItemType, title: &str, team: Option<TeamId>) -> NewItem {
    NewItem {
        team,
        priority: Priority::Medium,
        created: Some(ago(400)),
        ..NewItem::titled(ItemId::new(now()), item_type, title)
    }
}

/// A story that was finished at a time.
pub(crate) fn finished(title: &str, team: Option<TeamId>, at: Timestamp) -> NewItem {
    let begun = Timestamp::from_micros(at.micros() - 3 * 86_400_000_000);
    NewItem {
        status: Status::Done,
        points: Some(3.0),
        created: Some(begun),
        started: Some(begun),
        finished: Some(at),
        ..item(ItemType::Story, title, team)
    }
}

/// An open epic of a size.
pub(crate) fn epic(title: &str, points: f64, team: Option<TeamId>) -> NewItem {
    NewItem { points: Some(points), ..item(ItemType::Epic, title, team) }
}

/// What an item waits for.
pub(crate) fn after(on: &NewItem) -> Vec<Dependency> {
    vec![Dependency { on: on.id, lag_days: 0 }]
}

/// A year of steady work of a team.
pub(crate) fn year(team: TeamId) -> Vec<NewItem> {
    let at = |number: i64| ago(1 + number * 2);
    (0..180).map(|number| finished(&format!("Done {number}"), Some(team), at(number))).collect()
}

/// Fills a tenant's workspace; tenants have numbers in the order in which they were made.
pub(crate) async fn fill(foundation: &pm33_app::Foundation, number: usize, filling: Filling) -> WorkspaceRef {
    let tenant = foundation.store.operator();
    let tenant = pm33_tenancy::Administration::tenants(&tenant).await.expect("tenants").remove(number).id;
    let session = foundation.store.session(tenant);
    let (at, _) = open_workspace(&session, tenant, &WorkspaceAccess::All, None).await.expect("the workspace");
    for team in &filling.teams {
        session.put_team(at, team).await.expect("a team");
    }
    let act = || pm33_app::act(tenant, "admin/import", None, now());
    session.commit(act()).await.expect("committed");
    let author = Author { user: None, at: now() };
    let mut items = filling.items.into_iter().peekable();
    while items.peek().is_some() {
        let session = foundation.store.session(tenant);
        for item in items.by_ref().take(UNIT) {
            session.create(at, item, author).await.expect("an item");
        }
        session.commit(act()).await.expect("committed");
    }
    at
}

impl Desk {
    /// A server over a workspace with this in it.
    pub(crate) fn with(filling: Filling) -> Self {
        let home = Home::sqlite(1);
        home.look(async |foundation| fill(foundation, 0, filling).await);
        let server = Served::start(&home, &[]);
        Self { home, server }
    }

    /// The key that may do everything.
    pub(crate) fn key(&self) -> &str {
        &self.home.keys[0].1
    }

    /// The server.
    pub(crate) fn server(&self) -> &Served {
        &self.server
    }

    /// A tool's result, whatever it is.
    pub(crate) fn call(&self, tool: &str, arguments: &Value) -> Value {
        let mut socket = self.server.connect().expect("a connection");
        socket.set_read_timeout(None).expect("patience");
        let answer = self.server.tool(&mut socket, self.key(), tool, arguments).expect("an answer");
        assert_eq!(answer.status, 200, "{tool} {arguments}: {answer:?}");
        answer.json()["result"].clone()
    }

    /// A tool's answer, which fits its schema: so no number of it is missing, none is infinite or not a number (JSON has
    /// no word for these; they would be null).
    pub(crate) fn answer(&self, tool: &str, arguments: &Value) -> Value {
        let result = self.call(tool, arguments);
        assert_ne!(result["isError"], true, "{tool} {arguments}: {result}");
        let offered = offered();
        let known = offered.tool(tool).expect("a tool");
        let schema = known.output_schema.as_ref().expect("a schema");
        let schema = serde_json::from_str(schema.get()).expect("a schema");
        let validator = jsonschema::draft202012::new(&schema).expect("a schema");
        let found = result["structuredContent"].clone();
        let complaints: Vec<_> = validator.iter_errors(&found).map(|one| one.to_string()).collect();
        assert!(complaints.is_empty(), "{tool} {arguments}: {complaints:?}");
        sound(&found, tool);
        found
    }

    /// A tool's refusal: words, and no numbers beside them.
    pub(crate) fn refusal(&self, tool: &str, arguments: &Value) -> String {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], true, "{tool} {arguments}: {result}");
        assert!(result.get("structuredContent").is_none(), "{result}");
        result["content"][0]["text"].as_str().expect("words").to_owned()
    }
}

/// No number is missing, and no text speaks of one that is none.
fn sound(value: &Value, place: &str) {
    match value {
        Value::Null => panic!("{place}: null"),
        Value::Number(number) => assert!(number.as_f64().is_some_and(f64::is_finite), "{place}: {number}"),
        Value::String(text) => {
            let words = text.split(|letter: char| !letter.is_alphanumeric());
            let odd = words.filter(|word| ["NaN", "inf", "infinity", "nan"].contains(word)).count();
            assert_eq!(odd, 0, "{place}: {text}");
        }
        Value::Array(all) => {
            all.iter().enumerate().for_each(|(at, one)| sound(one, &format!("{place}/{at}")));
        }
        Value::Object(all) => {
            all.iter().for_each(|(name, one)| sound(one, &format!("{place}/{name}")));
        }
        Value::Bool(_) => {}
    }
}
