//! The audit log leaves: exported in parts, checked without a database, against heads that had left; kept for its days and
//! longer where it is held.

use std::{fs, path::Path};

use crate::command::{acme, json, rows, run, said, text};

fn export(folder: &Path, name: &str, more: &str) -> (String, serde_json::Value) {
    let file = folder.join(name).display().to_string();
    let done = json(folder, &format!("audit export acme {file}{more}"));
    (file, done)
}

#[test]
fn an_export_is_audited_resumed_and_verified_without_its_database() {
    let folder = acme();
    let folder = folder.path();
    let (one, done) = export(folder, "one.ndjson", "");
    assert_eq!((text(&done, "rows"), text(&done, "to")), ("4".to_owned(), "4".to_owned()));
    json(folder, "user create acme bob");
    let (two, done) = export(folder, "two.ndjson", " --after 4");
    assert_eq!((text(&done, "after"), text(&done, "rows")), ("4".to_owned(), "2".to_owned()));
    let tail = json(folder, "audit tail acme --count 1");
    assert_eq!(tail[0]["method"], "admin/audit.export");
    // Elsewhere there is no database, only the key.
    let elsewhere = tempfile::tempdir().expect("a folder");
    fs::copy(folder.join("secrets.toml"), elsewhere.path().join("secrets.toml")).expect("a copy");
    let verdict = json(elsewhere.path(), &format!("audit verify {one} {two}"));
    assert_eq!((text(&verdict, "rows"), text(&verdict, "breaks")), ("6".to_owned(), "0".to_owned()));
    assert_eq!(text(&verdict, "signatures"), "checked");
    assert!(!elsewhere.path().join("pm33.db").exists());
    let part = json(elsewhere.path(), &format!("audit verify {two} --after 4"));
    assert_eq!(text(&part, "breaks"), "0");
    assert!(!run(elsewhere.path(), &format!("audit verify {two}")).is_ok, "its beginning is not there");
    // Without the key everything but signatures, and a folder without secrets stays one.
    let nowhere = tempfile::tempdir().expect("a folder");
    let refused = run(nowhere.path(), &format!("audit verify {one}"));
    assert!(!refused.is_ok && refused.complained.contains("--without-key"), "{}", refused.complained);
    let verdict = json(nowhere.path(), &format!("audit verify {one} --without-key"));
    assert_eq!(text(&verdict, "signatures"), "not checked");
    assert_eq!(fs::read_dir(nowhere.path()).expect("a folder").count(), 0);
    // Personal sides may stay behind.
    let (bare, _) = export(folder, "bare.ndjson", " --without-personal");
    let lines = fs::read_to_string(&bare).expect("an export");
    assert!(
        lines.lines().filter(|line| line.contains("row.v1")).all(|line| line.contains("\"personal\":null}"))
    );
    assert_eq!(text(&json(folder, &format!("audit verify {bare}")), "breaks"), "0");
    assert!(!run(folder, &format!("audit export acme {bare}")).is_ok, "a file is not written over");
}

#[test]
fn every_break_of_a_file_is_named() {
    let folder = acme();
    let folder = folder.path();
    for number in 0..6 {
        json(folder, &format!("user create acme member{number}"));
    }
    let (file, _) = export(folder, "whole.ndjson", "");
    let whole = fs::read_to_string(&file).expect("an export");
    let broken = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines: Vec<String> = whole.lines().map(str::to_owned).collect();
        change(&mut lines);
        let place = folder.join("broken.ndjson");
        fs::write(&place, lines.join("\n") + "\n").expect("a file");
        let found = run(folder, &format!("--json audit verify {}", place.display()));
        assert!(!found.is_ok, "{}", found.said);
        let kinds: Vec<String> = found
            .said
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter_map(|line| Some(format!("{} {}", line["break"].as_str()?, line["seq"])))
            .collect();
        kinds.join(", ")
    };
    assert_eq!(broken(&|lines| lines[3] = lines[3].replacen("Success", "Failure", 1)), "unreadable 3");
    assert_eq!(broken(&|lines| drop(lines.remove(1))), "missing_first 1");
    assert_eq!(broken(&|lines| drop(lines.drain(4..7))), "missing_middle 4");
    assert_eq!(broken(&|lines| drop(lines.drain(8..11))), "missing_last 8");
    assert_eq!(broken(&|lines| drop(lines.pop())), "head_lost 10");
    assert_eq!(broken(&|lines| lines.swap(4, 5)), "swapped 4");
    assert_eq!(
        broken(&|lines| lines.insert(4, lines[7].clone())),
        "swapped 4, swapped 5, swapped 6, inserted 7"
    );
    assert_eq!(broken(&|lines| lines.insert(6, lines[4].clone())), "inserted 4");
    let two = broken(&|lines| {
        drop(lines.remove(8));
        lines[2] = lines[2].replacen("\"seq\":2", "\"seq\":3", 1);
    });
    assert_eq!(two, "unreadable 2, missing_middle 8", "one does not hide the other");
}

