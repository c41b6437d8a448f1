//! An organisation moves to another deployment, by the commands that docs/operations.md gives for it (governance T4).

use std::path::Path;

use serde_json::Value;

use crate::command::{acme, json, rows, run, said, text};

/// The workspace as it is exported, without the line that says when.
fn work(home: &Path) -> Vec<Value> {
    let lines = said(home, "export acme core -");
    lines.lines().skip(1).map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn an_organisation_moves_with_its_work_people_credits_and_the_proof_of_its_log() {
    let (from, to) = (acme(), tempfile::tempdir().expect("a folder"));
    let (old, new) = (from.path(), to.path());
    let items = old.join("items.csv");
    std::fs::write(&items, "Task ID,Name,Section/Column,Assignee\n1,Water the plants,To do,ada\n")
        .expect("written");
    assert!(run(old, &format!("import acme core {}", items.display())).is_ok);
    json(old, "credits grant acme 250 --note start");
    json(old, "key create acme ada --name laptop");
    let before = work(old);
    assert!(before.len() > 1, "{before:?}");
    let [copy, log, ledger, gone] = ["acme.zip", "acme.audit", "acme.credits", "acme.gone"].map(|file| {
        let path = old.join(file);
        path.display().to_string()
    });

    json(old, "tenant suspend acme --yes");
    json(old, &format!("privacy export acme {copy}"));
    json(old, &format!("audit export acme {log}"));
    json(old, &format!("credits export acme {ledger}"));

    json(new, "tenant create acme");
    json(new, &format!("privacy bring-back acme {copy}"));
    json(new, "credits grant acme 250 --note moved");
    json(new, "key create acme ada --name laptop");
    assert_eq!(work(new), before);
    assert_eq!(text(&rows(new, "user list acme")[0], "handle"), "ada");
    assert_eq!(text(&json(new, "credits show acme"), "available"), "250");

    let id = text(&json(old, "privacy request acme deletion"), "request");
    json(old, &format!("privacy verify-identity acme {id} --how organisation"));
    json(old, &format!("privacy complete acme {id} --out {gone} --yes"));
    assert!(rows(old, "tenant list").iter().all(|row| text(row, "slug") != "acme"));
    // What was taken along is still proven by the deployment that wrote it, and what moved is as it was.
    assert!(said(old, &format!("audit verify {log}")).contains("breaks: 0"));
    said(old, &format!("privacy certificate {gone}"));
    assert_eq!(work(new), before);
}
