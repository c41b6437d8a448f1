//! The process is killed again and again while 64 callers ask a model: no settled charge that was told is lost or changed,
//! the books agree at each start, and what the crashes left open ends with the life of its hold.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Sender, channel},
    time::Duration,
};

use pm33_app::{Foundation, act};
use pm33_billing::{EntryKind, Grantor, HoldId, Ledger, MicroCredits};
use pm33_tenancy::{Administration, TenantId, TenantSettings};
use serde_json::{Value, json};

use crate::{
    home::Home,
    length::length,
    served::{Answer, Served},
};

pub(crate) const CALLERS: usize = 64;
/// Kills for each change, and the whole bar.
const ROUNDS: u64 = 5;
const ALL_ROUNDS: u64 = 200;
/// After so many kills the time of what they left is up.
const LIVES: u64 = 10;
/// The model's answer takes this long; the server may be killed in it.
const A_MOMENT: Duration = Duration::from_millis(10);
/// Longer than any hold lives, and the minute until the sweep.
const AFTER_ALL_HOLDS: Duration = Duration::from_mins(16);

/// A charge that a caller was told.
struct Told {
    hold: HoldId,
    charged: MicroCredits,
}

/// Speaks Anthropic's stream: always the same answer to the same kind of question, after a wait.
pub(crate) fn provider(wait: impl Fn() + Clone + Send + 'static) -> String {
    provider_hearing(move |_| wait())
}

/// As [`provider`], with each question's body told before it is answered.
pub(crate) fn provider_hearing(hear: impl Fn(&[u8]) + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for socket in listener.incoming().map_while(Result::ok) {
            let hear = hear.clone();
            std::thread::spawn(move || answer(&socket, hear));
        }
    });
    url
}

/// A verdict, a plan, or a section that says one thing.
fn said(body: &str) -> Value {
    if body.contains("You plan a product document") {
        json!({ "sections": [] })
    } else if body.contains("You write one section") {
        json!({ "statements": [{ "text": "It is slow.", "sources": ["S1"] }], "questions": [] })
    } else {
        json!({ "contribution": "none", "confidence": 0.9, "item_quote": "", "objective_quote": "",
            "reason": "It does not." })
    }
}

fn answer(mut socket: &TcpStream, hear: impl Fn(&[u8])) -> std::io::Result<()> {
    let mut reader = BufReader::new(socket.try_clone()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some(("content-length", value)) = line.to_ascii_lowercase().split_once(':') {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    hear(&body);
    let text = Value::String(said(&String::from_utf8_lossy(&body)).to_string());
    let events = [
        (
            "message_start",
            json!({ "type": "message_start", "message": { "model": "claude-opus-5-5",
            "usage": { "input_tokens": 700, "output_tokens": 1 } } }),
        ),
        (
            "content_block_delta",
            json!({ "type": "content_block_delta", "delta": { "type": "text_delta", "text": text } }),
        ),
        (
            "message_delta",
            json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" },
            "usage": { "output_tokens": 40 } }),
        ),
        ("message_stop", json!({ "type": "message_stop" })),
    ];
    let events: Vec<_> =
        events.iter().map(|(name, data)| format!("event: {name}\ndata: {data}\n\n")).collect();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    socket.write_all(format!("{head}{}", events.concat()).as_bytes())
}

/// What must succeed: its result.
pub(crate) fn good(answer: &Answer) -> Value {
    let result = &answer.json()["result"];
    assert!(answer.status == 200 && result["isError"] != true, "{answer:?}");
    result.clone()
}

/// An item for each caller, linked to an objective.
pub(crate) fn prepare(home: &Home) {
    home.look(async |foundation: &Foundation| {
        let (tenant, now) = (home.keys[0].0, foundation.clock.now());
        let (many, often) = (Some(1_000), Some(100_000));
        let settings = TenantSettings {
            ai_calls: many,
            ai_calls_key: many,
            ai_calls_per_minute_key: often,
            ai_calls_per_minute_tenant: often,
            ..TenantSettings::default()
        };
        let session = foundation.store.operator();
        session.put_settings(tenant, &settings).await.expect("set");
        let by = Grantor { actor: None, note: "test".to_owned() };
        session.grant(tenant, MicroCredits::new(1_000_000_000_000), now, by).await.expect("granted");
        session.commit(act(tenant, "admin/credits.grant", None, now)).await.expect("committed");
    });
    let server = Served::start(home, &[]);
    let mut socket = server.connect().expect("a connection");
    let mut call = |name: &str, arguments: &Value| {
        good(&server.tool(&mut socket, &home.keys[0].1, name, arguments).expect("an answer"))
    };
    let objective =
        json!({ "title": "Fewer calls", "statement": "Half the calls.", "period": "2026-Q4", "weight": 1.0 });
    call("pm33_manage_objective", &json!({ "objective": objective }));
    for number in 0..CALLERS {
        let item = json!({ "type": "task", "title": format!("Work {number}"), "on_duplicate": "create",
            "objectives": [{ "objective": "Fewer calls" }] });
        let made = call("pm33_create_work_item", &item);
        assert_eq!(made["structuredContent"]["item"]["key"], format!("W0-{}", number + 1));
    }
}

