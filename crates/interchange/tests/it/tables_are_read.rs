//! Tables of the trackers, with the quirks that their exports have.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use pm33_interchange::{
    Archival, DateOrder, Format, ImportOptions, ImportPlan, ImportedItem, InterchangeError,
};
use pm33_product::{CustomValue, ItemType, Priority, Status};

use crate::plan::{check_balance, id, needs, options, parent, told};

fn read(text: &str) -> ImportPlan {
    let plan = pm33_interchange::plan(text.as_bytes(), &options()).unwrap();
    check_balance(&plan);
    plan
}

fn item<'p>(plan: &'p ImportPlan, wanted: &str) -> &'p ImportedItem {
    plan.items.iter().find(|item| id(item) == wanted).unwrap()
}

const JIRA: &str = "\
Summary,Issue key,Issue id,Issue Type,Status,Status Category,Project name,Priority,Resolution,Assignee,Created,Updated,Resolved,Due Date,Sprint,Sprint,Parent,Parent key,Parent summary,Labels,Labels,Comment,Comment,Outward issue link (Blocks),Custom field (Story Points),Custom field (Acceptance Criteria)
Epic,PAY-1,10001,Epic,Open,To Do,Payments,Highest,,,01/Mar/24 9:15 AM,02/Mar/24 9:15 AM,,,,,,,,,,,,,,
\"Pay, fast\",PAY-2,10002,Story,Shipping soon,Done,Payments,Whim,Won't Do,Ann,01/Mar/24 9:15 AM,05/Mar/24 9:15 AM,04/Mar/24 1:00 PM,31/Mar/24 12:00 AM,Sprint 1,Sprint 2,10001,PAY-1,Epic,web,api,first,second,PAY-3,5,\"line one
line two\"
Child,PAY-3,10003,Sub-task,In Progress,In Progress,Payments,Low,,,01/Mar/24 9:15 AM,02/Mar/24 9:15 AM,,,,,10002,,,,,,,PAY-99,x,
";

#[test]
fn jira_with_repeated_columns_and_parents_by_id_and_key() {
    let plan = read(JIRA);
    assert_eq!(plan.report.format, Format::JiraCsv);
    let story = item(&plan, "PAY-2");
    assert_eq!(story.item.title, "Pay, fast");
    assert_eq!((story.item.status, story.item.priority), (Status::Cancelled, Priority::None));
    assert_eq!(story.item.custom["Status"], CustomValue::Text("Shipping soon".into()));
    assert_eq!(story.item.custom["Priority"], CustomValue::Text("Whim".into()));
    assert_eq!(story.item.custom["Acceptance Criteria"], CustomValue::Text("line one\nline two".into()));
    assert_eq!(story.item.custom["comments"], CustomValue::Number(2.0));
    assert_eq!(story.item.labels, ["web", "api"]);
    assert_eq!(story.item.points, Some(5.0));
    assert_eq!(story.item.due.unwrap().to_string(), "2024-03-31");
    assert_eq!(story.item.finished.unwrap().to_string(), "2024-03-04T13:00:00Z");
    assert_eq!(story.team_name.as_deref(), Some("Payments"));
    assert_eq!(story.sprint.as_ref().unwrap().name, "Sprint 2");
    assert_eq!(parent(story), Some("PAY-1"));
    let child = item(&plan, "PAY-3");
    assert_eq!(child.item.item_type, ItemType::Task);
    assert_eq!(parent(child), Some("PAY-2"), "an internal id leads to the key");
    assert_eq!(needs(child), ["PAY-2"], "told by the blocker only");
    assert_eq!(told(&plan, "Outward issue link (Blocks)"), ["3: not in this file; kept as a custom field"]);
    assert_eq!(told(&plan, "Custom field (Story Points)").len(), 1);
    assert_eq!(item(&plan, "PAY-1").item.priority, Priority::Critical);
    let column = |name: &str| plan.report.columns.iter().find(|column| column.name == name).unwrap();
    assert_eq!((column("Comment").dropped, column("Parent summary").dropped), (1, 1));
    assert_eq!((column("Parent").used, column("Parent key").used, column("Sprint").kept), (2, 1, 1));
    assert!(column("Comment").becomes.contains("counted"));
}

