//! Credits from the command line: given, corrected, exported, examined, each act in the audit log.

use std::path::Path;

use crate::command::{acme, json, rows, run, said, text};

fn failed(folder: &Path, words: &str) -> String {
    let run = run(folder, words);
    assert!(!run.is_ok && run.said.is_empty(), "{words}: {}", run.said);
    run.complained
}

#[test]
fn credits_are_given_and_corrected_and_the_ledger_tells_it() {
    let folder = acme();
    let folder = folder.path();
    let shown = json(folder, "credits grant acme 12.5 --note invoice-7");
    assert_eq!((text(&shown, "available"), text(&shown, "granted")), ("12.5".to_owned(), "12.5".to_owned()));
    let shown = json(folder, "credits adjust acme -2.5 --note typo --yes");
    assert_eq!(text(&shown, "available"), "10");
    let listed = rows(folder, "credits ledger acme");
    let kinds: Vec<_> = listed.iter().map(|row| text(row, "kind")).collect();
    assert_eq!(kinds, ["grant", "adjustment"]);
    assert_eq!(text(&listed[0], "note"), "invoice-7");
    assert_eq!(text(&json(folder, "credits reconcile"), "mismatches"), "0");
    let acts = json(folder, "audit tail acme --count 2");
    let methods: Vec<_> = acts.as_array().expect("rows").iter().map(|row| text(row, "method")).collect();
    assert_eq!(methods, ["admin/credits.grant", "admin/credits.adjust"]);
}

#[test]
fn the_whole_ledger_is_exported_in_both_forms_and_nothing_is_overwritten() {
    let folder = acme();
    let folder = folder.path();
    json(folder, "credits grant acme 1 --note =HYPERLINK(1)");
    json(folder, "credits grant acme 2 --note two,three");
    let [csv, lines] = ["l.csv", "l.jsonl"].map(|name| folder.join(name));
    said(folder, &format!("credits export acme {}", csv.display()));
    let table = std::fs::read_to_string(&csv).expect("written");
    assert_eq!(table.lines().count(), 3);
    assert!(table.contains("'=HYPERLINK(1)") && table.contains("\"two,three\""), "{table}");
    assert!(table.contains(",grant,,-1000000,1000000,0,0,0,0,,"), "{table}");
    said(folder, &format!("credits export acme {} --form json", lines.display()));
    let text = std::fs::read_to_string(&lines).expect("written");
    let first: serde_json::Value = serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
    assert_eq!((&first["seq"], &first["postings"]["available"]), (&1.into(), &1_000_000.into()));
    let again = failed(folder, &format!("credits export acme {}", csv.display()));
    assert!(again.contains("not taken"), "{again}");
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let folder = acme();
    let folder = folder.path();
    for (command, word) in [
        ("credits grant acme 0 --note x", "above zero"),
        ("credits grant acme 1.0000001 --note x", "six decimals"),
        ("credits grant acme 1", "--note"),
        ("credits adjust acme -1 --note x --yes", "available"),
        ("credits grant nobody 1 --note x", "nobody"),
        ("credits refund acme 00000000-0000-4000-8000-000000000000 1 --note x", "no such hold"),
    ] {
        let told = failed(folder, command);
        assert!(told.contains(word), "{command}: {told}");
    }
    assert!(rows(folder, "credits ledger acme").is_empty());
}