#[test]
fn heads_that_had_left_tell_of_an_old_copy() {
    let folder = acme();
    let folder = folder.path();
    let heads = folder.join("heads");
    let copy = tempfile::tempdir().expect("a folder");
    for name in ["secrets.toml", "pm33.db"] {
        fs::copy(folder.join(name), copy.path().join(name)).expect("a copy");
    }
    json(folder, "user create acme bob");
    assert_eq!(text(&json(folder, &format!("audit heads {}", heads.display())), "heads"), "1");
    let against = format!(" --heads {}", heads.display());
    let verdict = json(folder, &format!("audit verify acme{against}"));
    assert_eq!((text(&verdict, "breaks"), text(&verdict, "known heads")), ("0".to_owned(), "1".to_owned()));
    assert_eq!(text(&json(copy.path(), "audit verify acme"), "breaks"), "0", "whole in itself");
    let told = run(copy.path(), &format!("audit verify acme{against}"));
    assert!(!told.is_ok && told.said.contains("BROKEN truncated"), "{}", told.said);
    // A head of somebody else's making accuses nobody.
    let file = fs::read_dir(&heads).expect("heads").next().expect("a file").expect("a file").path();
    let line = fs::read_to_string(&file).expect("a line");
    let forged = line.replacen("\"seq\":4", "\"seq\":9", 1);
    assert_ne!(forged, line);
    fs::write(&file, line + &forged).expect("written");
    let verdict = json(folder, &format!("audit verify acme{against}"));
    assert_eq!(
        (text(&verdict, "breaks"), text(&verdict, "heads not ours")),
        ("0".to_owned(), "1".to_owned())
    );
}

#[test]
fn retention_says_what_is_overdue_and_a_hold_is_placed_and_released() {
    let folder = acme();
    let folder = folder.path();
    let shown = json(folder, "audit retention acme");
    assert_eq!((text(&shown[0], "days"), text(&shown[0], "overdue")), ("365".to_owned(), "0".to_owned()));
    json(folder, "settings set acme audit_days 30");
    assert_eq!(text(&json(folder, "audit retention acme")[0], "days"), "30");
    let refused = run(folder, "settings set acme audit_days 29");
    assert!(!refused.is_ok && refused.complained.contains("30 to 1095"), "{}", refused.complained);
    assert_eq!(text(&json(folder, "audit purge acme --dry-run"), "would remove"), "0");
    assert_eq!(text(&json(folder, "audit purge acme --yes"), "removed"), "0");
    let hold = text(&json(folder, "audit hold add acme --reason court --user ada"), "hold");
    let listed = rows(folder, "audit hold list acme");
    assert_eq!((text(&listed[0], "hold"), text(&listed[0], "released")), (hold.clone(), String::new()));
    assert!(!run(folder, "audit hold add acme --reason court --user nobody").is_ok);
    json(folder, &format!("audit hold release acme {hold} --yes"));
    assert!(!run(folder, &format!("audit hold release acme {hold} --yes")).is_ok);
    let methods: Vec<_> = rows(folder, "audit list acme").iter().map(|row| text(row, "method")).collect();
    for act in ["admin/audit.hold", "admin/audit.release"] {
        assert!(methods.contains(&act.to_owned()), "{methods:?}");
    }
    assert!(said(folder, "audit retention").contains("acme"));
}
