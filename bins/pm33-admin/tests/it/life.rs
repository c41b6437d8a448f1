//! The life of tenants, users, workspaces and keys; each act leaves its audit row.

use serde_json::json;

use crate::command::{acme, json, rows, said, text};

#[test]
fn what_is_made_is_listed_for_people_and_for_programs() {
    let folder = acme();
    let folder = folder.path();
    for (command, heading, cell) in [
        ("tenant list", "plan", "acme"),
        ("user list acme", "handle", "ada"),
        ("workspace list acme", "prefix", "CORE"),
    ] {
        let table = said(folder, command);
        assert!(table.contains(heading) && table.contains(cell) && table.lines().count() >= 5, "{table}");
        let listed = rows(folder, command);
        assert_eq!(listed.len(), 1, "{listed:?}");
        assert!(
            listed[0].as_object().is_some_and(|row| row.values().any(|value| value == cell)),
            "{listed:?}"
        );
    }
}

#[test]
fn a_key_is_made_rotated_and_revoked() {
    let folder = acme();
    let folder = folder.path();
    let made =
        json(folder, "key create acme ada --name ci --scopes backlog:write --workspace core --days 30");
    assert!(text(&made, "key").starts_with("pm33_live_"), "{made}");
    assert!(text(&made, "scopes").contains("backlog:read"), "write implies read: {made}");
    let id = text(&made, "id");
    let state = |id: &str| {
        let found = rows(folder, "key list acme").into_iter().find(|row| row["id"] == id);
        text(&found.expect("the key"), "state")
    };
    assert_eq!(state(&id), "active");
    let next = text(&json(folder, &format!("key rotate acme {id} --overlap-hours 1")), "id");
    assert_eq!((state(&id).as_str(), state(&next).as_str()), ("rotating", "active"));
    let child = json(
        folder,
        &format!("key create acme ada --name child --scopes backlog:read --workspace core --parent {next}"),
    );
    assert_eq!(text(&json(folder, &format!("key revoke acme {next} --yes")), "keys ended"), "2");
    assert_eq!((state(&next).as_str(), state(&text(&child, "id")).as_str()), ("revoked", "revoked"));
    for listed in [said(folder, "key list acme"), said(folder, "audit tail acme")] {
        assert!(!listed.contains(&text(&made, "key")), "a key is shown once: {listed}");
    }
}

#[test]
fn every_act_is_in_the_audit_log_and_the_log_verifies() {
    let folder = acme();
    let folder = folder.path();
    let id = text(&json(folder, "key create acme ada --name ci"), "id");
    json(folder, &format!("key rotate acme {id}"));
    json(folder, &format!("key revoke acme {id} --yes"));
    json(folder, "tenant suspend acme --yes");
    json(folder, "tenant activate acme");
    // What only reads leaves none.
    json(folder, "key list acme");
    let tail = json(folder, "audit tail acme --count 50");
    let methods: Vec<_> = tail.as_array().expect("rows").iter().map(|row| text(row, "method")).collect();
    let acts = [
        "tenant.create",
        "user.create",
        "workspace.create",
        "key.create",
        "key.rotate",
        "key.revoke",
        "tenant.suspend",
        "tenant.activate",
    ];
    assert_eq!(methods, acts.map(|act| format!("admin/{act}")));
    assert!(tail.as_array().expect("rows").iter().all(|row| row["actor"] == "operator"), "{tail}");
    let newest = json(folder, "audit tail acme --count 1");
    assert_eq!(newest.as_array().map(Vec::len), Some(1));
    assert_eq!(newest[0]["method"], "admin/tenant.activate");
    let verdict = json(folder, "audit verify acme");
    assert_eq!((&verdict["rows"], &verdict["breaks"]), (&json!("8"), &json!("0")));
}
