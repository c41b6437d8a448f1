//! The real server with a foreign peer as its provider: a PRD and an alignment over the wires of Anthropic and of OpenAI, and
//! what they cost by the peer's own journal.

use pm33_app::act;
use pm33_billing::{Grantor, Ledger, MicroCredits};
use pm33_testkit::Aimock;
use serde_json::{Value, json};

use crate::{home::Home, looks::ask, served::Served};

const GRANTED: u64 = 1_000_000;

/// A micro-credit for a token in, two for one out; newer than the prices that are shipped.
fn prices() -> String {
    let row = |(provider, model)| {
        format!(
            "[[price]]\nprovider = \"{provider}\"\nmodel = \"{model}\"\neffective = \"2026-11-24\"\n\
            input = \"1\"\noutput = \"2\"\nsource = \"test\"\nnoted = \"2026-01-01\"\n\n"
        )
    };
    [("anthropic", "claude-opus-5-5"), ("openai", "gpt-6.1-sol")].map(row).concat()
}

/// Answers to each question of the two tools, with figures that differ from question to question.
fn fixtures() -> Vec<Value> {
    let said = |system: &str, user: &str, answer: Value, input: u64, output: u64| {
        json!({
            "match": { "systemMessage": system, "userMessage": user },
            "response": { "content": answer.to_string(),
                "usage": { "prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output } },
        })
    };
    let outline = json!({ "sections": [{ "key": "problem", "points": ["by hand"], "sources": ["S1"] }] });
    let goals = json!({ "goals": [{ "goal": "Fewer tickets", "metric": "tickets a week",
        "baseline": "40 tickets", "target": "20 tickets", "sources": ["S1", "S2", "S3", "S4"] }], "questions": [] });
    let prose = json!({ "statements": [
        { "text": "Support refunds 40 payments a week by hand.", "sources": ["S1"] },
        { "text": "Everybody agrees.", "sources": [] },
    ], "questions": ["Who signs it off?"] });
    let verdict = json!({ "contribution": "direct", "confidence": 0.9, "item_quote": "refund their orders",
        "objective_quote": "call support for a refund", "reason": "It does." });
    vec![
        said("You plan a product document", "", outline, 911, 37),
        said("You write one section", "template success", goals, 407, 53),
        said("You write one section", "", prose, 613, 71),
        said("You judge", "", verdict, 307, 29),
    ]
}

/// What the peer told that it used since an entry of its journal, in micro-credits, and in how many answers.
fn used(peer: &Aimock, since: usize) -> (u64, u64) {
    let journal = peer.journal().expect("a journal");
    let costs = journal[since..].iter().map(|entry| {
        assert_eq!(entry["response"]["status"], 200, "{entry}");
        let figure =
            |name: &str| entry["response"]["fixture"]["response"]["usage"][name].as_u64().expect("figures");
        figure("prompt_tokens") + 2 * figure("completion_tokens")
    });
    let costs: Vec<u64> = costs.collect();
    (costs.iter().sum(), costs.len() as u64)
}

fn credits(micros: u64) -> String {
    MicroCredits::new(i64::try_from(micros).expect("small")).to_string()
}

fn paid_by_the_journal(provider: &str) {
    let Some(peer) = Aimock::start(&fixtures()).expect("a peer") else { return };
    let home = Home::sqlite(1);
    let (tenant, key) = home.keys[0].clone();
    home.look(async |foundation| {
        let now = foundation.clock.now();
        let session = foundation.store.session(tenant);
        let by = Grantor { actor: None, note: "test".to_owned() };
        let granted = MicroCredits::new(i64::try_from(GRANTED).expect("small"));
        session.grant(tenant, granted, now, by).await.expect("granted");
        session.commit(act(tenant, "admin/credits.grant", None, now)).await.expect("committed");
    });
    let path = home.file("prices.toml");
    std::fs::write(&path, prices()).expect("a file");
    let openai = format!("{}/v1", peer.url);
    let server = Served::start(
        &home,
        &[
            ("PM33_AI_PROVIDERS", provider),
            ("PM33_AI_ANTHROPIC_URL", &peer.url),
            ("PM33_AI_ANTHROPIC_MODEL", "claude-opus-5-5"),
            ("PM33_AI_OPENAI_URL", &openai),
            ("PM33_AI_OPENAI_MODEL", "gpt-6.1-sol"),
            ("PM33_AI_PRICES_FILE", path.to_str().expect("a path")),
            ("ANTHROPIC_API_KEY", "sk-test"),
            ("OPENAI_API_KEY", "sk-test"),
        ],
    );
    let tool = |name: &str, arguments| {
        let result = ask(&server, &key, name, &arguments);
        assert_ne!(result["isError"], true, "{result}");
        result
    };
    let objective = json!({ "title": "Refunds without a phone call", "period": "2026-Q4", "weight": 1.0,
        "statement": "Nobody has to call support for a refund.", "status": "active",
        "key_results": [{ "title": "Tickets a week", "baseline": 40, "target": 20, "unit": "tickets" }] });
    tool("pm33_manage_objective", json!({ "objective": objective }));
    let item = json!({ "type": "epic", "title": "Refund an order in the app",
        "description": "Customers refund their orders without a phone call. Support refunds 40 payments a week by hand.",
        "objectives": [{ "objective": "Refunds without a phone call" }] });
    let item = tool("pm33_create_work_item", item)["structuredContent"]["item"]["key"].clone();

    let scored = tool("pm33_score_alignment", json!({ "items": [item] }));
    let told = &scored["_meta"]["dev.pm33/credits"];
    let (judged, calls) = used(&peer, 0);
    assert!(calls >= 2, "two answers of the judge at least: {calls}");
    assert_eq!(
        (&told["charged"], &told["calls"], &told["provider"]),
        (&json!(credits(judged)), &json!(calls), &json!(provider))
    );
    assert!(scored["structuredContent"]["items"][0]["score"].as_f64().is_some(), "{scored}");

    let asked = usize::try_from(calls).expect("small");
    let written = json!({ "item": item, "template": "lean", "ask": false, "idempotency_key": "p-1" });
    let made = tool("pm33_generate_prd", written.clone());
    let (wrote, calls) = used(&peer, asked);
    assert!(calls >= 4, "an outline and three sections: {calls}");
    assert_eq!(made["_meta"]["dev.pm33/credits"]["charged"], credits(wrote), "{made}");
    let document = &made["structuredContent"];
    assert_eq!(
        (&document["made_by"], &document["micro_credits"]),
        (&json!("model"), &json!(wrote)),
        "{made}"
    );
    let text = document["markdown"].as_str().expect("a text");
    assert!(
        text.contains("40 payments a week by hand [S1]") && !text.contains("\nEverybody agrees"),
        "{text}"
    );
    assert_eq!(document["gate"]["groundedness"]["share"], 1.0, "{made}");

    // The same again is the same answer, for nothing, and the peer is not asked.
    let again = tool("pm33_generate_prd", written);
    assert_eq!(again["structuredContent"], *document);
    assert_eq!(used(&peer, asked), (wrote, calls));
    let usage = tool("pm33_usage", json!({}));
    assert_eq!(
        usage["structuredContent"]["balance"]["available"],
        credits(GRANTED - judged - wrote),
        "{usage}"
    );
    drop(server);
    home.look(async |foundation| {
        let session = foundation.store.session(tenant);
        let sums = Ledger::standing(&session, tenant, &[]).await.expect("the books").accounts.sums;
        let spent = i64::try_from(judged + wrote).expect("small");
        assert_eq!((sums.spent.micros(), sums.held.micros(), sums.loss.micros()), (spent, 0, 0));
        assert!(session.reconcile_credits(tenant).await.expect("books").is_empty());
    });
}

#[test]
fn a_document_and_a_score_over_anthropics_wire_cost_what_the_peer_journalled() {
    paid_by_the_journal("anthropic");
}

#[test]
fn a_document_and_a_score_over_openais_wire_cost_what_the_peer_journalled() {
    paid_by_the_journal("openai");
}
