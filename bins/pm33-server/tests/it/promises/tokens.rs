//! Tokens are tracked: what the provider says it used is the charge, in the answer, the ledger and the audit log alike.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
};

use pm33_app::act;
use pm33_billing::{Grantor, HoldId, Ledger, MicroCredits};
use pm33_tenancy::AuditLog;
use serde_json::json;

use crate::{home::Home, looks::ask, served::Served};

/// A micro-credit for a token in, two for one out; newer than the price that is shipped.
const PRICES: &str = "[[price]]\nprovider = \"anthropic\"\nmodel = \"claude-opus-5-5\"\neffective = \"2026-11-24\"\n\
    input = \"1\"\noutput = \"2\"\nsource = \"test\"\nnoted = \"2026-01-01\"\n";
/// Figures of each answer, and what it costs in micro-credits.
const INPUT: u64 = 1_000;
const OUTPUT: u64 = 200;
const COST: u64 = INPUT + 2 * OUTPUT;
const GRANTED: i64 = 1_000_000;

/// Answers every question with the same verdict and the same figures.
fn judge_all(listener: &TcpListener, verdict: &str) {
    for socket in listener.incoming().map_while(Result::ok) {
        let _ = judge(socket, verdict);
    }
}

fn judge(mut socket: TcpStream, verdict: &str) -> std::io::Result<()> {
    let (mut read, mut buffer) = (Vec::new(), [0; 8_192]);
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                break;
            }
        }
        let count = socket.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        read.extend_from_slice(&buffer[..count]);
    }
    let events = [
        json!({ "type": "message_start", "message": { "model": "claude-opus-5-5",
            "usage": { "input_tokens": INPUT, "output_tokens": 1 } } }),
        json!({ "type": "content_block_delta", "delta": { "type": "text_delta", "text": verdict } }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" },
            "usage": { "output_tokens": OUTPUT } }),
        json!({ "type": "message_stop" }),
    ];
    let told = events.iter().map(|event| {
        let kind = event["type"].as_str().unwrap_or_default();
        format!("event: {kind}\ndata: {event}\n\n")
    });
    let body = told.collect::<Vec<_>>().concat();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all(head.as_bytes())?;
    socket.write_all(body.as_bytes())
}

#[test]
fn p05_tokens_are_tracked_and_charged_by_the_providers_own_figures() {
    let home = Home::sqlite(1);
    let (tenant, key) = home.keys[0].clone();
    home.look(async |foundation| {
        let now = foundation.clock.now();
        let session = foundation.store.session(tenant);
        let by = Grantor { actor: None, note: "test".to_owned() };
        session.grant(tenant, MicroCredits::new(GRANTED), now, by).await.expect("granted");
        session.commit(act(tenant, "admin/credits.grant", None, now)).await.expect("committed");
    });
    let provider = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", provider.local_addr().expect("an address"));
    let verdict = json!({ "contribution": "direct", "confidence": 0.9, "item_quote": "refund their orders",
        "objective_quote": "call support for a refund", "reason": "It does." })
    .to_string();
    std::thread::spawn(move || judge_all(&provider, &verdict));
    let prices = home.file("prices.toml");
    std::fs::write(&prices, PRICES).expect("a file");
    let server = Served::start(
        &home,
        &[
            ("PM33_AI_PROVIDERS", "anthropic"),
            ("PM33_AI_ANTHROPIC_URL", &url),
            ("PM33_AI_ANTHROPIC_MODEL", "opus"),
            ("PM33_AI_PRICES_FILE", prices.to_str().expect("a path")),
            ("ANTHROPIC_API_KEY", "sk-test"),
        ],
    );
    let tool = |name: &str, arguments| {
        let result = ask(&server, &key, name, &arguments);
        assert_ne!(result["isError"], true, "{result}");
        result
    };
    let objective = json!({ "title": "Refunds without a phone call", "period": "2026-Q3", "weight": 1.0,
        "statement": "Nobody has to call support for a refund." });
    tool("pm33_manage_objective", json!({ "objective": objective }));
    let item = json!({ "type": "story", "title": "Refund an order in the app",
        "description": "Customers refund their orders without a phone call." });
    let item = tool("pm33_create_work_item", item)["structuredContent"]["item"]["key"].clone();
    tool("pm33_link_objective", json!({ "item": item, "objective": "Refunds without a phone call" }));

    let scored = tool("pm33_score_alignment", json!({ "items": [item] }));
    let told = &scored["_meta"]["dev.pm33/credits"];
    let calls = told["calls"].as_u64().expect("calls");
    assert!(calls >= 1, "{told}");
    let credits = |micros: u64| MicroCredits::new(i64::try_from(micros).expect("small")).to_string();
    assert_eq!(told["charged"], credits(calls * COST), "{told}");
    assert_eq!(
        (&told["tokens"]["input"], &told["tokens"]["output"]),
        (&json!(calls * INPUT), &json!(calls * OUTPUT))
    );
    // The same tool again is answered from what was judged, for nothing.
    let again = tool("pm33_score_alignment", json!({ "items": [item] }));
    assert_eq!(again["_meta"]["dev.pm33/credits"]["charged"], "0", "{again}");

    let left = u64::try_from(GRANTED).expect("more than nothing") - calls * COST;
    let usage = tool("pm33_usage", json!({}));
    assert_eq!(usage["structuredContent"]["balance"]["available"], credits(left), "{usage}");
    let hold = told["hold"].as_str().expect("a hold").to_owned();
    drop(server);
    home.look(async |foundation| {
        let session = foundation.store.session(tenant);
        let page = session.tail(tenant, 100).await.expect("rows");
        let row = page
            .rows
            .iter()
            .map(|(_, row)| row)
            .rfind(|row| row.hold.is_some_and(|known| HoldId::from_uuid(known).to_string() == hold));
        let row = row.expect("the call's row");
        let expected = i64::try_from(calls * (INPUT + OUTPUT)).ok();
        assert_eq!((row.tokens, row.micro_credits), (expected, i64::try_from(calls * COST).ok()));
        let standing = Ledger::standing(&session, tenant, &[]).await.expect("the books");
        let sums = standing.accounts.sums;
        assert_eq!(sums.spent.micros(), i64::try_from(calls * COST).expect("small"));
        assert_eq!((sums.held.micros(), sums.loss.micros()), (0, 0));
    });
}
