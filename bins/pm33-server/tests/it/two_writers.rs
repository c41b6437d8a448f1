//! Two servers on one database write one audit log at once: no row is lost, no number is given twice, and the chain
//! verifies (governance A2 and the bar of its section 4).

use std::collections::HashSet;

use serde_json::json;

use crate::{
    crash::{audited, good},
    home::Home,
    length::length,
    served::Served,
};

/// Clients of each server, and the writes of each.
const CLIENTS: usize = 32;
const WRITES: usize = 20;
const MANY_WRITES: usize = 1_000;

fn one_chain(home: &Home) {
    let both = [Served::start(home, &[]), Served::start(home, &[])];
    let key = &home.keys[0].1;
    let calls: HashSet<String> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..2 * CLIENTS)
            .map(|number| {
                let server = &both[number % 2];
                scope.spawn(move || {
                    let mut socket = server.connect().expect("a connection");
                    let mut calls = Vec::new();
                    for step in 0..length(WRITES, MANY_WRITES) {
                        let title = format!("Writer {number} {step}");
                        let new = json!({ "type": "task", "title": title, "on_duplicate": "create" });
                        let answer = server.tool(&mut socket, key, "pm33_create_work_item", &new);
                        let answer = answer.expect("an answer");
                        good(&answer);
                        calls.push(answer.header("x-request-id").expect("a correlation id").to_owned());
                    }
                    calls
                })
            })
            .collect();
        clients.into_iter().flat_map(|one| one.join().expect("a client")).collect()
    });
    drop(both);
    let rows = home.look(async |foundation| audited(foundation, home.keys[0].0).await);
    let lost: Vec<_> = calls.difference(&rows).collect();
    assert!(lost.is_empty(), "{} of {} calls have no row", lost.len(), calls.len());
    assert_eq!(calls.len(), 2 * CLIENTS * length(WRITES, MANY_WRITES));
}

#[test]
fn two_servers_write_one_chain_on_sqlite() {
    one_chain(&Home::sqlite(1));
}

#[test]
fn two_servers_write_one_chain_on_postgres() {
    if let Some(home) = Home::postgres(1) {
        one_chain(&home);
    }
}
