//! An answered call is on disk first, by the order of the server's system calls (governance Z1): killing a process proves
//! nothing about that, because the kernel keeps what was written.

use serde_json::json;

use crate::{
    home::Home,
    served::Served,
    traced::{self, SystemCall, Traced},
};

const CLIENTS: usize = 8;
const STEPS: usize = 12;
const WATCHED: [&str; 2] = ["-e", "trace=fdatasync,fsync,pwrite64,recvfrom,read,sendto,write,writev,sendmsg"];

/// One client's calls, writes and reads in turn; each must succeed.
fn client(server: &Served, key: &str, name: &str) {
    let mut socket = server.connect().expect("a connection");
    for step in 0..STEPS {
        let (tool, arguments) = if step % 2 == 0 {
            let title = format!("Durable {name} {step}");
            ("pm33_create_work_item", json!({ "type": "task", "title": title, "on_duplicate": "create" }))
        } else {
            ("pm33_query_backlog", json!({ "limit": 1, "columns": "identity" }))
        };
        let answer = server.tool(&mut socket, key, tool, &arguments).expect("an answer");
        assert!(answer.status == 200 && answer.json()["result"]["isError"] != true, "{answer:?}");
    }
}

/// Answered calls, each with what was last read on its connection before the answer, and the answer.
fn answered(calls: &[SystemCall]) -> Vec<(&SystemCall, &SystemCall)> {
    let answers = calls.iter().filter(|call| call.rest.contains("\"HTTP/1.1 200"));
    answers
        .map(|answer| {
            let is_request = |call: &&SystemCall| {
                matches!(call.name.as_str(), "recvfrom" | "read")
                    && call.on == answer.on
                    && call.result > 0
                    && call.returned < answer.called
            };
            let request = calls.iter().filter(is_request).max_by_key(|call| call.returned);
            (request.unwrap_or_else(|| panic!("nothing was read before {answer:?}")), answer)
        })
        .collect()
}

/// Whether something was written to the log after the request had come, and synced before the answer left.
fn is_synced(calls: &[SystemCall], request: &SystemCall, answer: &SystemCall) -> bool {
    let between = |call: &&SystemCall| call.called > request.returned && call.returned < answer.called;
    let on_log = || calls.iter().filter(|call| call.is_on_log()).filter(between);
    on_log().filter(|call| call.name == "pwrite64").any(|written| {
        let is_its_sync = |call: &SystemCall| {
            call.is_sync() && call.result == 0 && call.on == written.on && call.called > written.returned
        };
        on_log().any(is_its_sync)
    })
}

/// Answered calls, and those of them that were not on disk first.
fn watched(home: &Home, environment: &[(&str, &str)]) -> (usize, Vec<String>) {
    let key = &home.keys[0].1;
    let mut server = Served::start(home, environment);
    // A fresh process proves the key once, and may send callers away meanwhile.
    client(&server, key, "first");
    let traced = Traced::attach(server.process(), &home.file("record"), &WATCHED);
    client(&server, key, "alone");
    std::thread::scope(|scope| {
        for number in 0..CLIENTS {
            let server = &server;
            scope.spawn(move || client(server, key, &number.to_string()));
        }
    });
    server.terminate();
    assert!(server.ended().success());
    let calls = traced.of_ended();
    let answered = answered(&calls);
    let early = answered.iter().filter(|(request, answer)| !is_synced(&calls, request, answer));
    (answered.len(), early.map(|(request, answer)| format!("{request:?} … {answer:?}")).collect())
}

#[test]
fn every_answered_call_was_synced_between_its_bytes_and_its_answer() {
    if !traced::is_there() {
        return;
    }
    let home = Home::sqlite(1);
    let (answered, early) = watched(&home, &[]);
    assert_eq!(answered, (CLIENTS + 1) * STEPS);
    assert_eq!(early, [""; 0], "answered before it was on disk");
    // What is watched tells one from the other: where reads may be answered first, they are.
    let (answered, early) = watched(&home, &[("PM33_AUDIT_READS", "committed")]);
    assert!(early.len() >= STEPS / 4, "{} of {answered}", early.len());
}
