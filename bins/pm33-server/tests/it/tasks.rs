//! Tasks of the real server on both engines: found, refused and cancelled through a second server on the same database, and
//! told as failed soon after their server was killed.

use std::{
    io::{BufReader, Write},
    net::TcpListener,
    time::{Duration, Instant},
};

use pm33_app::act;
use pm33_billing::{Grantor, Ledger, MicroCredits};
use serde_json::{Value, json};

use crate::{
    home::Home,
    served::{Served, post_body, read_answer},
};

/// Longest wait for what must come soon.
const SOON: Duration = Duration::from_secs(20);
/// A server's sign of life holds for this long.
const LEASE: Duration = Duration::from_secs(30);
const GRANTED: i64 = 1_000_000_000;

/// A provider that takes connections and never says anything.
fn silent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let sockets: Vec<_> = listener.incoming().map_while(Result::ok).collect();
        drop(sockets);
    });
    url
}

/// A request of a client that takes tasks; its result or its error.
fn call(server: &Served, key: &str, method: &str, mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": { "extensions": { "io.modelcontextprotocol/tasks": {} } },
    });
    let name =
        ["name", "taskId"].iter().find_map(|field| params[*field].as_str()).unwrap_or_default().to_owned();
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
    let begun = Instant::now();
    // A fresh process may send callers away while it proves their key.
    loop {
        let mut socket = server.connect().expect("a connection");
        let request = post_body(&[], key, method, &name, &body);
        socket.write_all(request.as_bytes()).expect("sent");
        let answer = read_answer(&mut BufReader::new(socket)).expect("an answer");
        let told = answer.json();
        if answer.status != 503 || begun.elapsed() > SOON {
            return if told.get("result").is_some() { told["result"].clone() } else { told["error"].clone() };
        }
    }
}

/// Begins to write a document; the task's id.
fn begin(server: &Served, key: &str, item: &Value) -> String {
    let arguments = json!({ "item": item, "template": "lean", "ask": false });
    let begun =
        call(server, key, "tools/call", json!({ "name": "pm33_generate_prd", "arguments": arguments }));
    assert_eq!((&begun["resultType"], &begun["status"]), (&json!("task"), &json!("working")), "{begun}");
    begun["taskId"].as_str().expect("an id").to_owned()
}

fn get(server: &Served, key: &str, id: &str) -> Value {
    call(server, key, "tasks/get", json!({ "taskId": id }))
}

/// Asks until it has a status; how long that took.
fn until(server: &Served, key: &str, id: &str, status: &str, most: Duration) -> (Value, Duration) {
    let begun = Instant::now();
    loop {
        let told = get(server, key, id);
        if told["status"] == status {
            return (told, begun.elapsed());
        }
        assert!(told["status"] == "working" && begun.elapsed() < most, "{told} after {:?}", begun.elapsed());
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn outlive_their_server(home: &Home) {
    let (tenant, key) = home.keys[0].clone();
    let stranger = &home.keys[1].1;
    home.look(async |foundation| {
        let now = foundation.clock.now();
        let session = foundation.store.session(tenant);
        let by = Grantor { actor: None, note: "test".to_owned() };
        session.grant(tenant, MicroCredits::new(GRANTED), now, by).await.expect("granted");
        session.commit(act(tenant, "admin/credits.grant", None, now)).await.expect("committed");
    });
    let url = silent();
    let environment = [
        ("PM33_AI_PROVIDERS", "anthropic"),
        ("PM33_AI_ANTHROPIC_URL", url.as_str()),
        ("ANTHROPIC_API_KEY", "sk-test"),
    ];
    let mut first = Served::start(home, &environment);
    let second = Served::start(home, &environment);
    let item = json!({ "type": "epic", "title": "Refund in part" });
    let made =
        call(&first, &key, "tools/call", json!({ "name": "pm33_create_work_item", "arguments": item }));
    let item = &made["structuredContent"]["item"]["key"];

    // What runs at the first is found at the second by its caller alone.
    let cancelled = begin(&first, &key, item);
    assert_eq!(get(&second, &key, &cancelled)["status"], "working");
    let never = "0".repeat(64);
    for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
        let of = |id: &str| call(&second, stranger, method, json!({ "taskId": id, "inputResponses": {} }));
        let refused = of(&cancelled);
        assert_eq!((&refused["code"], &refused), (&json!(-32602), &of(&never)), "{method}");
    }
    assert_eq!(get(&first, &key, &cancelled)["status"], "working", "nobody else has cancelled it");
    let told = call(&second, &key, "tasks/cancel", json!({ "taskId": cancelled }));
    assert_eq!(told["resultType"], "complete", "{told}");
    for server in [&second, &first] {
        until(server, &key, &cancelled, "cancelled", SOON);
    }

    // One whose server dies is told as failed when that server's last sign of life is old, and not before.
    let lost = begin(&first, &key, item);
    first.kill();
    first.ended();
    assert_eq!(get(&second, &key, &lost)["status"], "working");
    let (told, after) = until(&second, &key, &lost, "failed", LEASE + SOON);
    assert!(after >= LEASE / 2 && after <= LEASE + Duration::from_secs(10), "after {after:?}: {told}");
    assert!(told["error"]["message"].as_str().is_some_and(|words| words.contains("call again")), "{told}");
    assert_eq!(get(&second, &key, &cancelled)["status"], "cancelled", "an end stays");
    drop(second);
    home.look(async |foundation| {
        let now = foundation.clock.now().plus(Duration::from_mins(1));
        let session = foundation.store.operator();
        session.expire_holds(tenant, now, 100).await.expect("ended");
        session.commit(act(tenant, "system/credits.expire", None, now)).await.expect("committed");
        let session = foundation.store.session(tenant);
        let sums = Ledger::standing(&session, tenant, &[]).await.expect("the books").accounts.sums;
        assert_eq!(sums.held.micros(), 0);
        assert_eq!(sums.available.micros() + sums.spent.micros(), GRANTED);
    });
}

#[test]
fn a_killed_servers_task_is_told_as_failed_within_a_minute_on_sqlite() {
    outlive_their_server(&Home::sqlite(2));
}

#[test]
fn a_killed_servers_task_is_told_as_failed_within_a_minute_on_postgres() {
    if let Some(home) = Home::postgres(2) {
        outlive_their_server(&home);
    }
}
