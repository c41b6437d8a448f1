//! A bad record is skipped with its place and its reason; the others are read.

use pm33_interchange::{ImportLimits, ImportOptions, InterchangeError, Outcome};
use serde_json::json;

use crate::plan::{check_balance, github, options, plan, told};

#[test]
fn what_is_no_issue_is_skipped() {
    let plan = plan(
        &json!([null, 7, [], { "number": 1 }, { "number": 2, "title": " " }, { "number": 3, "title": "Good" }]),
    );
    assert_eq!((plan.report.totals.made, plan.report.totals.skipped), (1, 5));
    let skipped: Vec<_> =
        plan.report.problems.iter().filter(|problem| problem.outcome == Outcome::Skipped).collect();
    assert_eq!(skipped.iter().map(|problem| problem.record).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert!(skipped[0].message.contains("JSON object"), "{}", skipped[0].message);
    assert_eq!(skipped[3].column.as_deref(), Some("title"));
    assert_eq!(plan.items[0].record, 6);
}

#[test]
fn a_record_that_cannot_be_decoded_costs_itself_only() {
    for text in [
        r#"[{"number":1,"title":"a"},{"number":1e999,"title":"b"},{"number":3,"title":"\ud800"},{"number":4,"title":"d"}]"#,
        "{\"number\":1,\"title\":\"a\"}\n{\"number\":2,\n{\"number\":}\n{\"number\":4,\"title\":\"d\"}\n",
    ] {
        let plan = github(text.as_bytes(), &options()).unwrap();
        check_balance(&plan);
        assert_eq!(
            plan.items.iter().map(|item| item.item.title.as_str()).collect::<Vec<_>>(),
            ["a", "d"],
            "{text}"
        );
        assert_eq!(plan.report.totals.read, 4, "{text}");
    }
}

#[test]
fn deep_nesting_is_one_bad_record() {
    let deep = format!(
        "[{{\"number\":1,\"title\":\"a\",\"x\":{}{}}},{{\"number\":2,\"title\":\"b\"}}]",
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    let plan = github(deep.as_bytes(), &options()).unwrap();
    assert_eq!((plan.report.totals.made, plan.report.totals.skipped), (1, 1));
}

#[test]
fn files_as_shells_write_them_are_read() {
    let text = r#"[{"number":1,"title":"Grüße"}]"#;
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for bytes in [text.as_bytes().to_vec(), [b"\xef\xbb\xbf", text.as_bytes()].concat(), utf16] {
        assert_eq!(github(&bytes, &options()).unwrap().items[0].item.title, "Grüße");
    }
    assert!(github(b"[]", &options()).unwrap().items.is_empty());
}

#[test]
fn a_file_that_is_none_is_refused_with_what_is_allowed() {
    let refused = |bytes: &[u8]| github(bytes, &options()).unwrap_err().to_string();
    assert!(refused(b"Id,Title\n1,x").contains("gh issue list --json"));
    assert!(refused(b"").contains("JSON array"), "{}", refused(b""));
    assert!(refused(b"[{\"number\":1},").contains("line 1 column 14"));
    assert!(refused(b"[\"\xff\"]").contains("byte 2"));
}

#[test]
fn limits_hold() {
    let limits = ImportLimits { bytes: 200, records: 2, columns: 3, cell: 100, problems: 1 };
    let options = ImportOptions { limits, ..options() };
    assert!(matches!(
        github(&[b' '; 201], &options),
        Err(InterchangeError::TooLarge { bytes: 201, limit: 200 })
    ));
    assert!(matches!(github(b"[1,2,3]", &options), Err(InterchangeError::TooManyRecords { limit: 2 })));
    let wide = br#"[{"number":1,"title":"a","b":1,"c":2}]"#;
    assert!(matches!(github(wide, &options), Err(InterchangeError::TooManyColumns { limit: 3 })));
    let report = github(b"[1,2]", &options).unwrap().report;
    assert_eq!((report.problems.len(), report.problems_unlisted, report.totals.skipped), (1, 1, 2));
}

#[test]
fn labels_and_assignees_are_read_in_any_shape() {
    let labels = json!([{ "name": "kind/bug", "color": "f00" }, "P1", { "name": "team/payments" }, { "name": "" }, 7, "P1"]);
    let people = json!([{ "login": "one", "name": "One" }, "two", {}]);
    let plan =
        plan(&json!([{ "number": 1, "title": "t", "state": "OPEN", "labels": labels, "assignees": people },
        { "number": 2, "title": "t", "state": "OPEN", "labels": "x", "assignees": "y" }]));
    let item = &plan.items[0].item;
    assert_eq!(item.labels, ["kind/bug", "P1", "team/payments"]);
    assert_eq!(
        (item.item_type.as_str(), item.priority.as_str(), item.assignee.as_deref()),
        ("bug", "high", Some("one"))
    );
    assert_eq!(plan.items[0].team_name.as_deref(), Some("payments"));
    assert_eq!((told(&plan, "labels").len(), told(&plan, "assignees").len()), (2, 2));
    assert!(plan.items[1].item.custom.contains_key("labels"));
    let color = plan.report.columns.iter().find(|column| column.name == "labels.color").unwrap();
    assert_eq!(color.dropped, 1);
}
