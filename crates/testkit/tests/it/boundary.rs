//! Every string that a client sends passes one boundary: nothing hidden is stored, compared or repeated.

use serde_json::{Value, json};

use crate::house::{House, Key, Process};

/// Characters that no reader sees: an override, a tag, a zero-width joiner between letters, a control.
const HIDDEN: [char; 4] = ['\u{202e}', '\u{e0041}', '\u{200d}', '\u{7}'];

fn is_clean(text: &str) -> bool {
    !HIDDEN.iter().any(|hidden| text.contains(*hidden))
}

async fn resource(process: &Process, key: &Key, uri: &str) -> String {
    process.call(key, "resources/read", json!({ "uri": uri })).await.body
}

#[tokio::test]
async fn whatever_hides_in_a_request_is_gone_behind_the_boundary() {
    let house = House::new();
    let process = house.process().await;
    let home = process.settle("acme").await;
    let key = process.key(&home).await;
    for (number, hidden) in (1..).zip(HIDDEN) {
        let title = format!("Pump{hidden}house {number}");
        let arguments = json!({
            "type": "task", "title": title, "description": format!("a{hidden}b"), "labels": [format!("wa{hidden}ter")],
            "custom_fields": { format!("na{hidden}me"): format!("va{hidden}lue") }, "on_duplicate": "create",
        });
        let created = process.tool(&key, "pm33_create_work_item", arguments).await;
        assert!(is_clean(&created.body), "{created:?}");
        assert_eq!(created.result()["item"]["title"], format!("Pumphouse {number}"));
        assert_eq!(created.result()["item"]["custom_fields"], json!({ "name": "value" }));
        let whole = resource(&process, &key, &format!("pm33://item/main/PAY-{number}")).await;
        assert!(is_clean(&whole), "{whole}");
        // The same item under the same key with something hidden in it, plain or behind percent signs.
        let plain = format!("pm33://item/ma{hidden}in/PAY-{number}");
        let coded: String = plain
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b':' | b'/' | b'-' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect();
        for uri in [plain, coded] {
            let found = resource(&process, &key, &uri).await;
            assert!(found.contains("Pumphouse") && is_clean(&found), "{uri}: {found}");
        }
        // What is not found is repeated without it.
        let missing = resource(&process, &key, &format!("pm33://nowhere/{hidden}x")).await;
        assert!(missing.contains("pm33://nowhere/") && is_clean(&missing), "{missing}");
        for (method, params) in [
            (format!("no{hidden}such"), json!({})),
            ("tools/call".to_owned(), json!({ "name": format!("no{hidden}tool"), "arguments": {} })),
            ("prompts/get".to_owned(), json!({ "name": format!("no{hidden}prompt") })),
            ("completion/complete".to_owned(), completion(&format!("no{hidden}prompt"), "x")),
        ] {
            let answer = process.call(&key, &method, params).await;
            assert!(answer.json()["error"].is_object() && is_clean(&answer.body), "{answer:?}");
        }
        let completed = process
            .call(&key, "completion/complete", completion("backlog_triage", &format!("m{hidden}a")))
            .await;
        assert_eq!(completed.json()["result"]["completion"]["values"], json!(["main"]), "{completed:?}");
    }
    let rows = process.rows(&home).await;
    let creates = rows.iter().filter(|row| row.target.as_deref() == Some("pm33_create_work_item"));
    assert!(creates.map(|row| row.removed_characters).all(|removed| removed == 5), "{rows:?}");
}

fn completion(name: &str, typed: &str) -> Value {
    json!({ "ref": { "type": "ref/prompt", "name": name }, "argument": { "name": "workspace", "value": typed } })
}

#[tokio::test]
async fn honest_text_of_any_script_is_left_alone() {
    let house = House::new();
    let process = house.process().await;
    let home = process.settle("acme").await;
    let key = process.key(&home).await;
    let titles = [
        "👩‍👩‍👧 family plan",
        "دفع فوری می‌خواهم",
        "שלום עולם",
        "हिन्दी क्‍ष",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿 prices",
        "日本語の課題",
        "Zoë’s – naïve ½",
    ];
    for title in titles {
        let arguments = json!({ "type": "idea", "title": title, "description": title.repeat(3), "on_duplicate": "create" });
        let created = process.tool(&key, "pm33_create_work_item", arguments).await;
        assert_eq!(created.result()["item"]["title"], title);
    }
    let longest = "ß".repeat(65_536);
    let arguments = json!({ "type": "idea", "title": "Long", "description": longest });
    let created = process.tool(&key, "pm33_create_work_item", arguments).await;
    assert_eq!(created.result()["item"]["description_chars"], 65_536);
    let longer = json!({ "type": "idea", "title": "Longer", "description": format!("{longest}ß") });
    let words = process.tool(&key, "pm33_create_work_item", longer).await.refusal();
    assert!(words.contains("description") && words.chars().count() < 1_000, "{words}");
}
