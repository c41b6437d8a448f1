//! Made-up exports of every layout: every record becomes an item, and what a layout tells arrives.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use pm33_interchange::{Format, ImportPlan};
use pm33_product::StatusCategory;

use crate::{
    exports::{self, Layout},
    plan::{check_balance, options},
};

const RECORDS: usize = 200;

fn read(layout: Layout) -> ImportPlan {
    let mut bytes = Vec::new();
    exports::write(layout, RECORDS, 7, &mut bytes).unwrap();
    let plan = pm33_interchange::plan(&bytes, &options());
    let plan = plan.unwrap_or_else(|error| unreachable!("{}: {error}", layout.as_str()));
    check_balance(&plan);
    plan
}

#[test]
fn every_record_of_every_layout_becomes_an_item_and_every_column_is_reported() {
    for layout in Layout::ALL {
        let plan = read(*layout);
        let name = layout.as_str();
        assert_eq!((plan.report.totals.made, plan.report.totals.skipped), (RECORDS, 0), "{name}");
        let format = match layout {
            Layout::JiraCloud | Layout::JiraClassic | Layout::JiraWide => Format::JiraCsv,
            Layout::Linear30 | Layout::Linear34 => Format::LinearCsv,
            Layout::AzureMin | Layout::AzureDates | Layout::AzurePaths | Layout::AzureWide => {
                Format::AzureDevopsCsv
            }
            Layout::Shortcut => Format::ShortcutCsv,
            Layout::Asana => Format::AsanaCsv,
            Layout::Lighthouse => Format::LighthouseCsv,
        };
        assert_eq!(plan.report.format, format, "{name}");
        for column in layout.header() {
            let reported = plan.report.columns.iter().find(|reported| reported.name == column).unwrap();
            assert_eq!(reported.seen, RECORDS, "{name} {column}");
        }
        assert_eq!(plan.report.problems, [], "{name}");
    }
}

#[test]
fn what_planning_needs_arrives_where_a_layout_has_it() {
    for layout in Layout::ALL {
        let plan = read(*layout);
        let name = layout.as_str();
        let has = |columns: &[&str]| layout.header().iter().any(|column| columns.contains(column));
        let share = |what: &dyn Fn(&pm33_interchange::ImportedItem) -> bool| {
            plan.items.iter().filter(|item| what(item)).count()
        };
        let finished = share(&|item| item.item.status.category() == StatusCategory::Finished);
        assert!((40..=160).contains(&finished), "{name}: {finished}");
        for (told, columns) in [
            (
                share(&|item| item.parent.is_some()),
                &[
                    "Parent",
                    "Parent key",
                    "Custom field (Epic Link)",
                    "Parent issue",
                    "Parent Reference Id",
                    "epic",
                ][..],
            ),
            (
                share(&|item| item.team_name.is_some()),
                &["Team", "Project name", "Area Path", "project", "Projects"],
            ),
            (share(&|item| item.sprint.is_some()), &["Sprint", "Cycle Number", "Iteration Path"]),
            (share(&|item| !item.blocked_by.is_empty()), &["Outward issue link (Blocks)", "Blocked by"]),
            (
                share(&|item| item.item.started.is_some()),
                &["Started", "Activated Date", "started_at", "Started Date"],
            ),
            (
                share(&|item| item.item.finished.is_some()),
                &["Resolved", "Closed Date", "Completed", "completed_at", "Completed At"],
            ),
            (share(&|item| item.item.points.is_some()), &["Estimate"]),
            (share(&|item| !item.item.labels.is_empty()), &["Labels", "Tags", "labels"]),
            (share(&|item| item.item.assignee.is_some()), &["Assignee", "owners", "Assigned To"]),
        ] {
            assert_eq!(told > 20, has(columns), "{name} {columns:?}: {told}");
        }
    }
}

#[test]
fn headers_are_those_of_real_exports() {
    let folder = std::env::var_os("PM33_TEST_DATA").map_or_else(
        || std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        std::path::PathBuf::from,
    );
    let Ok(text) = std::fs::read(folder.join("import_headers.json")) else { return };
    let lists: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&text).unwrap();
    for (layout, list) in Layout::ALL.iter().zip(lists.values()) {
        let mut ours = layout.header();
        ours.dedup();
        let theirs: Vec<_> = list.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let ours: Vec<_> = ours.into_iter().filter(|name| theirs.contains(name)).collect();
        assert_eq!(ours, theirs, "{}", layout.as_str());
    }
}
