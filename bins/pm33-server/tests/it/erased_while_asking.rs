//! Somebody is erased while a model writes in their name (governance section 5): what it answers is written nowhere, the
//! call ends in words, and nobody else's call is touched.

use std::time::{Duration, Instant};

use pm33_app::erase;
use pm33_billing::Ledger;
use pm33_tenancy::{AuditLog, DataSubject, TenantId};
use serde_json::{Value, json};

use crate::{
    crash_credits::{good, prepare, provider},
    home::Home,
    looks::{ask, bytes_in, holds},
    served::{Answer, Served},
    slow_model::{Gate, LATEST},
};

/// Who is erased, and what stands in the organisation's texts.
const MORTAL: &str = "zq9mortal";
const WORD: &str = "zq9word";
const PRD: &str = "pm33_generate_prd";
/// The calls end by then, well before what they wrote would be taken from them (30 s).
const WITHIN: Duration = Duration::from_secs(15);

/// A server whose model answers when the gate is opened.
fn asking(home: &Home, gate: &Gate) -> Served {
    let url = provider({
        let gate = gate.clone();
        move || gate.pass()
    });
    Served::start(
        home,
        &[
            ("PM33_AI_PROVIDERS", "anthropic"),
            ("PM33_AI_ANTHROPIC_URL", url.as_str()),
            ("ANTHROPIC_API_KEY", "sk-test"),
        ],
    )
}

fn document(item: &str) -> Value {
    json!({ "item": item, "template": "lean", "ask": false, "notes": WORD })
}

/// Calls that are at the model while somebody is erased; their answers, in order.
fn asked_while_erased(
    home: &Home,
    server: &Served,
    gate: &Gate,
    (tenant, whose): (TenantId, DataSubject),
    calls: &[(&str, &str, Value)],
) -> Vec<Answer> {
    std::thread::scope(|scope| {
        let closed = gate.close();
        let asking: Vec<_> = calls
            .iter()
            .map(|(key, tool, arguments)| {
                scope.spawn(move || {
                    let mut socket = server.connect().expect("a connection");
                    server.tool(&mut socket, key, tool, arguments).expect("an answer")
                })
            })
            .collect();
        assert!(gate.until(|held| held.waiting == calls.len(), LATEST), "not every question is at the model");
        let certificate = home.look(async |foundation| {
            Box::pin(erase(foundation, home.data(), tenant, whose)).await.expect("erased")
        });
        assert_eq!(certificate.verification.remaining_rows, 0);
        assert!(asking.iter().all(|one| !one.is_finished()), "an answer came before the model's");
        // By then every process knows.
        std::thread::sleep(Duration::from_secs(1));
        drop(closed);
        let begun = Instant::now();
        let answers = asking.into_iter().map(|one| one.join().expect("it called")).collect();
        assert!(begun.elapsed() < WITHIN, "a call waits for its own writes");
        answers
    })
}

/// It did not succeed, and says so.
fn ends_in_words(answer: &Answer) {
    let told = answer.json();
    let words = told["error"]["message"].as_str().or_else(|| {
        let is_refused = told["result"]["isError"] == true;
        told["result"]["content"][0]["text"].as_str().filter(|_| is_refused)
    });
    assert!(words.is_some_and(|words| words.len() > 10), "{answer:?}");
}

/// Nothing of the subject is in any table, and no credits are held for a call that is over.
pub(crate) fn nothing_is_left(home: &Home, tenant: TenantId, whose: DataSubject) {
    home.look(async |foundation| {
        let mut left = foundation.store.remaining(tenant, whose).await.expect("a look");
        // A row of the log has its salt beside it, of whomever it tells.
        left.retain(|(table, _)| whose != DataSubject::Organisation || *table != "audit_personal");
        assert!(left.is_empty(), "{left:?}");
        let session = foundation.store.session(tenant);
        let standing = Ledger::standing(&session, tenant, &[]).await.expect("a standing");
        assert!(standing.open.is_empty(), "a hold is open");
        if whose == DataSubject::Organisation {
            let kept = session.gather(tenant, whose).await.expect("a look");
            let log = kept.iter().filter(|one| one.table == "audit_personal");
            for (column, cell) in
                log.flat_map(|one| one.rows.iter().flat_map(|row| one.columns.iter().zip(row)))
            {
                let is_personal = ["user_id", "ip", "ip_prefix", "agent"].contains(&column.column);
                assert!(!is_personal || cell.is_null() || *cell == false, "{}: {cell}", column.column);
            }
        }
        let (_, breaks) = session.verify(tenant).await.expect("a look");
        assert!(breaks.is_empty(), "{breaks:?}");
    });
}

