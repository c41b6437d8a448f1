//! Imports on the real store: references are resolved, repeating changes nothing, fields that an export lacks stay.

use pm33_app::{Start, act};
use pm33_product::{Author, Backlog, External, ItemPatch, Status};

use crate::{
    exports::{self, Layout},
    place::{Place, place},
};

fn made(layout: Layout, records: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    exports::write(layout, records, 3, &mut bytes).unwrap();
    bytes
}

async fn find(place: &Place, id: &str) -> std::sync::Arc<pm33_product::WorkItem> {
    let external = External { source: "jira".to_owned(), id: id.to_owned() };
    place
        .foundation
        .store
        .session(place.at.tenant())
        .find_external(place.at, &external)
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn every_layout_is_written_and_repeating_it_changes_nothing() {
    let place = place(Start::Empty).await;
    for layout in Layout::ALL {
        let bytes = made(*layout, 80);
        let at = place.another(layout.as_str()).await;
        let first = place.import(at, &bytes).await;
        let items = first.report.totals.made + first.report.totals.epics;
        assert_eq!((first.written.created, first.written.updated), (items, 0), "{}", layout.as_str());
        assert_eq!(first.unresolved, [], "{}", layout.as_str());
        let again = place.import(at, &bytes).await;
        assert_eq!((again.written.unchanged, again.written.teams), (items, 0), "{}", layout.as_str());
        assert_eq!(place.snapshot(at).await.len(), items, "{}", layout.as_str());
    }
}

#[tokio::test]
async fn teams_sprints_parents_and_dependencies_arrive() {
    let place = place(Start::Empty).await;
    place.import(place.at, &made(Layout::Linear34, 80)).await;
    let snapshot = place.snapshot(place.at).await;
    assert_eq!(snapshot.teams().len(), 4);
    assert!(snapshot.sprints().len() > 12, "{}", snapshot.sprints().len());
    let count =
        |what: &dyn Fn(&pm33_product::WorkItem) -> bool| snapshot.items().filter(|item| what(item)).count();
    assert!(count(&|item| item.parent.is_some()) > 40);
    assert!(count(&|item| !item.dependencies.is_empty()) > 8);
    assert!(count(&|item| item.sprint.is_some()) >= 80);
}

/// An import that held one would hold all that it writes.
#[tokio::test]
async fn an_import_holds_no_snapshot_of_its_workspace() {
    let place = place(Start::Empty).await;
    let session = place.foundation.store.session(place.at.tenant());
    session.vocabulary(place.at).await.unwrap();
    let bytes = made(Layout::JiraCloud, 300);
    place.import(place.at, &bytes).await;
    place.import(place.at, &bytes).await;
    assert_eq!(place.foundation.store.snapshots(), 0);
    place.snapshot(place.at).await;
    assert_eq!(place.foundation.store.snapshots(), 1);
}

#[tokio::test]
async fn an_interrupted_import_is_run_again_without_doubling() {
    let place = place(Start::Empty).await;
    let bytes = made(Layout::JiraClassic, 450);
    let options = pm33_interchange::ImportOptions::new(place.foundation.clock.now());
    let mut import = pm33_interchange::open(std::io::Cursor::new(&bytes), &options).unwrap();
    // The first units are committed, then the work is given up in the middle of one.
    let (told, heard) = tokio::sync::oneshot::channel::<()>();
    let told = std::sync::Mutex::new(Some(told));
    let progress = |_: usize| {
        if let Some(told) = told.lock().unwrap().take() {
            let _ = told.send(());
        }
    };
    tokio::select! {
        biased;
        _ = heard => {}
        _ = pm33_app::import(&place.foundation, place.at.tenant(), place.at, &mut import, &progress) => {}
    }
    let before = place.snapshot(place.at).await.len();
    assert!((1..450).contains(&before), "{before}");
    let again = place.import(place.at, &bytes).await;
    assert_eq!((again.written.created, again.written.unchanged), (450 - before, before));
    assert_eq!(place.snapshot(place.at).await.len(), 450);
}

#[tokio::test]
async fn fields_that_an_export_lacks_stay() {
    let place = place(Start::Empty).await;
    let full = "Issue key,Summary,Issue Type,Status,Priority,Description,Labels,Created,Resolved\n\
        A-1,one,Bug,Done,High,Long text,web,2024-03-01,2024-03-05\n";
    place.import(place.at, full.as_bytes()).await;
    let few = place.import(place.at, b"Issue key,Summary\nA-1,renamed\n").await;
    assert_eq!(few.written.updated, 1);
    let item = find(&place, "A-1").await;
    assert_eq!(
        (&*item.title, item.status, item.item_type.as_str(), item.priority.as_str()),
        ("renamed", Status::Done, "bug", "high")
    );
    assert_eq!((item.labels.len(), item.description_chars), (1, 9));
    assert!(item.finished.is_some());
}

#[tokio::test]
async fn a_change_of_status_is_recorded_at_the_time_that_the_export_tells() {
    let place = place(Start::Empty).await;
    let text = |status: &str, resolved: &str| {
        format!(
            "Issue key,Summary,Status,Created,Updated,Resolved\nA-1,one,{status},2024-03-01,2024-03-09,{resolved}\n"
        )
    };
    place.import(place.at, text("To Do", "").as_bytes()).await;
    place.import(place.at, text("Done", "2024-03-05").as_bytes()).await;
    let item = find(&place, "A-1").await;
    let session = place.foundation.store.session(place.at.tenant());
    let history = session.history(place.at, item.id).await.unwrap();
    let told: Vec<_> = history.iter().map(|change| (change.to, change.at.to_string())).collect();
    assert_eq!(
        told,
        [
            (Status::Backlog, "2024-03-01T00:00:00Z".to_owned()),
            (Status::Done, "2024-03-05T00:00:00Z".to_owned())
        ]
    );
    assert_eq!(item.finished.unwrap().to_string(), "2024-03-05T00:00:00Z");
    assert_eq!(item.started, None, "a start that nothing tells is not invented");
}

#[tokio::test]
async fn links_to_items_of_an_earlier_import_are_made_and_others_are_kept() {
    let place = place(Start::Empty).await;
    place.import(place.at, b"Issue key,Summary\nA-1,one\n").await;
    let later = "Issue key,Summary,Parent key,Inward issue link (Blocks)\nA-2,two,A-1,A-3\nA-3,three,A-99,\n";
    let imported = place.import(place.at, later.as_bytes()).await;
    assert_eq!((imported.written.unresolved, imported.unresolved[0].target.as_str()), (1, "A-99"));
    let (one, two, three) = (find(&place, "A-1").await, find(&place, "A-2").await, find(&place, "A-3").await);
    assert_eq!((two.parent, two.dependencies[0].on), (Some(one.id), three.id));
    assert!(three.custom.as_ref().is_some_and(|custom| custom.contains_key("parent")));
    // A circle with what is there already is refused link by link, and told.
    let circle = place.import(place.at, b"Issue key,Summary,Parent key\nA-1,one,A-2\n").await;
    assert_eq!((circle.written.unresolved, circle.unresolved[0].link), (1, "parent"));
    assert_eq!(find(&place, "A-1").await.parent, None);
}

#[tokio::test]
async fn an_item_changed_when_the_export_says_whatever_the_order_of_its_links() {
    let newest_first = "Issue key,Summary,Updated,Parent key,Inward issue link (Blocks)\n\
        A-4,four,2024-04-04,A-99,A-98\nA-3,three,2024-04-03,A-1,A-2\nA-2,two,2024-04-02,,\nA-1,one,2024-04-01,,\n";
    let place = place(Start::Empty).await;
    let imported = place.import(place.at, newest_first.as_bytes()).await;
    assert_eq!(imported.written.unresolved, 2);
    let item = find(&place, "A-3").await;
    assert_eq!((item.parent.is_some(), item.dependencies.len()), (true, 1));
    for (id, updated) in [("A-3", "2024-04-03T00:00:00Z"), ("A-4", "2024-04-04T00:00:00Z")] {
        assert_eq!(find(&place, id).await.updated.to_string(), updated, "{id}");
    }
}

#[tokio::test]
async fn a_change_of_status_is_never_recorded_before_the_last_one() {
    let place = place(Start::Empty).await;
    let text = b"Issue key,Summary,Status,Created,Updated\nA-1,one,In Review,2024-03-01,2024-03-09\n";
    place.import(place.at, text).await;
    let item = find(&place, "A-1").await;
    let session = place.foundation.store.session(place.at.tenant());
    let now = place.foundation.clock.now();
    let patch = ItemPatch { status: Some(Status::Done), ..ItemPatch::default() };
    session.update(place.at, item.id, patch, Author { user: None, at: now }).await.unwrap();
    session.commit(act(place.at.tenant(), "test", None, now)).await.unwrap();
    let again = place.import(place.at, text).await;
    let told = again.report.notes.join("\n");
    assert!(
        told.contains("1 × status changed here after this export") && told.contains("(record 1)"),
        "{told}"
    );
    let session = place.foundation.store.session(place.at.tenant());
    let history = session.history(place.at, item.id).await.unwrap();
    let told: Vec<_> = history.iter().skip(1).map(|change| (change.from, change.to, change.at)).collect();
    let (review, done) = (Status::InReview, Status::Done);
    assert_eq!(told, [(Some(review), done, now), (Some(done), review, now)]);
    let item = find(&place, "A-1").await;
    assert_eq!((item.status, item.finished, item.updated), (review, None, now));
}

#[tokio::test]
async fn a_file_that_is_refused_writes_nothing() {
    let place = place(Start::Empty).await;
    assert!(place.try_import(place.at, b"Issue key,Summary\nA-1,\"open").await.is_err());
    assert_eq!(place.snapshot(place.at).await.len(), 0);
}
