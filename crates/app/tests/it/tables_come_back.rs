//! A workspace that is exported as a table and imported elsewhere has the same items.
//!
//! What is not the same: ids and numbers are given anew, and with them the order of links; an item that came from nowhere has come from its old key;
//! teams' capacities, sprints' commitments, objectives and the links to them are no item's, and stay behind; so do custom
//! values of nothing.

use std::collections::BTreeMap;

use pm33_app::{Start, act};
use pm33_interchange::export_table;
use pm33_product::{
    Author, Backlog, CustomValue, Dependency, ItemId, ItemPatch, NewItem, Scoring, Snapshot, Status, WorkItem,
};
use pm33_tenancy::WorkspaceRef;
use serde_json::{Value, json};

use crate::{
    exports::{self, Layout},
    place::{Place, body, place},
};

/// The table of a workspace.
async fn table(place: &Place, at: WorkspaceRef) -> Vec<u8> {
    let session = place.foundation.store.session(at.tenant());
    let mut table = Vec::new();
    export_table(&session, at, &mut table, &|_| {}).await.unwrap();
    table
}

/// The lines of a workspace's items, with names in the place of ids, and without what a table does not have. Items that came from
/// nowhere have come from where `key` says.
async fn items(place: &Place, at: WorkspaceRef, key: impl Fn(u64) -> String) -> Vec<Value> {
    let archive = place.archive(at).await;
    let lines: Vec<Value> = body(&archive).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_kind = |kind: &'static str| lines.iter().filter(move |line| line["kind"] == kind);
    let names: BTreeMap<String, String> = of_kind("team")
        .chain(of_kind("sprint"))
        .map(|line| (line["id"].to_string(), format!("{} {} {}", line["name"], line["start"], line["end"])))
        .chain(of_kind("item").map(|line| (line["id"].to_string(), format!("#{}", line["number"]))))
        .collect();
    let name = |id: &Value| Value::from(names[&id.to_string()].as_str());
    let told = of_kind("item").map(|line| {
        let mut line = line.clone();
        let number = line["number"].as_u64().unwrap();
        let fields = line.as_object_mut().unwrap();
        fields.remove("objectives");
        fields.insert("id".to_owned(), json!(format!("#{number}")));
        fields.entry("external").or_insert_with(|| json!({ "source": "pm33", "id": key(number) }));
        // Values of nothing have no cell.
        for value in fields.get_mut("custom_fields").and_then(Value::as_object_mut).into_iter().flatten() {
            if let Some(list) = value.1.as_array_mut() {
                list.retain(|part| part != "");
            }
        }
        for field in ["team", "sprint", "parent"] {
            if let Some(id) = fields.get_mut(field) {
                *id = name(id);
            }
        }
        if let Some(others) = fields.get_mut("related").and_then(Value::as_array_mut) {
            for other in others.iter_mut() {
                *other = name(other);
            }
            others.sort_by_key(ToString::to_string);
        }
        if let Some(needs) = fields.get_mut("dependencies").and_then(Value::as_array_mut) {
            for need in needs.iter_mut() {
                need["on"] = name(&need["on"]);
            }
            needs.sort_by_key(ToString::to_string);
        }
        line
    });
    told.collect()
}

/// Exports a workspace, imports the table into an empty one, and compares; gives the second.
pub(crate) async fn there_and_back(place: &Place, at: WorkspaceRef, slug: &str) -> WorkspaceRef {
    let exported = table(place, at).await;
    let back = place.another(slug).await;
    let imported = place.import(back, &exported).await;
    assert_eq!((imported.written.unresolved, imported.report.totals.skipped), (0, 0), "{imported}");
    let prefix = place.snapshot(at).await.prefix().to_owned();
    let before = items(place, at, |number| format!("{prefix}-{number}")).await;
    let after = items(place, back, |number| format!("item {number} has no origin")).await;
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(after, before, "{slug}");
    }
    let again = place.import(back, &exported).await.written;
    assert_eq!((again.created, again.updated, again.unchanged), (0, 0, before.len()), "{slug}, read again");
    assert_eq!(items(place, back, |_| String::new()).await, after, "{slug}, read again");
    back
}

#[tokio::test]
async fn the_sample_comes_back() {
    let place = place(Start::Sample).await;
    there_and_back(&place, place.at, "back").await;
}

