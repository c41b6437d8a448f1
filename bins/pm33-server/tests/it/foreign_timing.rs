//! What belongs to others takes as long to be refused as what is not there: nobody learns by a clock what an id is of
//! (governance T5). Medians of one run, in turns.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{bystanders::middle, foreign::nobodys, home::Home, looks::ask, served::Served};

/// Calls of each kind.
const CALLS: usize = 150;
/// Times of one over those of the other, in hundredths.
const MOST: u32 = 125;

/// Where an id is told.
fn questions(id: &str) -> [(&'static str, Value); 3] {
    [
        ("pm33_query_backlog", json!({ "ids": [id] })),
        ("pm33_update_work_item", json!({ "item": id, "title": "Mine now" })),
        ("pm33_generate_prd", json!({ "item": id, "ask": false })),
    ]
}

#[expect(clippy::print_stderr, reason = "what it measured is told")]
fn takes_as_long(engine: &str, home: &Home) {
    let server = Served::start(home, &[]);
    let [own, others] = [0, 1].map(|number: usize| home.keys[number].1.as_str());
    let new = json!({ "type": "task", "title": "Somebody's", "on_duplicate": "create" });
    let made = ask(&server, others, "pm33_create_work_item", &new);
    let foreign = made["structuredContent"]["item"]["id"].as_str().expect("an id").to_owned();
    let (foreign, unknown) = nobodys(&foreign);
    let mut socket = server.connect().expect("a connection");
    for (number, (tool, _)) in questions(&foreign).iter().enumerate() {
        let mut took = [Vec::new(), Vec::new()];
        for call in 0..2 * CALLS {
            // Either is first as often as the other.
            let which = (call / 2 + call) % 2;
            let (_, arguments) = &questions([&foreign, &unknown][which])[number];
            let begun = Instant::now();
            let answer = server.tool(&mut socket, own, tool, arguments).expect("an answer");
            took[which].push(begun.elapsed());
            assert!(!answer.body.contains("Somebody's"), "{tool}: {answer:?}");
        }
        let [foreign, unknown]: [Duration; 2] = took.map(middle);
        eprintln!(
            "{engine}, {tool}: {foreign:.2?} for what is another's, {unknown:.2?} for what is not there"
        );
        let (less, more) = (foreign.min(unknown), foreign.max(unknown));
        assert!(more * 100 <= less * MOST, "{tool}: {foreign:?} and {unknown:?}");
    }
}

#[test]
fn what_belongs_to_others_takes_as_long_as_what_is_not_there_on_sqlite() {
    takes_as_long("SQLite", &Home::sqlite(2));
}

#[test]
fn what_belongs_to_others_takes_as_long_as_what_is_not_there_on_postgres() {
    if let Some(home) = Home::postgres(2) {
        takes_as_long("PostgreSQL", &home);
    }
}