#[test]
fn linear_with_cycles_and_projects() {
    let plan = read(
        "ID,Team,Title,Description,Status,Estimate,Priority,Project ID,Project,Creator,Assignee,Labels,Cycle Number,Cycle Name,Cycle Start,Cycle End,Created,Updated,Started,Triaged,Completed,Canceled,Archived,Due Date,Parent issue,UUID,Related to,Blocked by\n\
         ENG-1,Core,One,,Done,3,Urgent,p-1,Search,ann,bea,\"Bug, UI\",7,,2024-03-04T00:00:00.000Z,2024-03-17T00:00:00.000Z,Tue Mar 05 2024 10:00:00 GMT+0000 (GMT),2024-03-09T00:00:00.000Z,2024-03-06T00:00:00.000Z,,2024-03-08T00:00:00.000Z,,,,,u-1,,\n\
         ENG-2,Core,Two,,Todo,,No priority,p-1,Search,ann,,,,,,,2024-03-05T10:00:00.000Z,,,,,,,2024-04-01,ENG-1,u-2,ENG-1,ENG-1\n",
    );
    assert_eq!(plan.report.format, Format::LinearCsv);
    assert_eq!((plan.report.totals.made, plan.report.totals.epics), (2, 1));
    assert_eq!(plan.items.iter().map(id).collect::<Vec<_>>(), ["epic/p-1", "ENG-1", "ENG-2"]);
    assert_eq!((plan.items[0].item.item_type, plan.items[0].item.status), (ItemType::Epic, Status::Done));
    let one = item(&plan, "ENG-1");
    assert_eq!(parent(one), Some("epic/p-1"));
    let sprint = one.sprint.clone().unwrap();
    assert_eq!(
        (sprint.name.as_str(), sprint.start.unwrap().to_string()),
        ("Cycle 7", "2024-03-04".to_owned())
    );
    let history: Vec<_> = one.item.history.iter().map(|change| (change.from, change.to)).collect();
    assert_eq!(
        history,
        [
            (None, Status::Backlog),
            (Some(Status::Backlog), Status::InProgress),
            (Some(Status::InProgress), Status::Done)
        ]
    );
    let two = item(&plan, "ENG-2");
    assert_eq!((parent(two), needs(two)), (Some("ENG-1"), vec!["ENG-1"]));
    assert_eq!(two.item.custom["Project"], CustomValue::Text("Search".into()));
}

#[test]
fn azure_devops_with_semicolons_a_mark_and_titles_by_depth() {
    let text = "\u{feff}ID;Work Item Type;Title 1;Title 2;Assigned To;State;Tags;Closed Date;Area Path\r\n\
        1;Epic;Shop;;;New;;;Acme\r\n\
        2;User Story;;Pay;Ann <ann@example.test>;Closed;web; api ;25.03.2024 14:05:00;Acme\\Payments\r\n"
        .replace("web; api ;", "\"web; api\";");
    let plan = read(&text);
    assert_eq!(plan.report.format, Format::AzureDevopsCsv);
    let story = item(&plan, "2");
    assert_eq!((parent(story), story.team_name.as_deref()), (Some("1"), Some("Payments")));
    assert_eq!(story.item.labels, ["web", "api"]);
    assert_eq!(story.item.finished.unwrap().to_string(), "2024-03-25T14:05:00Z");
    assert_eq!(plan.report.notes.len(), 2, "{:?}", plan.report.notes);
}

#[test]
fn azure_devops_keeps_the_whole_path_of_an_iteration() {
    let plan = read(
        "ID,Work Item Type,Title,State,Iteration Path\n1,Bug,a,New,Contoso\\2024\\Sprint 1\n2,Bug,b,New,Contoso\\2025\\Sprint 1\n3,Bug,c,New,Backlog\n",
    );
    let kept = ["1", "2", "3"].map(|id| item(&plan, id).item.custom["Iteration Path"].clone());
    let paths = ["Contoso\\2024\\Sprint 1", "Contoso\\2025\\Sprint 1", "Backlog"];
    assert_eq!(kept, paths.map(|path| CustomValue::Text(path.into())));
    assert_eq!(item(&plan, "2").sprint.as_ref().unwrap().name, "Sprint 1");
}

#[test]
fn an_id_and_a_title_may_stand_in_one_column() {
    let mapping = pm33_interchange::Mapping::parse(
        "title = \"Ours\"\nsource = \"ours\"\n[fields]\nid = \"Name\"\ntitle = \"Name\"\nstatus = \"State\"\n",
    );
    let options = ImportOptions { mapping: Some(mapping.unwrap()), ..options() };
    let plan = pm33_interchange::plan(b"Name,State\nPay,Open\nShip,Done\n", &options).unwrap();
    check_balance(&plan);
    assert_eq!(plan.items.iter().map(id).collect::<Vec<_>>(), ["Pay", "Ship"]);
    assert_eq!(plan.report.problems, []);
}

#[test]
fn two_readings_of_a_date_are_asked_for() {
    let text = "ID,Work Item Type,Title,State,Closed Date\n1,Bug,a,Closed,03/04/2024 10:00\n2,Bug,b,Closed,05/06/2024\n";
    let refused = pm33_interchange::plan(text.as_bytes(), &options()).unwrap_err();
    assert!(matches!(&refused, InterchangeError::AmbiguousDates { column, .. } if column == "Closed Date"));
    let told = refused.to_string();
    assert!(told.contains("\"03/04/2024 10:00\" (record 1)") && told.contains("day-first"), "{told}");
    for (order, day) in [(DateOrder::DayFirst, "2024-04-03"), (DateOrder::MonthFirst, "2024-03-04")] {
        let options = ImportOptions { date_order: Some(order), ..options() };
        let plan = pm33_interchange::plan(text.as_bytes(), &options).unwrap();
        assert!(plan.items[0].item.finished.unwrap().to_string().starts_with(day));
    }
    let contradicting = text.replace("05/06/2024", "25/06/2024").replace("03/04/2024", "03/30/2024");
    assert!(pm33_interchange::plan(contradicting.as_bytes(), &options()).is_err());
}

