//! Reading small files in tests, with the balances that every report keeps.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use pm33_interchange::{Format, ImportOptions, ImportPlan, ImportedItem, InterchangeError, LossReport};
use serde_json::Value;

/// Options with a fixed time.
pub(crate) fn options() -> ImportOptions {
    ImportOptions::new("2026-12-01T00:00:00Z".parse().unwrap())
}

/// Reads a GitHub export.
pub(crate) fn github(bytes: &[u8], options: &ImportOptions) -> Result<ImportPlan, InterchangeError> {
    let options = ImportOptions { format: Some(Format::GithubJson), ..options.clone() };
    pm33_interchange::plan(bytes, &options)
}

/// The plan for some records.
pub(crate) fn plan(records: &Value) -> ImportPlan {
    let plan = github(records.to_string().as_bytes(), &options()).unwrap();
    check_balance(&plan);
    plan
}

/// The plan for one record, and its item.
pub(crate) fn one(record: &Value) -> (ImportPlan, ImportedItem) {
    let plan = plan(&Value::from(vec![record.clone()]));
    let item = plan.items[0].clone();
    (plan, item)
}

/// The invariants that the report promises.
pub(crate) fn check_balance(plan: &ImportPlan) {
    let LossReport { totals, columns, .. } = &plan.report;
    assert_eq!(totals.read, totals.made + totals.skipped);
    assert_eq!(totals.made + totals.epics, plan.items.len());
    for column in columns {
        assert_eq!(column.seen, column.used + column.kept + column.dropped + column.empty, "{column:?}");
    }
    let mut ids: Vec<_> = plan.items.iter().map(|item| item.item.external.clone().unwrap()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), plan.items.len());
}

/// The item that holds it, by id.
pub(crate) fn parent(item: &ImportedItem) -> Option<&str> {
    item.parent.as_ref().map(|parent| parent.id.as_str())
}

/// What must be finished first, by id.
pub(crate) fn needs(item: &ImportedItem) -> Vec<&str> {
    item.blocked_by.iter().map(|need| need.on.id.as_str()).collect()
}

/// Its id in the origin.
pub(crate) fn id(item: &ImportedItem) -> &str {
    &item.item.external.as_ref().unwrap().id
}

/// Problems that name a column, as `record: message`.
pub(crate) fn told(plan: &ImportPlan, column: &str) -> Vec<String> {
    let about = plan.report.problems.iter().filter(|problem| problem.column.as_deref() == Some(column));
    about.map(|problem| format!("{}: {}", problem.record, problem.message)).collect()
}
