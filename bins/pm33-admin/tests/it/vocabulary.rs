//! What a workspace calls things: set, shown, taken back, used by imports, audited.

use serde_json::json;

use crate::command::{acme, json, run};

#[test]
fn words_and_types_are_set_shown_used_and_taken_back() {
    let folder = acme();
    let folder = folder.path();
    let command = "workspace vocabulary acme core";
    assert_eq!(json(folder, command), json!([]));
    let set = json(
        folder,
        &format!("{command} --status QA=in_review --status Shipped=done --field Severity=enum:S1,S2"),
    );
    let shown = json!([
        { "kind": "status", "word": "QA", "means": "in_review" },
        { "kind": "status", "word": "Shipped", "means": "done" },
        { "kind": "field", "word": "Severity", "means": "one of S1, S2" },
    ]);
    assert_eq!((&set, json(folder, command)), (&shown, shown.clone()));
    // Each contradiction leaves everything as it was.
    for (change, told) in [
        ("--status Done=blocked", "is the name of a status already"),
        ("--status qa=done", "differ by more than case"),
        ("--status QA=sideways", "statuses are backlog, planned"),
        ("--status QA", "write WORD=STATUS"),
        ("--status Nothing=", "no status word"),
        ("--field Cost=money", "types are text, number"),
        ("--field Cost=", "gives \"Cost\" no type"),
    ] {
        let refused = run(folder, &format!("{command} {change}"));
        assert!(!refused.is_ok && refused.complained.contains(told), "{change}: {}", refused.complained);
    }
    assert_eq!(json(folder, command), shown);

    let file = folder.join("export.csv");
    std::fs::write(&file, "Issue key,Summary,Status\nX-1,Count the pallets,shipped\n").expect("written");
    let imported = json(folder, &format!("import acme core {}", file.display()));
    assert_eq!(imported["written"]["created"], 1, "{imported}");
    let archive = folder.join("archive");
    run(folder, &format!("export acme core {}", archive.display()));
    let archive = std::fs::read_to_string(archive).expect("an archive");
    assert!(archive.contains(r#""title":"Count the pallets","status":"done""#), "{archive}");

    let left = json(folder, &format!("{command} --status QA= --status Shipped= --field Severity="));
    assert_eq!(left, json!([]));
    let tail = json(folder, "audit tail acme --count 50");
    let acts = tail.as_array().map_or(0, |rows| {
        rows.iter()
            .filter(|row| row["method"] == "admin/workspace.vocabulary" && row["target"] == "core")
            .count()
    });
    assert_eq!(acts, 2, "{tail}");
}
