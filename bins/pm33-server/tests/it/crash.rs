//! The process is killed again and again under mixed load of several tenants: nothing that was answered is lost, a
//! repeated call gives the first answer, the audit chains verify, and the database is whole.

use std::{
    collections::{HashMap, HashSet},
    sync::mpsc::{Sender, channel},
    time::Duration,
};

use pm33_app::Foundation;
use pm33_tenancy::{AuditFilter, AuditLog, TenantId};
use serde_json::{Value, json};

use crate::{
    home::Home,
    length::length,
    served::{Answer, Served},
};

const TENANTS: usize = 4;
const CLIENTS: usize = 64;
/// Kills for each change, and the whole bar.
const ROUNDS: u64 = 30;
const ALL_ROUNDS: u64 = 200;
/// Items that are asked for at once when everything is looked at.
const AT_ONCE: usize = 50;

/// An answered call.
struct Told {
    tenant: usize,
    correlation: String,
    what: What,
}

enum What {
    Read,
    /// Idempotency key, title, and the answer.
    Created {
        key: String,
        title: String,
        item: Value,
        answer: Value,
    },
    /// Item and the points that it has now.
    Updated {
        item: String,
        points: u64,
    },
}

/// One client: creates, updates its own items and reads, until the connection breaks. What it asked last, unanswered.
fn client(
    server: &Served,
    home: &Home,
    round: u64,
    number: usize,
    told: &Sender<Told>,
) -> Option<(usize, Value)> {
    let tenant = number % TENANTS;
    let key = &home.keys[tenant].1;
    let mut socket = server.connect()?;
    let mut own: Vec<String> = Vec::new();
    for step in 0_u64.. {
        let idempotency_key = format!("r{round}-c{number}-{step}");
        let title = format!("Crash item {round} {number} {step}");
        let points = step % 1_000;
        let (name, arguments) = match (step % 4, own.last()) {
            (1, Some(item)) => ("pm33_query_backlog", json!({ "ids": [item], "columns": "identity" })),
            (2 | 3, Some(item)) => (
                "pm33_update_work_item",
                json!({ "item": item, "story_points": points, "idempotency_key": idempotency_key }),
            ),
            _ => ("pm33_create_work_item", creation(&title, &idempotency_key)),
        };
        let creates = name == "pm33_create_work_item";
        let Some(answer) = server.tool(&mut socket, key, name, &arguments) else {
            return creates.then_some((tenant, arguments));
        };
        let result = good(&answer);
        let what = match name {
            "pm33_query_backlog" => What::Read,
            "pm33_update_work_item" => What::Updated { item: own.last()?.clone(), points },
            _ => {
                let item = result["item"]["key"].clone();
                own.push(item.as_str().expect("a key").to_owned());
                What::Created { key: idempotency_key, title, item, answer: result }
            }
        };
        let correlation = answer.header("x-request-id").expect("a correlation id").to_owned();
        told.send(Told { tenant, correlation, what }).ok()?;
    }
    None
}

fn creation(title: &str, idempotency_key: &str) -> Value {
    json!({ "type": "task", "title": title, "on_duplicate": "create", "idempotency_key": idempotency_key })
}

/// The structured result of a call that must succeed: nobody hears that the database is busy.
pub(crate) fn good(answer: &Answer) -> Value {
    let result = &answer.json()["result"];
    assert!(answer.status == 200 && result["isError"] != true, "{answer:?}");
    result["structuredContent"].clone()
}

/// One life of the server; what it answered, what was open at its end, and how long its start took.
fn life(home: &Home, round: u64) -> (Vec<Told>, Vec<(usize, Value)>, Duration) {
    let mut server = Served::start(home, &[]);
    let started_in = server.started_in;
    let (sender, receiver) = channel();
    // A point that differs from round to round, the same in every run.
    let most = 20 + (round * 7_919) % 180;
    let mut told = Vec::new();
    let open = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let (server, sender) = (&server, sender.clone());
                scope.spawn(move || client(server, home, round, number, &sender))
            })
            .collect();
        drop(sender);
        told.extend(receiver.iter().take(usize::try_from(most).expect("small")));
        server.kill();
        told.extend(receiver.iter());
        clients.into_iter().filter_map(|client| client.join().expect("a client")).collect::<Vec<_>>()
    });
    server.ended();
    (told, open, started_in)
}

/// Repeats what the last life answered and what it left open: the first answer, and one effect.
fn repeat(home: &Home, told: &[Told], open: &[(usize, Value)]) {
    let server = Served::start(home, &[]);
    let mut socket = server.connect().expect("a connection");
    let mut call = |tenant: usize, name: &str, arguments: &Value| {
        good(&server.tool(&mut socket, &home.keys[tenant].1, name, arguments).expect("an answer"))
    };
    for one in told.iter().rev().take(40) {
        if let What::Created { key, title, answer, .. } = &one.what {
            let again = call(one.tenant, "pm33_create_work_item", &creation(title, key));
            assert_eq!(&again, answer, "another answer to {key}");
        }
    }
    for (tenant, arguments) in open {
        let first = call(*tenant, "pm33_create_work_item", arguments);
        assert_eq!(first, call(*tenant, "pm33_create_work_item", arguments));
        let title = arguments["title"].as_str().expect("a title");
        let found = call(
            *tenant,
            "pm33_query_backlog",
            &json!({ "text": title, "limit": 200, "columns": "summary" }),
        );
        let items = found["items"].as_array().expect("items");
        let same = items.iter().filter(|item| item["title"] == title).count();
        assert_eq!(same, 1, "{title}: {found}");
    }
}