fn a_member_goes(home: &Home) {
    prepare(home);
    let (tenant, own) = home.keys[0].clone();
    let (mortal, key) = home.member(tenant, MORTAL);
    let gate = Gate::default();
    let server = asking(home, &gate);
    let mine =
        json!({ "type": "task", "title": "Left behind", "assignee": MORTAL, "on_duplicate": "create" });
    ask(&server, &key, "pm33_create_work_item", &mine);
    let whose = DataSubject::Member(mortal);
    let score = json!({ "items": ["W0-2"] });
    let calls = [
        (key.as_str(), PRD, document("W0-1")),
        (key.as_str(), "pm33_score_alignment", score),
        (own.as_str(), PRD, document("W0-3")),
    ];
    let answers = asked_while_erased(home, &server, &gate, (tenant, whose), &calls);
    ends_in_words(&answers[0]);
    ends_in_words(&answers[1]);
    assert_eq!(good(&answers[2])["structuredContent"]["made_by"], "model", "{:?}", answers[2]);
    let kept = ask(&server, &own, "pm33_get_document", &json!({}));
    assert_eq!(kept["structuredContent"]["documents"].as_array().map(Vec::len), Some(1), "{kept}");
    drop(server);
    nothing_is_left(home, tenant, whose);
    assert!(!holds(&bytes_in(home.data()).to_ascii_lowercase(), MORTAL), "{MORTAL} is in a file");
}

fn an_organisation_goes(home: &Home) {
    prepare(home);
    let [(tenant, key), (_, other)] = [home.keys[0].clone(), home.keys[1].clone()];
    let gate = Gate::default();
    let server = asking(home, &gate);
    let item = json!({ "type": "epic", "title": WORD, "description": WORD, "on_duplicate": "create",
        "objectives": [{ "objective": "Fewer calls" }] });
    let item = ask(&server, &key, "pm33_create_work_item", &item)["structuredContent"]["item"]["key"].clone();
    let item = item.as_str().expect("a key");
    let calls = [
        (key.as_str(), PRD, document(item)),
        (key.as_str(), "pm33_score_alignment", json!({ "items": [item] })),
    ];
    let whose = DataSubject::Organisation;
    for answer in asked_while_erased(home, &server, &gate, (tenant, whose), &calls) {
        ends_in_words(&answer);
    }
    assert!(
        gate.until(|held| held.asked == calls.len(), Duration::ZERO),
        "a model was asked for an organisation that is gone"
    );
    let still = ask(&server, &other, "pm33_query_backlog", &json!({ "limit": 1 }));
    assert_ne!(still["isError"], true, "the neighbour is served: {still}");
    drop(server);
    nothing_is_left(home, tenant, whose);
    assert!(!holds(&bytes_in(home.data()).to_ascii_lowercase(), WORD), "{WORD} is in a file");
}

#[test]
fn what_a_model_says_for_an_erased_member_is_written_nowhere() {
    for home in [Some(Home::sqlite(1)), Home::postgres(1)].into_iter().flatten() {
        a_member_goes(&home);
    }
}

#[test]
fn what_a_model_says_for_an_erased_organisation_is_written_nowhere() {
    for home in [Some(Home::sqlite(2)), Home::postgres(2)].into_iter().flatten() {
        an_organisation_goes(&home);
    }
}
