//! A disk that fails: every nth sync of each connection ends with an error, or from the nth write on there is no space.
//! Refusals say so, nothing is half done, what was answered stays, and the service goes on when the fault is gone, from
//! the log and not by a second sync (governance Z4).

use std::{
    collections::HashMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    crash::{audited, good},
    home::Home,
    length::length,
    served::{Answer, Served},
    traced::{self, SystemCall, Traced},
};

const CLIENTS: usize = 4;
/// Refused calls after which the fault has shown itself.
const REFUSED: usize = 6;
/// The process is killed in the middle of every such fault.
const KILLED: usize = 4;
/// Until service must be back after a fault.
const BACK: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug)]
enum Fault {
    /// Every nth sync of each connection fails.
    Sync,
    /// From its nth write on, each connection hears that the disk is full.
    Full,
}

impl Fault {
    fn asked(self, nth: usize) -> [String; 4] {
        let inject = match self {
            Self::Sync => format!("inject=fdatasync,fsync:error=EIO:when={nth}+{nth}"),
            Self::Full => format!("inject=pwrite64:error=ENOSPC:when={nth}+"),
        };
        ["-e".to_owned(), "trace=fdatasync,fsync,pwrite64,close".to_owned(), "-e".to_owned(), inject]
    }
}

/// A call that made an item, or was refused.
struct Asked {
    client: usize,
    title: String,
    arguments: Value,
    answered: Option<Answer>,
}

/// A refusal of a failing disk: its status, words, and when to come again.
fn check_refusal(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    let message = answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.split(' ').count() > 4 && !message.contains("sql"), "no words: {answer:?}");
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
}

/// Makes an item whose title is one word that nobody else has.
fn create(server: &Served, home: &Home, client: usize, word: &str) -> Asked {
    let title = format!("{word}c{client}");
    let arguments =
        json!({ "type": "task", "title": title, "on_duplicate": "create", "idempotency_key": title });
    let key = key_of(home, client);
    let mut socket = server.connect().expect("a connection");
    let answer = server.tool(&mut socket, key, "pm33_create_work_item", &arguments).expect("an answer");
    let answered = (answer.status == 200).then_some(answer.clone());
    match &answered {
        Some(answer) => drop(good(answer)),
        None => check_refusal(&answer),
    }
    Asked { client, title, arguments, answered }
}

/// Clients take turns with the tenants.
fn key_of(home: &Home, client: usize) -> &str {
    &home.keys[client % home.keys.len()].1
}

/// Reads and creates of several clients until the fault has shown itself.
fn under_fault(server: &Served, home: &Home, name: &str) -> Vec<Asked> {
    let refused = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let refused = &refused;
                scope.spawn(move || {
                    let mut all = Vec::new();
                    let mut step = 0;
                    while refused.load(Ordering::Relaxed) < REFUSED {
                        assert!(step < 400, "the fault does not show");
                        let asked = create(server, home, number, &format!("{name}s{step}"));
                        refused.fetch_add(usize::from(asked.answered.is_none()), Ordering::Relaxed);
                        all.push(asked);
                        let mut socket = server.connect().expect("a connection");
                        let arguments = json!({ "limit": 1, "columns": "identity" });
                        let key = key_of(home, number);
                        let read = server.tool(&mut socket, key, "pm33_query_backlog", &arguments);
                        let read = read.expect("an answer");
                        if read.status != 200 {
                            check_refusal(&read);
                        }
                        step += 1;
                    }
                    all
                })
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().expect("a client")).collect()
    })
}

/// How many items of a title there are.
fn count(server: &Served, key: &str, title: &str) -> usize {
    let mut socket = server.connect().expect("a connection");
    let arguments = json!({ "text": title, "limit": 200, "columns": "summary" });
    let found = good(&server.tool(&mut socket, key, "pm33_query_backlog", &arguments).expect("an answer"));
    found["items"].as_array().expect("items").iter().filter(|item| item["title"] == title).count()
}

