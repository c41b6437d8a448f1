//! Arguments with a million mistakes in a body that is within its bound: one of them is told, and memory stays as it was.

use serde_json::json;

use crate::{home::Home, process::most_memory, served::Served};

/// What the server's memory may grow by, in KiB: 900,000 values of the body, twice as JSON of some 70 bytes each (137 MiB
/// measured). A complaint about each of them takes half a gigabyte.
const GROWTH: u64 = 200 << 10;

#[test]
fn a_million_mistakes_in_one_call_cost_what_the_body_costs() {
    let home = Home::sqlite(1);
    let server = Served::start(&home, &[]);
    let (key, mut socket) = (&home.keys[0].1, server.connect().expect("a connection"));
    let few =
        server.tool(&mut socket, key, "pm33_query_backlog", &json!({ "label": [0, 1] })).expect("an answer");
    assert!(few.body.contains("label.0") && few.body.contains("label.1"), "{}", few.body);
    let before = most_memory(&server);
    let many = json!({ "label": vec![0; 900_000] });
    let many = server.tool(&mut socket, key, "pm33_query_backlog", &many).expect("an answer");
    assert!(many.body.contains("label") && many.body.len() < 4_000, "{}", many.body);
    let grown = most_memory(&server) - before;
    assert!(grown < GROWTH, "{grown} KiB");
}
