//! Bad input: each is told with its row and column, and costs nothing else.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fmt::Write as _;

use pm33_interchange::{ImportLimits, ImportOptions, InterchangeError, Outcome, plan};

use crate::plan::{check_balance, id, needs, options, parent, told};

const HEADER: &str = "Issue key,Summary,Parent key,Created\n";

fn refused(bytes: &[u8]) -> String {
    plan(bytes, &options()).unwrap_err().to_string()
}

#[test]
fn other_kinds_of_files_are_named() {
    assert!(refused(b"PK\x03\x04rest").contains("ZIP"));
    assert!(refused(b"\x1f\x8b\x08").contains("gzip"));
    assert!(refused(b"<!doctype html>").contains("a page"));
    assert!(refused(b"I\0s\0s\0u\0e\0").contains("zero bytes"));
}

#[test]
fn a_cut_file_is_told_with_line_and_column() {
    let told = refused(format!("{HEADER}A-1,one,,\nA-2,\"two").as_bytes());
    assert!(told.contains("line 3") && told.contains("\"Summary\""), "{told}");
}

#[test]
fn a_foreign_encoding_is_told_with_line_and_column() {
    let bytes = [HEADER.as_bytes(), b"A-1,one,,\nA-2,Gr\xfc\xdfe,,\n"].concat();
    let told = refused(&bytes);
    assert!(told.contains("line 3") && told.contains("\"Summary\"") && told.contains("UTF-8"), "{told}");
}

#[test]
fn encodings_with_a_mark_and_line_ends_of_all_kinds_are_read() {
    let text = format!("{HEADER}A-1,Grüße,,\r\nA-2,two,,\rA-3,three,,\n\n");
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for bytes in [text.as_bytes().to_vec(), [b"\xef\xbb\xbf", text.as_bytes()].concat(), utf16] {
        let plan = plan(&bytes, &options()).unwrap();
        check_balance(&plan);
        assert_eq!(plan.items.iter().map(id).collect::<Vec<_>>(), ["A-1", "A-2", "A-3"]);
        assert_eq!(plan.items[0].item.title, "Grüße");
    }
}

#[test]
fn lines_are_counted_as_an_editor_does_whatever_ends_them() {
    let rows = ["A-1,a,,", "A-2,\"b\nc\",,", "A-3,d,,2024-02-30", "A-4,,,", "A-5,e,,soon"];
    for end in ["\n", "\r\n"] {
        let text = format!("{}{end}{}{end}", HEADER.trim_end(), rows.join(end));
        let plan = plan(text.as_bytes(), &options()).unwrap();
        let lines: Vec<_> = plan.report.problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [Some(5), Some(6), Some(7)], "{end:?}: {:?}", plan.report.problems);
    }
    let cut = format!("{HEADER}A-1,one,,\nA-2,\"two").replace('\n', "\r\n");
    assert!(refused(cut.as_bytes()).contains("line 3"));
}

#[test]
fn too_many_columns_or_bytes_or_records_are_refused() {
    let wide = (0..10_000).map(|at| format!("c{at}")).collect::<Vec<_>>().join(",");
    assert!(refused(format!("Issue key,Summary,{wide}\n").as_bytes()).contains("1000 different columns"));
    let limits = ImportLimits { records: 1, ..ImportLimits::default() };
    let text = format!("{HEADER}A-1,a,,\nA-2,b,,\n");
    let few = ImportOptions { limits, ..options() };
    assert!(matches!(plan(text.as_bytes(), &few), Err(InterchangeError::TooManyRecords { limit: 1 })));
    let small = ImportOptions { limits: ImportLimits { bytes: 10, ..limits }, ..options() };
    assert!(matches!(plan(text.as_bytes(), &small), Err(InterchangeError::TooLarge { limit: 10, .. })));
}

#[test]
fn a_huge_cell_costs_its_record_only() {
    let text = format!("{HEADER}A-1,{},,\nA-2,b,,\n", "x".repeat(10 << 20));
    let plan = plan(text.as_bytes(), &options()).unwrap();
    check_balance(&plan);
    assert_eq!(plan.items.iter().map(id).collect::<Vec<_>>(), ["A-2"]);
    let problem = &plan.report.problems[0];
    assert_eq!((problem.record, problem.line, problem.column.as_deref()), (1, Some(2), Some("Summary")));
}

#[test]
fn records_with_other_numbers_of_cells_are_told() {
    let plan = plan(
        format!("{HEADER}A-1,a, b,x,2024-01-01,more\nA-2,b\nA-3,c,,2024-01-01,,\n").as_bytes(),
        &options(),
    )
    .unwrap();
    check_balance(&plan);
    assert_eq!(plan.items.iter().map(id).collect::<Vec<_>>(), ["A-2", "A-3"]);
    let skipped = &plan.report.problems[0];
    assert!(skipped.outcome == Outcome::Skipped && skipped.message.contains("6 cells"), "{skipped:?}");
}