/// Everything that was ever answered is there.
fn judge(home: &Home, told: &[Told]) {
    let server = Served::start(home, &[]);
    let mut socket = server.connect().expect("a connection");
    let mut expected: Vec<HashMap<&str, Option<u64>>> = vec![HashMap::new(); TENANTS];
    for one in told {
        match &one.what {
            What::Created { item, .. } => {
                expected[one.tenant].entry(item.as_str().expect("a key")).or_default();
            }
            What::Updated { item, points } => {
                let last = expected[one.tenant].entry(item).or_default();
                *last = (*last).max(Some(*points));
            }
            What::Read => {}
        }
    }
    for (tenant, expected) in expected.iter().enumerate() {
        let items: Vec<_> = expected.iter().collect();
        for some in items.chunks(AT_ONCE) {
            let ids: Vec<_> = some.iter().map(|(item, _)| item).collect();
            let asked = json!({ "ids": ids, "columns": "full", "limit": AT_ONCE });
            let answer = server.tool(&mut socket, &home.keys[tenant].1, "pm33_query_backlog", &asked);
            let found = good(&answer.expect("an answer"));
            for (item, points) in some {
                let same = found["items"].as_array().expect("items").iter().find(|one| one["key"] == **item);
                let same = same.unwrap_or_else(|| panic!("{item} is lost: {found}"));
                // A later update may have been done without having been answered.
                let now = same["story_points"].as_f64();
                let told = points.map(|points| f64::from(u32::try_from(points).expect("small")));
                assert!(now >= told, "{item}: {told:?} was lost: {same}");
            }
        }
    }
    drop(server);
    home.look(async |foundation: &Foundation| {
        let complaints = foundation.store.integrity().await.expect("a verdict");
        assert!(complaints.is_empty(), "{complaints:?}");
        for (number, (tenant, _)) in home.keys.iter().enumerate() {
            let audited = audited(foundation, *tenant).await;
            for one in told.iter().filter(|one| one.tenant == number) {
                assert!(audited.contains(&one.correlation), "no audit row of {}", one.correlation);
            }
        }
    });
}

/// Verifies a tenant's audit chain; the calls in it.
pub(crate) async fn audited(foundation: &Foundation, tenant: TenantId) -> HashSet<String> {
    let log = foundation.store.session(tenant);
    let (rows, breaks) = log.verify(tenant).await.expect("a verdict");
    assert!(breaks.is_empty(), "{breaks:?}");
    let mut calls = HashSet::new();
    let mut filter = AuditFilter { limit: 1_000, ..AuditFilter::default() };
    let mut read = 0;
    loop {
        let page = log.rows(tenant, &filter).await.expect("rows");
        read += page.rows.len() as u64;
        calls.extend(page.rows.iter().map(|(_, row)| row.correlation.to_string()));
        match page.rows.last() {
            Some((last, _)) if page.more => filter.after = *last,
            _ => break,
        }
    }
    assert_eq!(read, rows, "rows that are not read are not looked for");
    calls
}

#[expect(clippy::print_stderr, reason = "what it measured is told")]
fn killed_under_load(engine: &str, home: &Home) {
    let rounds = length(ROUNDS, ALL_ROUNDS);
    let (mut all, mut starts, mut unanswered) = (Vec::new(), Vec::new(), 0);
    for round in 0..rounds {
        let (told, open, started_in) = life(home, round);
        repeat(home, &told, &open);
        starts.push(started_in);
        unanswered += open.len();
        all.extend(told);
    }
    judge(home, &all);
    starts.sort_unstable();
    eprintln!(
        "{engine}: killed {rounds} times; {} answered calls of which none was lost, {unanswered} open creates repeated; \
         start median {:?}, longest {:?}",
        all.len(),
        starts[starts.len() / 2],
        starts.last().expect("rounds"),
    );
    assert!(starts.last().is_some_and(|longest| *longest < Duration::from_secs(20)), "{starts:?}");
}

#[test]
fn killed_under_load_nothing_answered_is_lost_on_sqlite() {
    killed_under_load("SQLite", &Home::sqlite(TENANTS));
}

#[test]
fn killed_under_load_nothing_answered_is_lost_on_postgres() {
    if let Some(home) = Home::postgres(TENANTS) {
        killed_under_load("PostgreSQL", &home);
    }
}

/// Writers that begin in the same moment.
const BURST: usize = 64;

#[test]
fn a_burst_of_writers_never_hears_that_the_database_is_busy() {
    let home = Home::sqlite(1);
    let server = Served::start(&home, &[]);
    let key = &home.keys[0].1;
    let together = std::sync::Barrier::new(BURST);
    std::thread::scope(|scope| {
        for writer in 0..BURST {
            let (server, together) = (&server, &together);
            scope.spawn(move || {
                let mut socket = server.connect().expect("a connection");
                for step in 0..3 {
                    let title = format!("Burst {writer} {step}");
                    let arguments = creation(&title, &format!("burst-{writer}-{step}"));
                    together.wait();
                    let answer = server.tool(&mut socket, key, "pm33_create_work_item", &arguments);
                    good(&answer.expect("an answer"));
                }
            });
        }
    });
    let mut socket = server.connect().expect("a connection");
    let all = server.tool(&mut socket, key, "pm33_query_backlog", &json!({ "columns": "identity" }));
    assert_eq!(good(&all.expect("an answer"))["total"], 3 * BURST);
}
