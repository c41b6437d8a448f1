//! Long planning over real sockets: it tells how far it is, small calls do not wait for it, and it stops when its client
//! leaves.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    desk::{Desk, Filling, epic, item, team, year},
    served::post_body,
};

/// Some seconds of work for [`FEW`] epics.
const LONG: u64 = 30_000;
/// Far more work than a test waits for, with [`MANY`] epics.
const ENDLESS: u64 = 100_000;
const FEW: u32 = 500;
const MANY: u32 = 4_000;
/// As long as a small answer may take on a busy machine, and as a stopped calculation may take to end.
const SOON: Duration = Duration::from_secs(20);

/// Epics on twelve teams, and a year of finished work of the first.
fn portfolio(epics: u32) -> Desk {
    let teams: Vec<_> = (0..12).map(|number| team(&format!("Lane {number}"), Some(20.0))).collect();
    let mut items = year(teams[0].id);
    items.push(item(pm33_product::ItemType::Story, "Open", Some(teams[0].id)));
    items.extend((0..epics).map(|number| {
        let own = (number % 3 != 0).then(|| teams[number as usize % 12].id);
        epic(&format!("Epic {number}"), f64::from(number % 13 + 1), own)
    }));
    Desk::with(Filling { teams, items })
}

/// Begins a schedule that is answered by a stream.
fn begin(desk: &Desk, effort: u64) -> BufReader<TcpStream> {
    let meta = json!({ "progressToken": "far", "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                       "io.modelcontextprotocol/clientCapabilities": {} });
    let params = json!({ "name": "pm33_schedule_portfolio", "arguments": { "effort": effort, "limit": 1 }, "_meta": meta });
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string();
    let mut socket = desk.server().connect().expect("a connection");
    let request = post_body(&[], desk.key(), "tools/call", "pm33_schedule_portfolio", &message);
    socket.write_all(request.as_bytes()).expect("sent");
    BufReader::new(socket)
}

/// The next message of a stream.
fn next(stream: &mut BufReader<TcpStream>) -> Value {
    loop {
        let mut line = String::new();
        assert_ne!(stream.read_line(&mut line).expect("a line in time"), 0, "the stream ended");
        if let Some(data) = line.strip_prefix("data: ") {
            return serde_json::from_str(data).expect("a message");
        }
    }
}

#[test]
fn progress_rises_and_the_answer_comes_last() {
    let desk = portfolio(FEW);
    let mut stream = begin(&desk, LONG);
    let mut told = Vec::new();
    let answer = loop {
        let message = next(&mut stream);
        if message["method"] != "notifications/progress" {
            break message;
        }
        assert_eq!(
            (&message["params"]["progressToken"], &message["params"]["total"]),
            (&json!("far"), &json!(1.0))
        );
        told.push(message["params"]["progress"].as_f64().expect("a number"));
    };
    assert!(told.len() >= 2 && told.is_sorted_by(|a, b| a < b), "{told:?}");
    assert!(told.iter().all(|done| (0.0..=1.0).contains(done)), "{told:?}");
    let found = &answer["result"]["structuredContent"];
    assert_eq!((&found["total"], &found["stopped"]), (&json!(FEW), &json!(false)), "{answer}");
}

#[test]
fn small_calls_do_not_wait_and_a_client_that_leaves_stops_the_work() {
    let desk = portfolio(MANY);
    // As many as may calculate at the same time: one core is left to the calls.
    let turns = std::thread::available_parallelism().map_or(1, |cores| cores.get() - 1).max(1);
    let mut streams: Vec<_> = (0..turns).map(|_| begin(&desk, ENDLESS)).collect();
    for stream in &mut streams {
        assert_eq!(next(stream)["method"], "notifications/progress", "the calculation runs");
    }
    for _ in 0..20 {
        let asked = Instant::now();
        desk.answer("pm33_query_backlog", &json!({ "limit": 1 }));
        assert!(asked.elapsed() < SOON, "a small call took {:?}", asked.elapsed());
    }
    drop(streams);
    // All turns are free again soon, or this waits for them until its own time is up.
    let asked = Instant::now();
    desk.answer("pm33_forecast_delivery", &json!({ "team": ["Lane 0"] }));
    assert!(asked.elapsed() < SOON, "the work went on for {:?}", asked.elapsed());
}
