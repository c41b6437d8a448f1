//! Import: a dry run writes nothing, the same file again changes nothing, a changed record updates its item.

use serde_json::{Value, json};

use crate::command::{acme, json, run, said, text};

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

#[test]
fn a_dry_run_tells_links_that_lead_to_nothing() {
    let folder = acme();
    let file = folder.path().join("issues.csv");
    let first = "Issue key,Summary,Parent key\nA-1,Epic,\n";
    std::fs::write(&file, first).expect("written");
    json(folder.path(), &format!("import acme core {}", file.display()));
    let next = "Issue key,Summary,Parent key,Inward issue link (Blocks)\nA-2,a,A-3,A-1\nA-3,b,A-9,A-8\n";
    std::fs::write(&file, next).expect("written");
    let command = format!("import acme core {} --dry-run", file.display());
    let links = json(folder.path(), &command)["unresolved_links"].clone();
    let told: Vec<_> = links
        .as_array()
        .expect("links")
        .iter()
        .map(|link| (link["record"].as_u64(), text(link, "target")))
        .collect();
    assert_eq!(told, [(Some(2), "A-9".to_owned()), (Some(2), "A-8".to_owned())]);
    let words = said(folder.path(), &command);
    assert!(
        words.contains("record 2: parent \"A-9\" would not be made") && words.contains("unresolved links: 2"),
        "{words}"
    );
}

#[test]
fn a_dry_run_of_an_archive_tells_what_it_would_do() {
    let folder = acme();
    let place = folder.path();
    let (file, archive) = (place.join("issues.csv"), place.join("archive.jsonl"));
    std::fs::write(&file, "Issue key,Summary,Parent key\nA-1,Epic,\nA-2,Story,A-1\n").expect("written");
    json(place, &format!("import acme core {}", file.display()));
    json(place, &format!("export acme core {}", archive.display()));
    json(place, "workspace create acme next --prefix NEXT");
    let acts = || json(place, "audit tail acme").to_string();
    let before = acts();
    let dry = |slug: &str| json(place, &format!("import acme {slug} {} --dry-run", archive.display()));
    assert_eq!((&dry("next")["would"]["created"], &dry("next")["would"]["known"]), (&json!(2), &json!(0)));
    assert_eq!((&dry("core")["would"]["created"], &dry("core")["would"]["known"]), (&json!(0), &json!(2)));
    let words = said(place, &format!("import acme next {} --dry-run", archive.display()));
    assert!(words.contains("would be created: 2") && words.contains("nothing was written"), "{words}");
    // Without the epic its story hangs in the air.
    let lines = std::fs::read_to_string(&archive).expect("read");
    let cut: Vec<_> = lines.lines().filter(|line| !line.contains("\"Epic\"")).collect();
    std::fs::write(&archive, cut.join("\n")).expect("written");
    let told = dry("next");
    assert_eq!(
        (&told["would"]["unresolved"], &told["unresolved_links"][0]["link"]),
        (&json!(1), &json!("parent"))
    );
    std::fs::write(&archive, format!("{}\n{{\"kind\":\"item\"}}\n", cut[0])).expect("written");
    let refused = run(place, &format!("import acme next {} --dry-run", archive.display()));
    assert!(!refused.is_ok && refused.complained.contains("line 2: "), "{}", refused.complained);
    assert_eq!(acts(), before);
}
