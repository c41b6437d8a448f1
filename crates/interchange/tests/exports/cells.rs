//! The text of one cell in one layout.

use jiff::civil::DateTime;

use super::{
    backlog::{Issue, Phase},
    layouts::Layout,
};

const TEAMS: [&str; 4] = ["Payments", "Search", "Platform", "Mobile"];
const PEOPLE: [&str; 7] = ["", "ann", "bea", "carl", "dora", "emil", "fay"];

/// A cell in quotes where it needs them.
pub(super) fn quoted(text: &str, separator: &str) -> String {
    if text.contains(['"', '\n', '\r']) || text.contains(separator) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

/// The text of a column; `place` counts repeated columns from 0.
pub(super) fn cell(layout: Layout, column: &str, place: usize, issue: &Issue) -> String {
    let of_parent = |text: &dyn Fn(usize) -> String| issue.parent.map(text).unwrap_or_default();
    match column {
        "ID" | "id" | "Task ID" if !layout.is_linear() => issue.number.to_string(),
        "Issue key" | "ID" => key(layout, issue.number),
        "UUID" => format!("00000000-0000-4000-8000-{:012}", issue.number),
        "Issue id" => (10_000 + issue.number).to_string(),
        "Summary" | "Title" | "name" | "Name" => issue.title.clone(),
        "Description" | "description" | "Notes" => issue.description.clone(),
        "Issue Type" | "Work Item Type" | "type" | "Type" => kind(layout, issue).to_owned(),
        "Status" | "State" | "state" | "Section/Column" => status(layout, issue.phase).to_owned(),
        "Status Category" => match issue.phase {
            Phase::ToDo => "To Do",
            Phase::Doing => "In Progress",
            Phase::Done | Phase::Dropped => "Done",
        }
        .to_owned(),
        "Resolution" => match issue.phase {
            Phase::Done => "Done",
            Phase::Dropped => "Won't Do",
            _ => "",
        }
        .to_owned(),
        "Priority" if layout.is_linear() => {
            ["Urgent", "High", "Medium", "Low", "No priority"][issue.priority].to_owned()
        }
        "Priority" => ["Highest", "High", "Medium", "Low", "Lowest"][issue.priority].to_owned(),
        "Estimate" => issue.points.to_string(),
        "Team" | "Project name" | "project" | "Projects" => TEAMS[issue.team].to_owned(),
        "Area Path" => format!("Acme\\{}", TEAMS[issue.team]),
        "Iteration Path" => format!("Acme\\Sprint {}", issue.sprint),
        "Sprint" if place == 0 => format!("Sprint {}", issue.sprint),
        "Sprint" if issue.number.is_multiple_of(3) => format!("Sprint {}", issue.sprint + 1),
        "Cycle Number" => issue.sprint.to_string(),
        "Cycle Start" => format!("2024-{:02}-01T00:00:00.000Z", issue.sprint),
        "Cycle End" => format!("2024-{:02}-14T00:00:00.000Z", issue.sprint),
        "Assignee" | "owners" | "Assigned To" => PEOPLE[issue.assignee].to_owned(),
        "Labels" if layout.is_jira() => {
            issue.labels.get(place).copied().unwrap_or_default().replace(' ', "-")
        }
        "Labels" => issue.labels.join(", "),
        "Tags" if layout.is_azure() => issue.labels.join("; "),
        "labels" | "Tags" => issue.labels.join(if layout == Layout::Asana { "," } else { ";" }),
        "Created" | "Created Date" | "created_at" | "Created At" => time(layout, Some(issue.created)),
        "Updated" | "Changed Date" | "Last Modified" => {
            time(layout, issue.ended.or(issue.started).or(Some(issue.created)))
        }
        "Started" | "Activated Date" | "started_at" | "Started Date" => time(layout, issue.started),
        "Resolved" | "Closed Date" => time(layout, issue.ended),
        "Completed" | "completed_at" | "Completed At" => {
            time(layout, issue.ended.filter(|_| issue.phase == Phase::Done))
        }
        "Canceled" => time(layout, issue.ended.filter(|_| issue.phase == Phase::Dropped)),
        "Parent" if layout == Layout::JiraCloud => of_parent(&|parent| (10_000 + parent).to_string()),
        "Parent" if layout == Layout::JiraWide => of_parent(&|parent| key(layout, parent)),
        "Parent" | "Parent Reference Id" => of_parent(&|parent| parent.to_string()),
        "Parent key" | "Custom field (Epic Link)" | "Parent issue" => {
            of_parent(&|parent| key(layout, parent))
        }
        "Blocked by" => issue.blocked_by.map(|blocker| key(layout, blocker)).unwrap_or_default(),
        "Outward issue link (Blocks)" => issue.blocks.map(|blocked| key(layout, blocked)).unwrap_or_default(),
        "epic" => format!("Epic {}", (issue.number - 1) / 10),
        "Project" if issue.parent.is_none() && !issue.is_epic => format!("Project {}", issue.team),
        "Project ID" if issue.parent.is_none() && !issue.is_epic => format!("project-{}", issue.team),
        "Project key" => "PAY".to_owned(),
        "Reporter" | "Creator" | "requester" => "gus".to_owned(),
        "Comment" => format!("{}; gus; comment {place}", time(layout, Some(issue.created))),
        "Custom field (Acceptance Criteria)" | "Acceptance Criteria" => "It works.\nIt is fast.".to_owned(),
        "workflow" => "Engineering".to_owned(),
        "Url" => format!("https://tracker.example.test/{}", issue.number),
        _ => String::new(),
    }
}

fn key(layout: Layout, number: usize) -> String {
    format!("{}-{number}", if layout.is_linear() { "ENG" } else { "PAY" })
}

fn kind(layout: Layout, issue: &Issue) -> &'static str {
    match (issue.is_epic, issue.number % 4) {
        (true, _) if layout == Layout::Shortcut => "feature",
        (true, _) => "Epic",
        (false, 0) if layout == Layout::Shortcut => "bug",
        (false, 0) => "Bug",
        (false, _) if layout.is_azure() => "User Story",
        (false, _) if layout == Layout::Shortcut => "chore",
        (false, _) => "Story",
    }
}

fn status(layout: Layout, phase: Phase) -> &'static str {
    let words = if layout.is_linear() {
        ["Todo", "In Review", "Done", "Canceled"]
    } else if layout.is_azure() {
        ["New", "Active", "Closed", "Removed"]
    } else if layout == Layout::Shortcut {
        ["Unscheduled", "In Development", "Completed", "Completed"]
    } else if layout == Layout::Asana {
        ["Inbox", "Doing", "Done", "Done"]
    } else {
        ["To Do", "In Progress", "Done", "Done"]
    };
    words[phase as usize]
}

fn time(layout: Layout, time: Option<DateTime>) -> String {
    let Some(time) = time else { return String::new() };
    let form = match layout {
        Layout::JiraCloud | Layout::JiraClassic | Layout::JiraWide => "%d/%b/%y %-I:%M %p",
        Layout::Linear30 => "%a %b %d %Y %H:%M:%S GMT+0000 (GMT)",
        Layout::Linear34 | Layout::Lighthouse => "%Y-%m-%dT%H:%M:%S.000Z",
        Layout::AzureDates => "%d.%m.%Y %H:%M:%S",
        Layout::AzureMin | Layout::AzurePaths | Layout::AzureWide => "%-m/%-d/%Y %-I:%M:%S %p",
        Layout::Shortcut => "%Y/%m/%d %H:%M:%S",
        Layout::Asana => "%Y-%m-%d",
    };
    time.strftime(form).to_string()
}