/// A descriptor whose sync of a log failed is never synced again: its connection or file is given up, another reads the log.
fn check_not_retried(calls: &[SystemCall]) {
    let mut failed: HashMap<&str, &SystemCall> = HashMap::new();
    for call in calls.iter().filter(|call| call.is_on_log()) {
        if call.name == "close" {
            failed.remove(&*call.on);
        }
        if !call.is_sync() {
            continue;
        }
        if let Some(first) = failed.get(&*call.on) {
            panic!("{call:?} after {first:?}");
        }
        if call.result != 0 {
            failed.insert(&call.on, call);
        }
    }
}

/// Everything that was asked, against what is there now. A refused call is repeated: then it has happened once.
fn judge(home: &Home, all: &[Asked]) {
    let server = Served::start(home, &[]);
    for (number, asked) in all.iter().enumerate() {
        let key = key_of(home, asked.client);
        let here = count(&server, key, &asked.title);
        match &asked.answered {
            Some(_) => assert_eq!(here, 1, "{} was answered and is lost", asked.title),
            None => assert!(here <= 1, "{} is there {here} times", asked.title),
        }
        if asked.answered.is_none() || number % 8 == 0 {
            let mut socket = server.connect().expect("a connection");
            let again = server.tool(&mut socket, key, "pm33_create_work_item", &asked.arguments);
            let again = good(&again.expect("an answer"));
            if let Some(first) = &asked.answered {
                assert_eq!(again, good(first), "another answer to {}", asked.title);
            }
            assert_eq!(count(&server, key, &asked.title), 1, "{}", asked.title);
        }
    }
    drop(server);
    home.look(async |foundation| {
        assert_eq!(foundation.store.integrity().await.expect("a verdict"), [""; 0]);
        for (number, (tenant, _)) in home.keys.iter().enumerate() {
            let rows = audited(foundation, *tenant).await;
            let answers = all.iter().filter_map(|asked| Some((asked, asked.answered.as_ref()?)));
            let own = answers.filter(|(asked, _)| asked.client % home.keys.len() == number);
            for (asked, answer) in own {
                let call = answer.header("x-request-id").expect("a correlation id");
                assert!(rows.contains(call), "no audit row of {}", asked.title);
            }
        }
    });
}

/// A fault and its end, with which the process ends too at times; what was asked.
fn fault(server: &mut Served, home: &Home, fault: Fault, nth: usize) -> Vec<Asked> {
    // Proves each key once, so that nobody is sent away for that later.
    let mut all: Vec<Asked> = (0..home.keys.len())
        .map(|number| create(server, home, number, &format!("{fault:?}{nth}before")))
        .collect();
    let asked = fault.asked(nth);
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    let traced = Traced::attach(server.process(), &home.file("record"), &asked);
    all.extend(under_fault(server, home, &format!("{fault:?}{nth}")));
    let calls = if nth.is_multiple_of(KILLED) {
        // In the middle of the fault: what the log holds is read by another process.
        server.kill();
        server.ended();
        let calls = traced.of_ended();
        *server = Served::start(home, &[]);
        calls
    } else {
        let calls = traced.end();
        all.push(back(server, home, &format!("{fault:?}{nth}after")));
        calls
    };
    assert!(calls.iter().any(SystemCall::is_injected), "nothing was broken");
    check_not_retried(&calls);
    all
}

/// Waits until an item can be made again.
fn back(server: &Served, home: &Home, word: &str) -> Asked {
    let gone = Instant::now();
    loop {
        let asked = create(server, home, 0, word);
        if asked.answered.is_some() {
            return asked;
        }
        assert!(gone.elapsed() < BACK, "no service {:?} after the fault", gone.elapsed());
    }
}

fn broken(kind: Fault) {
    if !traced::is_there() {
        return;
    }
    let home = Home::sqlite(2);
    let mut server = Served::start(&home, &[]);
    let mut all = Vec::new();
    for nth in 1..=length(10, 50) {
        all.extend(fault(&mut server, &home, kind, nth));
    }
    server.terminate();
    assert!(server.ended().success());
    judge(&home, &all);
}

#[test]
fn a_sync_that_fails_loses_nothing_that_was_answered() {
    broken(Fault::Sync);
}

#[test]
fn a_full_disk_refuses_in_words_and_half_does_nothing() {
    broken(Fault::Full);
}
