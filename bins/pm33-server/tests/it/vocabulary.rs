//! A workspace's own status words and typed custom fields, as callers meet them on the real server.

use pm33_app::act;
use pm33_product::{Backlog, FieldType, Status, Vocabulary};
use pm33_tenancy::{TenantId, WorkspaceAccess, open_workspace};
use serde_json::{Value, json};

use crate::{
    home::Home,
    served::{Served, post},
};

/// What an administrator sets beside the server.
fn set(home: &Home, tenant: TenantId) {
    home.look(async |foundation| {
        let session = foundation.store.session(tenant);
        let (at, _) =
            open_workspace(&session, tenant, &WorkspaceAccess::All, None).await.expect("a workspace");
        let field = |name: &str, kind: &str| (name.to_owned(), FieldType::parse(kind).expect("a type"));
        let own = Vocabulary {
            statuses: [("QA".to_owned(), Status::InReview), ("Open".to_owned(), Status::Planned)].into(),
            fields: [field("Severity", "enum:S1,S2"), field("Cost", "number"), field("Spec", "url")].into(),
        };
        session.put_vocabulary(at, &own).await.expect("put");
        let act = act(tenant, "admin/workspace.vocabulary", None, foundation.clock.now());
        session.commit(act).await.expect("committed");
    });
}

struct Caller<'a> {
    server: &'a Served,
    key: &'a str,
}

impl Caller<'_> {
    fn tool(&self, name: &str, arguments: &Value) -> Value {
        let params = json!({ "name": name, "arguments": arguments });
        let answer = self.server.raw(post(&[], self.key, "tools/call", name, params).as_bytes());
        answer.json()["result"].clone()
    }

    /// The words of a refusal.
    fn refused(&self, name: &str, arguments: &Value) -> String {
        let result = self.tool(name, arguments);
        assert_eq!(result["isError"], true, "{result}");
        result["content"][0]["text"].as_str().unwrap_or_default().to_owned()
    }

    fn query(&self, arguments: &Value) -> Value {
        self.tool("pm33_query_backlog", arguments)["structuredContent"].clone()
    }
}

#[test]
fn own_words_mean_their_statuses_in_every_tool_of_their_workspace_only() {
    let home = Home::sqlite(2);
    set(&home, home.keys[0].0);
    let server = Served::start(&home, &[]);
    let [ours, theirs] = [0, 1].map(|at| Caller { server: &server, key: &home.keys[at].1 });
    let create = |title: &str, status: &str| json!({ "type": "task", "title": title, "status": status });
    let made = ours.tool("pm33_create_work_item", &create("Weigh the parcels", "qa"));
    assert_eq!(made["structuredContent"]["item"]["status"], "in_review", "{made}");
    let key = made["structuredContent"]["item"]["key"].clone();
    // A word of its own goes before the same word of trackers.
    let made = ours.tool("pm33_create_work_item", &create("Label the crates", "open"));
    assert_eq!(made["structuredContent"]["item"]["status"], "planned", "{made}");
    let found = ours.query(&json!({ "status": ["QA"] }));
    assert_eq!((&found["total"], &found["items"][0]["key"]), (&json!(1), &key), "{found}");
    let entries = json!([{ "update": { "item": key, "status": "Open" } }]);
    let batch = ours.tool("pm33_batch_work_items", &json!({ "entries": entries }));
    assert_eq!(batch["structuredContent"]["succeeded"], 1, "{batch}");
    assert_eq!(ours.query(&json!({ "status": ["planned"] }))["total"], 2);
    let export = "Issue key,Summary,Status\nX-1,Count the pallets,QA\n";
    let imported = json!({ "text": export, "format": "jira_csv", "dry_run": false });
    let imported = ours.tool("pm33_import_work_items", &imported);
    assert_eq!(imported["structuredContent"]["written"]["created"], 1, "{imported}");
    assert_eq!(ours.query(&json!({ "status": ["in_review"] }))["total"], 1);
    for (tool, arguments) in [
        ("pm33_query_backlog", json!({ "status": ["sideways"] })),
        ("pm33_create_work_item", create("Sweep the yard", "sideways")),
        ("pm33_update_work_item", json!({ "item": key, "status": "sideways" })),
    ] {
        let words = ours.refused(tool, &arguments);
        assert!(
            words.contains("sideways") && words.contains("in_progress") && words.contains("QA (in_review)"),
            "{words}"
        );
    }
    let words = theirs.refused("pm33_create_work_item", &create("Sweep the yard", "QA"));
    assert!(words.contains("the workspace has no words of its own"), "{words}");
    let made = theirs.tool("pm33_create_work_item", &create("Sweep the yard", "open"));
    assert_eq!(made["structuredContent"]["item"]["status"], "backlog", "{made}");
}

#[test]
fn typed_fields_hold_their_type_and_others_anything() {
    let home = Home::sqlite(1);
    set(&home, home.keys[0].0);
    let server = Served::start(&home, &[]);
    let caller = Caller { server: &server, key: &home.keys[0].1 };
    let good =
        json!({ "Severity": "S2", "Cost": 12.5, "Spec": "https://example.com/spec", "Mood": ["calm"] });
    let create = |custom: &Value| json!({ "type": "bug", "title": "Scale drifts", "custom_fields": custom });
    let made = caller.tool("pm33_create_work_item", &create(&good));
    assert_eq!(made["structuredContent"]["item"]["custom_fields"], good, "{made}");
    let key = made["structuredContent"]["item"]["key"].clone();
    for (wrong, told) in [
        (json!({ "Severity": "S3" }), "\"Severity\" must be one of S1, S2, not \"S3\""),
        (json!({ "Cost": "12" }), "\"Cost\" must be a number, not \"12\""),
        (json!({ "Spec": "file:///etc" }), "\"Spec\" must be an address"),
    ] {
        let update = json!({ "item": key, "custom_fields": wrong });
        for dry_run in [true, false] {
            let mut create = create(&wrong);
            create["title"] = json!("Another scale");
            create["dry_run"] = json!(dry_run);
            let words = caller.refused("pm33_create_work_item", &create);
            assert!(words.contains(told), "{words}");
            let mut update = update.clone();
            update["dry_run"] = json!(dry_run);
            let words = caller.refused("pm33_update_work_item", &update);
            assert!(words.contains(told), "{words}");
        }
    }
    let item = caller.query(&json!({ "ids": [key], "columns": "full" }));
    assert_eq!(
        (&item["items"][0]["custom_fields"], &item["items"][0]["version"]),
        (&good, &json!(1)),
        "{item}"
    );
    let uri = "pm33://backlog/main/summary";
    let read =
        server.raw(post(&[], caller.key, "resources/read", uri, json!({ "uri": uri })).as_bytes()).json();
    let text = read["result"]["contents"][0]["text"].as_str().expect("text").to_owned();
    let summary: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(summary["status_words"], json!({ "Open": "planned", "QA": "in_review" }));
    assert_eq!(summary["custom_fields"]["Severity"], json!({ "type": "enum", "values": ["S1", "S2"] }));
}
