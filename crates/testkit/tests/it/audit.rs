//! What reads or changes a tenant's data is audited or refused; what only tells of the program answers all the same.

use pm33_mcp::Class;
use serde_json::{Value, json};

use crate::house::House;

fn calls() -> Vec<(&'static str, Value)> {
    let tool = |name: &str, arguments: Value| json!({ "name": name, "arguments": arguments });
    vec![
        ("tools/call", tool("pm33_query_backlog", json!({}))),
        ("tools/call", tool("pm33_create_work_item", json!({ "type": "task", "title": "Two" }))),
        ("resources/list", json!({})),
        ("resources/read", json!({ "uri": "pm33://workspaces" })),
        ("resources/read", json!({ "uri": "pm33://item/main/PAY-1" })),
        ("prompts/get", json!({ "name": "backlog_triage" })),
        (
            "completion/complete",
            json!({ "ref": { "type": "ref/prompt", "name": "backlog_triage" },
                    "argument": { "name": "workspace", "value": "m" } }),
        ),
        ("subscriptions/listen", json!({ "notifications": { "toolsListChanged": true } })),
    ]
}

const METADATA: [&str; 4] = ["server/discover", "tools/list", "resources/templates/list", "prompts/list"];

#[tokio::test]
async fn without_an_audit_log_data_is_refused_and_metadata_answers() {
    let house = House::new();
    let process = house.process().await;
    let home = process.settle("acme").await;
    let key = process.key(&home).await;
    process.tool(&key, "pm33_create_work_item", json!({ "type": "task", "title": "One" })).await.result();
    let mut answered = Vec::new();
    for method in METADATA {
        answered.push(process.call(&key, method, json!({})).await.body);
    }
    let rows = process.rows(&home).await.len();
    // Nothing can be written any more; the key is still in memory.
    process.store().close().await;
    for (method, params) in calls() {
        let refused = process.call(&key, method, params.clone()).await;
        assert!(matches!(refused.class, Class::Unavailable { .. }), "{method} {params}: {refused:?}");
        assert!(refused.json()["error"].is_object(), "{refused:?}");
    }
    for (method, before) in METADATA.iter().zip(answered) {
        let answer = process.call(&key, method, json!({})).await;
        assert_eq!((answer.class, answer.body), (Class::Answer, before), "{method}");
    }
    let after = house.process().await;
    assert_eq!(after.rows(&home).await.len(), rows);
    let all = after.tool(&key, "pm33_query_backlog", json!({})).await.result();
    assert_eq!(all["total"], 1);
}

#[tokio::test]
async fn every_call_leaves_a_row_that_says_what_it_was() {
    let house = House::new();
    let process = house.process().await;
    let home = process.settle("acme").await;
    let key = process.key(&home).await;
    process.tool(&key, "pm33_create_work_item", json!({ "type": "task", "title": "One" })).await.result();
    let before = process.rows(&home).await.len();
    for (method, params) in calls().into_iter().filter(|(method, _)| *method != "subscriptions/listen") {
        process.call(&key, method, params).await;
    }
    let rows = process.rows(&home).await.split_off(before);
    assert_eq!(rows.len(), calls().len() - 1);
    for (row, (method, params)) in rows.iter().zip(calls()) {
        assert_eq!((row.method.as_str(), row.key), (method, Some(key.stored.id)));
        assert!(row.scopes.contains("mcp:enabled") && row.limit_verdict == "admitted", "{row:?}");
        let names_something = method != "resources/list";
        assert_eq!(row.arguments.is_some(), names_something, "{method}");
        assert_eq!(row.target.is_some(), names_something, "{method}");
        let opens = matches!(method, "tools/call" | "prompts/get") || params.to_string().contains("/main/");
        assert_eq!(row.workspace, opens.then_some(home.workspace), "{method} {params}");
    }
    // The digest is of the arguments: two items read are two digests.
    assert_ne!(rows[3].arguments, rows[4].arguments);
}
