//! Whatever the bytes, reading ends without a panic, and the report balances.

use pm33_interchange::open;
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use crate::plan::{check_balance, github, options};

const COLUMNS: &[&str] = &[
    "number",
    "title",
    "body",
    "state",
    "stateReason",
    "createdAt",
    "closedAt",
    "updatedAt",
    "labels",
    "assignees",
    "milestone",
    "url",
    "id",
    "closed",
    "author",
    "issueType",
    "x",
    "",
];

fn value() -> impl Strategy<Value = Value> {
    let telling = select(vec![
        json!(null),
        json!(0),
        json!(1),
        json!(2),
        json!("1"),
        json!("OPEN"),
        json!("CLOSED"),
        json!("NOT_PLANNED"),
        json!(true),
        json!("2024-01-01T00:00:00Z"),
        json!("2025-1-2"),
        json!("v1.29T00:00:00Z"),
        json!("https://github.com/a/b/issues/1"),
        json!("title"),
        json!(["a", { "name": "sig-x" }, 1]),
        json!([{ "login": "p" }]),
        json!({ "title": "v1", "dueOn": "2024-01-01" }),
        json!("x".repeat(600)),
        json!("\u{2060}"),
    ]);
    let leaf = prop_oneof![4 => telling, 1 => any::<String>().prop_map(Value::from), 1 => any::<f64>().prop_map(Value::from)];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((any::<String>(), inner), 0..4).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn records() -> impl Strategy<Value = Value> {
    let record = vec((select(COLUMNS), value()), 0..10).prop_map(|cells| {
        Value::Object(cells.into_iter().map(|(column, value)| (column.to_owned(), value)).collect())
    });
    vec(prop_oneof![9 => record, 1 => value()], 0..8).prop_map(Value::from)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_records_balance(records in records()) {
        let plan = github(records.to_string().as_bytes(), &options());
        let plan = plan.map_err(|error| TestCaseError::fail(error.to_string()))?;
        check_balance(&plan);
        let all: Vec<_> = records.as_array().into_iter().flatten().collect();
        prop_assert_eq!(plan.report.totals.read, all.len());
        for column in all.iter().filter_map(|record| record.as_object()).flat_map(|record| record.keys()) {
            let cleaned = pm33_text::clean(column).text;
            prop_assert!(plan.report.columns.iter().any(|known| known.name == cleaned), "{:?} is not reported", column);
        }
        prop_assert!(!plan.report.to_string().is_empty());
    }

    #[test]
    fn any_bytes_end_in_a_plan_or_an_error(mut text in records().prop_map(|records| records.to_string().into_bytes()),
        cuts in vec((any::<prop::sample::Index>(), any::<u8>()), 0..6)) {
        for (at, byte) in cuts {
            let at = at.index(text.len());
            text[at] = byte;
        }
        let _ = open(std::io::Cursor::new(&text), &options());
        if let Ok(plan) = github(&text, &options()) {
            check_balance(&plan);
        }
    }
}