#[test]
fn circles_of_parents_are_cut_at_one_link_and_told() {
    let text = format!("{HEADER}A-1,a,A-2,\nA-2,b,A-3,\nA-3,c,A-1,\nA-4,d,A-4,\nA-5,e,A-1,\n");
    let plan = plan(text.as_bytes(), &options()).unwrap();
    check_balance(&plan);
    let parents: Vec<_> = plan.items.iter().map(parent).collect();
    assert_eq!(parents, [Some("A-2"), Some("A-3"), None, None, Some("A-1")]);
    let told = told(&plan, "Parent key");
    assert!(told[0].starts_with("3: the parents make a circle, A-3 -> A-1 -> A-2 -> A-3"), "{told:?}");
    assert_eq!(told.len(), 2);
    assert!(plan.items[2].item.custom.contains_key("Parent key"));
}

#[test]
fn circles_of_dependencies_are_told_with_their_path() {
    let header = "Issue key,Summary,Inward issue link (Blocks)\n";
    let text = format!("{header}A-1,a,A-2\nA-2,b,A-3\nA-3,c,A-1\nA-4,d,A-4\n");
    let plan = plan(text.as_bytes(), &options()).unwrap();
    check_balance(&plan);
    assert_eq!(plan.items.iter().map(needs).collect::<Vec<_>>(), [vec!["A-2"], vec!["A-3"], vec![], vec![]]);
    assert_eq!(
        told(&plan, "Inward issue link (Blocks)"),
        [
            "3: the dependencies make a circle, A-3 -> A-1 -> A-2 -> A-3; this one is left out",
            "4: the dependencies make a circle, A-4 -> A-4; this one is left out"
        ]
    );
    let mut text = header.to_owned();
    for at in 1..=50 {
        writeln!(text, "A-{at},t,A-{}", at % 50 + 1).unwrap();
    }
    let long = pm33_interchange::plan(text.as_bytes(), &options()).unwrap();
    let circle = told(&long, "Inward issue link (Blocks)").remove(0);
    assert!(
        circle.contains(
            "circle, A-50 -> A-1 -> A-2 -> A-3 -> A-4 -> A-5 -> … (42 more) -> A-48 -> A-49 -> A-50;"
        ),
        "{circle}"
    );
}

#[test]
fn a_record_with_too_few_cells_is_told() {
    let text = format!("{HEADER}A-1,a,,\nA-2,b\nA-3,c,,,\n");
    let plan = plan(text.as_bytes(), &options()).unwrap();
    check_balance(&plan);
    assert_eq!(plan.items.len(), 3);
    let [problem] = plan.report.problems.as_slice() else { panic!("{:?}", plan.report.problems) };
    assert_eq!((problem.record, problem.line, problem.outcome), (2, Some(3), Outcome::Warning));
    assert!(problem.message.contains("2 cells") && problem.message.contains("\"Parent key\""), "{problem:?}");
}

#[test]
fn of_one_id_twice_the_later_record_counts() {
    let text = format!("{HEADER}A-1,old,,\nA-2,b,A-1,\nA-1,new,,\n");
    let plan = plan(text.as_bytes(), &options()).unwrap();
    check_balance(&plan);
    assert_eq!(plan.items.iter().map(|item| item.item.title.as_str()).collect::<Vec<_>>(), ["b", "new"]);
    assert_eq!(parent(&plan.items[0]), Some("A-1"));
    assert_eq!(plan.report.totals.skipped, 1);
}

#[test]
fn dates_that_cannot_be_stay_unknown_and_are_kept() {
    let text = format!("{HEADER}A-1,a,,2024-02-30\nA-2,b,,soon\nA-3,c,,2999-01-01\n");
    let plan = plan(text.as_bytes(), &options()).unwrap();
    assert!(
        plan.items[..2]
            .iter()
            .all(|item| item.item.created.is_none() && item.item.custom.contains_key("Created"))
    );
    assert!(plan.items[2].item.created.is_some());
    assert_eq!(told(&plan, "Created").len(), 3);
}

#[test]
fn a_thousand_problems_are_counted_and_some_listed() {
    let mut text = HEADER.to_owned();
    for at in 0..1_000 {
        writeln!(text, "A-{at},,,").unwrap();
    }
    let limits = ImportLimits { problems: 10, ..ImportLimits::default() };
    let report = plan(text.as_bytes(), &ImportOptions { limits, ..options() }).unwrap().report;
    assert_eq!((report.totals.skipped, report.problems.len(), report.problems_unlisted), (1_000, 10, 990));
}
