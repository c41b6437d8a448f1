//! Bad files through the real program: each is told with its place, what was there stays, and a good file then goes in.

use std::{
    io::Read,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::command::{acme, json, run, text};

/// An export of an own tracker, read with a mapping, or Jira's columns.
const HEADER: &str = "Issue key,Issue id,Summary,Status,Parent,Created\n";

fn count(folder: &Path) -> usize {
    let out = folder.join("all.jsonl");
    let told = json(folder, &format!("export acme core {}", out.display()));
    std::fs::remove_file(out).expect("removed");
    text(&told, "items").parse().expect("a number")
}

fn good(records: usize) -> String {
    let rows = (1..=records).map(|at| format!("A-{at},{at},Title {at},To Do,,2026-01-02 10:00\n"));
    HEADER.to_owned() + &rows.collect::<String>()
}

#[test]
fn each_bad_file_is_told_with_its_place_and_changes_nothing() {
    let folder = acme();
    let folder = folder.path();
    let file = folder.join("export.csv");
    let import = format!("import acme core {} --date-order day-first", file.display());
    std::fs::write(&file, good(5)).expect("written");
    json(folder, &import);
    assert_eq!(count(folder), 5);
    let wide = (0..10_000).map(|at| format!("c{at}")).collect::<Vec<_>>().join(",");
    let refused: [(&str, Vec<u8>, &[&str]); 7] = [
        ("cut off", format!("{}A-6,6,\"Tit", good(5)).into_bytes(), &["line 7", "\"Summary\"", "cut off"]),
        (
            "another encoding",
            [good(5).as_bytes(), b"A-6,6,Gr\xfc\xdfe,To Do,,\n"].concat(),
            &["line 7", "\"Summary\"", "UTF-8"],
        ),
        ("10,000 columns", format!("Issue key,Summary,{wide}\nA-1,x\n").into_bytes(), &["1000", "columns"]),
        ("other separators", good(5).replace(',', "^").into_bytes(), &["Issue key^", "mapping"]),
        ("a zip", b"PK\x03\x04\x14\x00\x00\x00".to_vec(), &["ZIP"]),
        ("nothing", Vec::new(), &["no records"]),
        ("no text", vec![0; 4_096], &["zero bytes"]),
    ];
    for (what, bytes, words) in refused {
        std::fs::write(&file, bytes).expect("written");
        for dry in ["", " --dry-run"] {
            let told = run(folder, &format!("{import}{dry}"));
            assert!(!told.is_ok && told.said.is_empty(), "{what}: {}", told.said);
            for word in words {
                assert!(told.complained.contains(word), "{what}: {word}: {}", told.complained);
            }
        }
        assert_eq!(count(folder), 5, "{what}");
    }
}

#[test]
fn records_that_are_bad_cost_themselves_and_are_told_with_line_and_column() {
    let folder = acme();
    let folder = folder.path();
    let file = folder.join("export.csv");
    let import = format!("import acme core {} --date-order day-first", file.display());
    let huge = "x".repeat(10 << 20);
    let text = format!(
        "{HEADER}A-1,1,Good,To Do,,2026-01-02 10:00\r\nA-2,2,{huge},To Do,,2026-01-02 10:00\nA-3,3,Loop,To Do,4,\rA-4,4,Back,To Do,3,\n\
         A-5,5,Old,To Do,,31/02/2026 10:00\nA-1,1,Better,To Do,,2026-01-02 10:00\n"
    );
    std::fs::write(&file, text).expect("written");
    let done = json(folder, &import);
    let told = done["report"]["problems"].to_string();
    let problem = |column: &str, line: u64| {
        let all = done["report"]["problems"].as_array().expect("problems");
        assert!(
            all.iter().any(|one| one["column"] == column && one["line"] == line),
            "{column} {line}: {told}"
        );
    };
    problem("Summary", 3);
    problem("Created", 6);
    assert!(told.contains("circle"), "{told}");
    assert_eq!(count(folder), 4, "{done}");
    // The same again changes nothing.
    let again = json(folder, &import);
    assert_eq!(
        (&again["written"]["created"], &again["written"]["updated"]),
        (&Value::from(0), &Value::from(0))
    );
}

#[test]
fn an_import_that_is_killed_half_way_keeps_whole_units_and_is_run_again() {
    const RECORDS: usize = 4_000;
    let folder = acme();
    let folder = folder.path();
    let file = folder.join("export.csv");
    std::fs::write(&file, good(RECORDS)).expect("written");
    let arguments = ["import", "acme", "core"];
    let mut killed = 0;
    loop {
        let mut child = Command::new(env!("CARGO_BIN_EXE_pm33-admin"))
            .arg("--data-dir")
            .arg(folder)
            .args(arguments)
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut errors = child.stderr.take().expect("its log");
        // Killed as soon as something of this run is committed.
        let before = if killed == 0 { 0 } else { count(folder) };
        loop {
            if let Some(status) = child.try_wait().expect("its state") {
                let mut said = String::new();
                errors.read_to_string(&mut said).expect("its words");
                assert!(status.success(), "{said}");
                break;
            }
            if killed < 2 && count(folder) > before {
                child.kill().expect("killed");
                child.wait().expect("it ended");
                killed += 1;
                break;
            }
        }
        let there = count(folder);
        if there == RECORDS {
            break;
        }
        assert!(there > before && killed <= 2, "{there} after {killed}");
    }
    assert!(killed > 0, "it was killed half-way at least once");
    let again = json(folder, &format!("import acme core {}", file.display()));
    assert_eq!(again["written"]["unchanged"], RECORDS, "nothing is there twice: {}", again["written"]);
    assert!(json(folder, "doctor").as_array().expect("rows").iter().all(|row| row["state"] == "ok"));
}