#[tokio::test]
async fn imports_of_every_layout_come_back() {
    let place = place(Start::Empty).await;
    for (number, layout) in Layout::ALL.iter().enumerate() {
        let mut bytes = Vec::new();
        exports::write(*layout, 60, 100 + number as u64, &mut bytes).unwrap();
        let at = place.another(layout.as_str()).await;
        place.import(at, &bytes).await;
        there_and_back(&place, at, &format!("{}-back", layout.as_str())).await;
    }
}

fn by_title(snapshot: &Snapshot, title: &str) -> WorkItem {
    snapshot.items().find(|item| &*item.title == title).map(|item| (**item).clone()).unwrap()
}

#[tokio::test]
async fn what_only_some_items_have_comes_back() {
    let place = place(Start::Empty).await;
    // The same ids in two trackers, and neither is the key that the item has here.
    let jira = "Issue key,Summary,Status,Created,Parent key,Inward issue link (Blocks),Custom field (Due; in)\n\
        W0-2,Epic,To Do,2024-03-01,,,\nW0-1,Story,Done,2024-03-02,W0-2,,soon\nW0-9,Last,In Progress,2024-03-03,W0-2,W0-1,\n";
    let linear = "ID,Team,Title,Status,Cycle Number,Created\nW0-1,Core,Other,Todo,,2024-03-04\n";
    place.import(place.at, jira.as_bytes()).await;
    place.import(place.at, linear.as_bytes()).await;
    let session = place.foundation.store.session(place.at.tenant());
    let now = place.foundation.clock.now();
    let author = Author { user: None, at: now };
    let mut native = NewItem::titled(ItemId::new(now), pm33_product::ItemType::Task, "＝Native");
    native.labels = vec!["a;b".to_owned(), r"c:\d".to_owned()];
    native.skills = vec!["rust".to_owned()];
    native.scoring = Some(Scoring { reach: Some(0.1), business_value: Some(8), ..Scoring::default() });
    native.custom = [
        ("Count".to_owned(), CustomValue::Number(0.25)),
        ("List".to_owned(), CustomValue::List(vec!["x; y".to_owned(), " z ".to_owned()])),
        ("n".repeat(100), CustomValue::Text("7".to_owned())),
    ]
    .into();
    session.create(place.at, native, author).await.unwrap();
    let snapshot = place.snapshot(place.at).await;
    let [epic, story, last, other] =
        ["Epic", "Story", "Last", "Other"].map(|title| by_title(&snapshot, title));
    let patch = ItemPatch {
        archived: Some(Some(now)),
        related: Some(vec![other.id, epic.id]),
        status: Some(Status::InReview),
        ..ItemPatch::default()
    };
    session.update(place.at, story.id, patch, author).await.unwrap();
    let needs = vec![Dependency { on: story.id, lag_days: -2 }, Dependency { on: other.id, lag_days: 0 }];
    let patch = ItemPatch { dependencies: Some(needs), ..ItemPatch::default() };
    session.update(place.at, last.id, patch, author).await.unwrap();
    session.commit(act(place.at.tenant(), "admin/test", None, now)).await.unwrap();

    let back = there_and_back(&place, place.at, "back").await;
    let third = there_and_back(&place, back, "third").await;
    let told = place.snapshot(third).await;
    let story = by_title(&told, "Story");
    assert_eq!(story.external.as_ref().map(|external| external.source.as_str()), Some("jira"));
    assert_eq!(story.related.len(), 2);
    assert!(story.archived.is_some());
    assert_eq!(by_title(&told, "＝Native").labels.len(), 2);
}

#[tokio::test]
async fn formulas_are_harmless_in_a_table() {
    let place = place(Start::Empty).await;
    let text = "Issue key,Summary,Issue Type,Status,Created,Parent key,Labels,Outward issue link (Blocks)\n\
        A-1,=1+1,Epic,To Do,2024-03-01,,web,\nA-2,@home '-x,Story,Done,2024-03-02,A-1,web,A-3\nA-3,'=quoted,Bug,To Do,,A-1,,\n";
    place.import(place.at, text.as_bytes()).await;
    let shown = String::from_utf8(table(&place, place.at).await).unwrap();
    assert!(shown.contains("'=1+1") && shown.contains("'@home") && shown.contains("''=quoted"), "{shown}");
    let back = there_and_back(&place, place.at, "back").await;
    let told = place.snapshot(back).await;
    by_title(&told, "=1+1");
}