#[test]
fn what_no_format_claims_is_refused_with_what_was_looked_for() {
    let told = pm33_interchange::plan(b"Name,Thing\na,b\n", &options()).unwrap_err().to_string();
    assert!(told.contains("Name, Thing") && told.contains("Jira CSV (lacks Issue key, Summary)"), "{told}");
    let named = ImportOptions { format: Some(Format::LinearCsv), ..options() };
    let told = pm33_interchange::plan(b"Name,Thing\na,b\n", &named).unwrap_err().to_string();
    assert!(told.contains("Linear CSV needs the columns ID, Team, Title"), "{told}");
}

#[test]
fn a_mapping_of_ones_own_is_read() {
    let mapping = pm33_interchange::Mapping::parse(
        "title = \"Ours\"\nsource = \"ours\"\n[fields]\nid = \"No\"\ntitle = [\"What\"]\nlabels = { columns = [\"Tags\"], separator = \"|\" }\n\
         status = \"State\"\n[statuses]\n\"Cooking\" = \"in_progress\"\n",
    );
    let options = ImportOptions { mapping: Some(mapping.unwrap()), ..options() };
    let plan =
        pm33_interchange::plan(b"No\tWhat\tTags\tState\tMore\n7\tA\tx|y\tcooking\tz\n", &options).unwrap();
    let item = &plan.items[0];
    assert_eq!((id(item), item.item.status, item.item.labels.len()), ("7", Status::InProgress, 2));
    assert_eq!(item.item.custom["More"], CustomValue::Text("z".into()));
    let told = pm33_interchange::Mapping::parse("title = \"x\"\nsource = \"x\"\n[fields]\ntitel = \"a\"\n");
    assert!(told.unwrap_err().to_string().contains("unknown field `titel`"));
}

#[test]
fn every_known_header_is_claimed_by_its_format() {
    for (header, format) in [
        (
            "id,name,type,requester,owners,description,created_at,started_at,completed_at,labels,epic,state,project,workflow",
            Format::ShortcutCsv,
        ),
        (
            "Task ID,Created At,Completed At,Last Modified,Name,Section/Column,Assignee,Assignee Email,Start Date,Due Date,Tags,Notes,Projects,Parent task",
            Format::AsanaCsv,
        ),
        (
            "ID,Name,State,Type,Started Date,Closed Date,Created Date,Parent Reference Id,Tags,Url",
            Format::LighthouseCsv,
        ),
        ("ID,Work Item Type,Title,Assigned To,State,Tags", Format::AzureDevopsCsv),
    ] {
        let row = header.split(',').map(|_| "1").collect::<Vec<_>>().join(",");
        let plan = pm33_interchange::plan(format!("{header}\n{row}\n").as_bytes(), &options()).unwrap();
        assert_eq!(
            (plan.report.format, plan.items.len() - plan.report.totals.epics),
            (format, 1),
            "{header}"
        );
    }
}

#[test]
fn asana_is_done_when_it_says_so_and_finds_parents_by_title() {
    let plan = read(
        "Task ID,Created At,Completed At,Name,Section/Column,Parent task\n\
         1,2024-03-01,,Trip,Doing,\n2,2024-03-01,2024-03-05,Pack,To do,Trip\n",
    );
    let pack = item(&plan, "2");
    assert_eq!((pack.item.status, parent(pack)), (Status::Done, Some("1")));
}

#[test]
fn asana_tells_dependencies_both_ways_and_points() {
    let plan = read(
        "Task ID,Created At,Completed At,Name,Section/Column,Story points,Blocked By (Dependencies),Blocking (Dependencies)\n\
         1,2024-03-01,,Trip,Doing,5,\"Pack,3\",\n2,2024-03-01,,Pack,To do,,,\n3,2024-03-01,,Pay,To do,,,Pack\n",
    );
    assert_eq!(needs(item(&plan, "1")), ["2", "3"]);
    assert_eq!(needs(item(&plan, "2")), ["3"]);
    assert_eq!(item(&plan, "1").item.points, Some(5.0));
    assert!(plan.items.iter().all(|item| item.item.custom.is_empty()));
}

#[test]
fn shortcut_tells_what_is_archived() {
    let plan = read(
        "id,name,type,state,workflow,updated_at,is_archived\n1,a,feature,Done,w,2024/03/05 10:00:00,TRUE\n2,b,feature,Done,w,,f\n\
         3,c,feature,Done,w,,maybe\n",
    );
    let told: Vec<_> = plan.items.iter().map(|item| item.archival).collect();
    assert_eq!(told, [Archival::Undated, Archival::No, Archival::No]);
    assert_eq!(plan.items[2].item.custom["is_archived"], CustomValue::Text("maybe".into()));
    assert!(plan.items[..2].iter().all(|item| !item.item.custom.contains_key("is_archived")));
}
