//! Import: a dry run writes nothing, the same file again changes nothing, a changed record updates its item.

use serde_json::{Value, json};

use crate::command::{acme, json, run, said};

fn issue(number: u32, title: &str, state: &str) -> Value {
    let closed = (state == "CLOSED").then_some("2026-02-03T10:00:00Z");
    json!({
        "number": number, "title": title, "body": "Text", "state": state, "stateReason": "",
        "labels": [{ "name": "bug" }], "milestone": null, "createdAt": "2026-01-02T10:00:00Z",
        "updatedAt": "2026-02-03T10:00:00Z", "closedAt": closed, "assignees": [],
        "url": format!("https://tracker.example/issues/{number}"),
    })
}

#[test]
fn dry_then_real_then_again_then_changed() {
    let folder = acme();
    let file = folder.path().join("issues.json");
    let write = |issues: &[Value]| std::fs::write(&file, Value::from(issues).to_string()).expect("written");
    let command = format!("import acme core {}", file.display());
    write(&[
        issue(1, "Door jams", "OPEN"),
        issue(2, "Lamp flickers", "CLOSED"),
        issue(3, "Paint it blue", "OPEN"),
    ]);
    let acts = || json(folder.path(), "audit tail acme").as_array().map_or(0, Vec::len);

    let before = acts();
    let dry = json(folder.path(), &format!("{command} --dry-run"));
    assert_eq!(dry["report"]["totals"]["read"], 3, "{dry}");
    assert!(dry.get("written").is_none() && dry["dry_run"] == true, "{dry}");
    assert!(said(folder.path(), &format!("{command} --dry-run")).contains("nothing was written"));
    assert_eq!(acts(), before);

    let counts = |done: &Value| ["created", "updated", "unchanged"].map(|name| done["written"][name].clone());
    assert_eq!(counts(&json(folder.path(), &command)), [3, 0, 0].map(Value::from));
    assert_eq!(counts(&json(folder.path(), &command)), [0, 0, 3].map(Value::from));
    assert!(acts() > before, "an import is audited");
    write(&[
        issue(1, "Door jams", "CLOSED"),
        issue(2, "Lamp flickers", "CLOSED"),
        issue(3, "Paint it blue", "OPEN"),
    ]);
    assert_eq!(counts(&json(folder.path(), &command)), [0, 1, 2].map(Value::from));
    let report = said(folder.path(), &command);
    for word in ["column", "title", "3 items", "unchanged: 3"] {
        assert!(report.contains(word), "{word}: {report}");
    }

    std::fs::write(&file, "no JSON at all").expect("written");
    let refused = run(folder.path(), &command);
    assert!(!refused.is_ok && refused.complained.starts_with("error: "), "{}", refused.complained);
}
