//! Of everything that a running server keeps it is known what, why, on which ground, for whom and until when; and whoever
//! asks for it, or for its end, is answered in the time of their law.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    time::Duration,
};

use pm33_app::{act, erase, export};
use pm33_interchange::BundleReader;
use pm33_tenancy::{Administration, DataSubject, Timestamp, User, UserId, data_map};
use serde_json::{Value, json};

use crate::{home::Home, looks::ask, served::Served};

const DAY: Duration = Duration::from_hours(24);

/// Calls every tool, so that all that the server keeps of calls is there.
fn call_all(server: &Served, key: &str) {
    let all = pm33_app::catalogue().expect("the catalogue");
    for tool in all.tools() {
        let mut arguments: Value = serde_json::from_str(tool.example).expect("an example");
        // An example may leave nothing behind; this call does, but for requests, which the test files itself.
        if arguments["dry_run"] == true && tool.spec.name != "pm33_privacy_request" {
            arguments["dry_run"] = false.into();
        }
        ask(server, key, tool.spec.name, &arguments);
    }
}

/// The policy as the server tells it.
fn policy(server: &Served) -> String {
    let mut socket = server.connect().expect("a connection");
    write!(socket, "GET /privacy.md HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("sent");
    let mut text = String::new();
    socket.read_to_string(&mut text).expect("an answer");
    text
}

/// Files a request under a law; how long the operator has to answer.
fn days_to_answer(server: &Served, key: &str, kind: &str, law: &str) -> i64 {
    let arguments = json!({ "action": "file", "kind": kind, "law": law });
    let filed = ask(server, key, "pm33_privacy_request", &arguments);
    let request = &filed["structuredContent"]["requests"][0];
    let at = |field: &str| -> Timestamp {
        let text = request[field].as_str().unwrap_or_else(|| panic!("{filed}"));
        text.parse::<jiff::Timestamp>().expect("a time").into()
    };
    let span = at("answer_by").micros() - at("received").micros();
    span / i64::try_from(DAY.as_micros()).expect("small")
}

fn known_and_ended(home: &Home) {
    let (tenant, key) = home.keys[0].clone();
    let server = Served::start(home, &[]);
    call_all(&server, &key);
    // The right to know and the right to deletion, under both laws.
    let month = days_to_answer(&server, &key, "access", "gdpr");
    assert!((28..=31).contains(&month), "a month: {month}");
    assert_eq!(days_to_answer(&server, &key, "deletion", "ccpa"), 45);
    let mortal = home.look(async |foundation| {
        // The schema that the server runs on, and the map in the program.
        let real = foundation.store.columns().await.expect("columns");
        let mapped: BTreeSet<_> =
            data_map::columns().map(|one| (one.table.to_owned(), one.column.to_owned())).collect();
        assert!(real.len() > 100);
        assert_eq!(real.difference(&mapped).collect::<Vec<_>>(), Vec::<&(String, String)>::new());
        // What its calls left is told with its rule.
        let kept =
            foundation.store.session(tenant).gather(tenant, DataSubject::Organisation).await.expect("rows");
        let tables: BTreeSet<_> = kept.iter().map(|one| one.table).collect();
        for table in ["app_user", "api_key", "work_item", "audit_row", "privacy_request", "objective"] {
            assert!(tables.contains(table), "{table}: {tables:?}");
        }
        for column in kept.iter().flat_map(|one| &one.columns) {
            let rule = serde_json::to_value(column).expect("JSON");
            let place = format!("{}.{}", column.table, column.column);
            for field in ["category", "purpose", "basis", "recipients", "retention", "rights"] {
                assert!(!rule[field].is_null() && rule[field] != "", "{place}: {field}");
            }
            assert_ne!(rule["retention"]["until"], "", "{place}");
            let personal = column.rule.category != data_map::Category::Machinery;
            assert!(!personal || column.rule.basis != data_map::Basis::NotPersonal, "{place} has no ground");
        }
        let now = foundation.clock.now();
        let mortal = User {
            tenant,
            id: UserId::new(now),
            handle: "zq8mortal".to_owned(),
            name: "Zq8mortal".to_owned(),
            created: now,
        };
        let session = foundation.store.operator();
        session.create_user(&mortal).await.expect("a user");
        session.commit(act(tenant, "admin/user.create", None, now)).await.expect("committed");
        mortal.id
    });
    let told = policy(&server);
    for column in data_map::columns().filter(|one| one.rule.category != data_map::Category::Machinery) {
        let line = format!("| {} | {} |", column.rule.category, column.rule.basis);
        assert!(told.contains(&line), "{line}: {told}");
    }
    let users = |home: &Home| {
        home.look(async |foundation| {
            let mut out = std::io::Cursor::new(Vec::new());
            Box::pin(export(foundation, tenant, DataSubject::Organisation, &mut out)).await.expect("a copy");
            let mut copy = BundleReader::open(out).expect("a copy");
            copy.rows("identity", "app_user").expect("rows").len()
        })
    };
    assert_eq!(users(home), 2);
    let certificate = home.look(async |foundation| {
        erase(foundation, home.data(), tenant, DataSubject::Member(mortal)).await.expect("erased")
    });
    assert_eq!(certificate.verification.remaining_rows, 0);
    assert_eq!(users(home), 1);
    let still = ask(&server, &key, "pm33_query_backlog", &json!({ "limit": 1 }));
    assert_ne!(still["isError"], true, "the server goes on for the others: {still}");
}

#[test]
fn p18_everything_that_is_kept_has_a_ground_recipients_and_an_end() {
    for home in [Some(Home::sqlite(1)), Home::postgres(1)].into_iter().flatten() {
        known_and_ended(&home);
    }
}
