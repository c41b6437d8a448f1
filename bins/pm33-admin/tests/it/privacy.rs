//! The record of processing, as an auditor reads it and as a program does.

use pm33_tenancy::data_map;

use crate::command::{json, said, text};

const COMMAND: &str = "privacy record-of-processing";

#[test]
fn the_record_names_every_part_with_its_ground_its_end_and_what_the_rights_do() {
    // It is about the program: no database is made for it.
    let folder = tempfile::tempdir().expect("a folder");
    let record = json(folder.path(), COMMAND);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
    let columns = record["columns"].as_array().expect("columns");
    let told: Vec<_> = columns.iter().map(|one| (text(one, "table"), text(one, "column"))).collect();
    let mapped: Vec<_> =
        data_map::columns().map(|one| (one.table.to_owned(), one.column.to_owned())).collect();
    assert_eq!(told, mapped);
    let elsewhere = record["elsewhere"].as_array().expect("places");
    assert_eq!(elsewhere.len(), data_map::elsewhere().len());
    for part in columns.iter().chain(elsewhere) {
        for word in ["category", "purpose", "basis", "recipients"] {
            assert!(!text(part, word).is_empty(), "{word}: {part}");
        }
        assert!(!text(&part["retention"], "until").is_empty(), "{part}");
        let rights = part["rights"].as_object().expect("rights");
        assert_eq!(rights.len(), 6, "{part}");
    }
    let of = |table: &str, column: &str| {
        let found = columns.iter().find(|one| one["table"] == table && one["column"] == column);
        found.unwrap_or_else(|| panic!("{table}.{column}"))
    };
    // What an auditor asks first: the name, the proof of a key, the address, the accounts.
    assert_eq!(of("app_user", "name")["rights"]["member_erasure"]["act"], "delete");
    assert_eq!(of("api_key", "hash")["rights"]["access"], "mention");
    assert_eq!(of("audit_personal", "ip")["basis"], "legitimate_interest");
    assert_eq!(of("credit_entry", "actor")["rights"]["member_erasure"]["act"], "keep");
    // What ends by itself says so.
    assert_eq!(of("audit_row", "method")["retention"]["ended_by"], "program");
    assert_eq!(of("session", "tenant_id")["retention"]["ended_by"], "program");
}

#[test]
fn people_read_every_place_under_its_rule_and_where_the_program_stands() {
    let folder = tempfile::tempdir().expect("a folder");
    let record = said(folder.path(), COMMAND);
    assert!(record.lines().all(|line| line.chars().count() <= 120 || line == data_map::STANDING), "{record}");
    // As if nothing were wrapped, cell by cell.
    let (mut names, mut values) = (String::new(), String::new());
    for line in record.lines().filter_map(|line| line.strip_prefix('│')?.strip_suffix('│')) {
        let (name, value) = line.split_once('┆').expect("two cells");
        names.push(' ');
        names.push_str(name.trim());
        values.push(' ');
        values.push_str(value.trim());
    }
    let [names, values] = [names, values].map(|cells| cells.split_whitespace().collect::<Vec<_>>().join(" "));
    for one in data_map::columns() {
        assert!(names.split(' ').any(|name| name == one.table), "{}: {record}", one.table);
        assert!(
            values.split([' ', ',']).any(|part| part == one.column),
            "{}.{}: {record}",
            one.table,
            one.column
        );
    }
    for one in data_map::elsewhere() {
        assert!(names.contains(one.place) && values.contains(one.holds), "{}: {record}", one.place);
    }
    assert!(values.contains(" nobody yet ") && record.contains(data_map::STANDING), "{record}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_pm33-admin"))
        .arg("--data-dir")
        .arg(folder.path())
        .args(COMMAND.split(' '))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("it ends");
    assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
}