/// One caller: a new text, a new judgement, until the connection breaks.
fn caller(server: &Served, key: &str, round: u64, number: usize, told: &Sender<Told>) -> Option<()> {
    let mut socket = server.connect()?;
    let item = format!("W0-{}", number + 1);
    for step in 0_u64.. {
        let text = format!("Round {round}, step {step}.");
        let change = json!({ "item": item, "description": text });
        let changed = server.tool(&mut socket, key, "pm33_update_work_item", &change)?;
        let scored = server.tool(&mut socket, key, "pm33_score_alignment", &json!({ "items": [item] }))?;
        // So many on a busy machine may be told to come again: then nothing was told of a charge.
        if changed.status == 503 || scored.status == 503 {
            continue;
        }
        good(&changed);
        let credits = good(&scored)["_meta"]["dev.pm33/credits"].clone();
        let word = |name: &str| credits[name].as_str().unwrap_or_else(|| panic!("{credits}"));
        let hold = word("hold").parse().expect("a hold");
        let charged: MicroCredits = word("charged").parse().expect("an amount");
        assert!(charged > MicroCredits::ZERO, "{credits}");
        told.send(Told { hold, charged }).ok()?;
    }
    None
}

/// One life of the server: the charges that it told.
fn life(home: &Home, environment: &[(&str, &str)], round: u64) -> Vec<Told> {
    let mut server = Served::start(home, environment);
    let (sender, receiver) = channel();
    // A point that differs from round to round, the same in every run.
    let most = 3 + (round * 7_919) % 120;
    let mut told = Vec::new();
    std::thread::scope(|scope| {
        for number in 0..CALLERS {
            let (server, sender) = (&server, sender.clone());
            scope.spawn(move || caller(server, &home.keys[0].1, round, number, &sender));
        }
        drop(sender);
        told.extend(receiver.iter().take(usize::try_from(most).expect("small")));
        server.kill();
        told.extend(receiver.iter());
    });
    server.ended();
    told
}

/// Charges in the ledger by their hold.
async fn charges(foundation: &Foundation, tenant: TenantId) -> Vec<(HoldId, MicroCredits)> {
    let session = foundation.store.session(tenant);
    let (mut found, mut after) = (Vec::new(), 0);
    loop {
        let page = session.entries(tenant, after, 1_000).await.expect("entries");
        let settled = page.entries.iter().filter(|entry| entry.kind == EntryKind::Settle);
        found.extend(settled.filter_map(|entry| Some((entry.hold?, entry.postings.spent))));
        match page.entries.last() {
            Some(last) if page.more => after = last.seq,
            _ => return found,
        }
    }
}

fn judge(home: &Home, told: &[Told]) {
    home.look(async |foundation: &Foundation| {
        let tenant = home.keys[0].0;
        let session = foundation.store.session(tenant);
        let mismatches = session.reconcile_credits(tenant).await.expect("books");
        assert!(mismatches.is_empty(), "{mismatches:?}");
        let found = charges(foundation, tenant).await;
        for one in told {
            let same: Vec<_> = found.iter().filter(|(hold, _)| *hold == one.hold).collect();
            assert!(matches!(same[..], [(_, charged)] if *charged == one.charged), "{}: {same:?}", one.hold);
        }
    });
}

/// What the crashes left: gone when the life of their holds is over, nothing charged for them.
fn end_holds(home: &Home) -> usize {
    home.look(async |foundation: &Foundation| {
        let (tenant, now) = (home.keys[0].0, foundation.clock.now());
        let spent = async || {
            foundation
                .store
                .session(tenant)
                .standing(tenant, &[])
                .await
                .expect("a standing")
                .accounts
                .sums
                .spent
        };
        let before = spent().await;
        let mut count = 0;
        loop {
            // As many as the sweep ends in a unit: one that takes long is not committed.
            let session = foundation.store.operator();
            let ended = session.expire_holds(tenant, now.plus(AFTER_ALL_HOLDS), 100).await.expect("ended");
            session.commit(act(tenant, "system/credits.expire", None, now)).await.expect("committed");
            count += ended.len();
            if ended.is_empty() {
                break;
            }
        }
        let session = foundation.store.session(tenant);
        assert!(session.standing(tenant, &[]).await.expect("a standing").open.is_empty());
        assert_eq!(spent().await, before);
        assert!(session.reconcile_credits(tenant).await.expect("books").is_empty());
        count
    })
}

#[expect(clippy::print_stderr, reason = "what it measured is told")]
fn killed_while_asking(engine: &str, home: &Home) {
    let rounds = length(ROUNDS, ALL_ROUNDS);
    prepare(home);
    let url = provider(|| std::thread::sleep(A_MOMENT));
    let environment = [
        ("PM33_AI_PROVIDERS", "anthropic"),
        ("PM33_AI_ANTHROPIC_URL", url.as_str()),
        ("ANTHROPIC_API_KEY", "sk-test"),
    ];
    let (mut told, mut left) = (Vec::new(), 0);
    for round in 0..rounds {
        told.extend(life(home, &environment, round));
        judge(home, &told);
        // Calls that a crash left count as running until their holds end, and the room is not for so many.
        if round % LIVES == LIVES - 1 {
            left += end_holds(home);
        }
    }
    left += end_holds(home);
    eprintln!(
        "{engine}: killed {rounds} times; {} charges told, none lost; {left} holds left open and ended",
        told.len()
    );
    assert!(left > 0, "no call was under way when the server was killed");
}

#[test]
fn killed_while_asking_no_told_charge_is_lost_on_sqlite() {
    killed_while_asking("SQLite", &Home::sqlite(1));
}

#[test]
fn killed_while_asking_no_told_charge_is_lost_on_postgres() {
    if let Some(home) = Home::postgres(1) {
        killed_while_asking("PostgreSQL", &home);
    }
}
