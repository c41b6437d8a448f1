//! Reading a backlog: full-text search with whatever people type, descriptions, and the bound on snapshots.

use std::time::Duration;

use pm33_product::{Backlog, BacklogFilter, Freshness, ItemId, NewItem, Sort};
use pm33_tenancy::{Administration, WorkspaceAccess, open_workspace};
use proptest::{prelude::*, strategy::ValueTree};

use crate::{
    backlog_writes::{add, titled},
    bench::{Bench, Home, on_both, settle, workspace},
};

on_both!(
    words_are_found_in_titles_and_descriptions,
    no_query_text_is_an_error,
    a_search_stays_in_its_workspace,
    an_item_that_lies_in_two_workspaces_is_found_in_both,
    named_items_come_in_pages_like_all_others,
    snapshots_are_bounded_and_rebuilt,
    a_snapshot_is_read_to_its_end_though_its_caller_left,
);

async fn found(home: &Home, text: &str) -> Vec<String> {
    let session = home.session();
    let hits = session.search(home.at, text, 10).await.unwrap();
    let snapshot = session.snapshot(home.at, Freshness::Usual).await.unwrap();
    hits.iter().map(|hit| snapshot.get(hit.item).unwrap().title.to_string()).collect()
}

async fn words_are_found_in_titles_and_descriptions(bench: Bench) {
    let home = bench.settled().await;
    add(&home, NewItem { description: "about the checkout".to_owned(), ..titled(&home, "Cart") }).await;
    add(&home, NewItem { description: "nothing here".to_owned(), ..titled(&home, "Checkout retries") }).await;
    add(&home, titled(&home, "Überweisung per SEPA")).await;
    // A hit in the title is better.
    assert_eq!(found(&home, "checkout").await, ["Checkout retries", "Cart"]);
    // Beginnings of words, any case, all words.
    assert_eq!(found(&home, "CHECK retr").await, ["Checkout retries"]);
    assert_eq!(found(&home, "überweisung").await, ["Überweisung per SEPA"]);
    assert!(found(&home, "checkout sepa").await.is_empty());
    assert_eq!(home.session().search(home.at, "checkout", 1).await.unwrap().len(), 1);
    let hits = home.session().search(home.at, "checkout", 10).await.unwrap();
    assert!(hits[0].score > hits[1].score, "{hits:?}");
}

/// As after a workspace was read back from its archive beside the first.
async fn an_item_that_lies_in_two_workspaces_is_found_in_both(bench: Bench) {
    let home = bench.settled().await;
    let other = settle(home.store.clone(), &bench.clock, "globex").await;
    let new = titled(&home, "Checkout retries");
    add(&home, new.clone()).await;
    add(&other, new).await;
    assert_eq!(found(&home, "checkout").await, ["Checkout retries"]);
    assert_eq!(found(&other, "checkout").await, ["Checkout retries"]);
}

async fn named_items_come_in_pages_like_all_others(bench: Bench) {
    let home = bench.settled().await;
    for title in ["Cart", "Search", "Export", "Import", "Report"] {
        add(&home, titled(&home, title)).await;
    }
    let snapshot = home.session().snapshot(home.at, Freshness::Newest).await.unwrap();
    let all: Vec<_> = snapshot.page(&BacklogFilter::default(), Sort::Key, None, 10).items;
    // In no order, one of them twice and one that is not there.
    let ids = vec![all[3].id, all[0].id, ItemId::new(home.now), all[4].id, all[3].id];
    let filter = BacklogFilter { ids, ..BacklogFilter::default() };
    let first = snapshot.page(&filter, Sort::Key, None, 2);
    let rest = snapshot.page(&filter, Sort::Key, first.next, 2);
    assert_eq!((first.total, first.items.as_slice()), (3, &[all[0].clone(), all[3].clone()][..]));
    assert_eq!((rest.total, rest.items.as_slice(), rest.next), (3, &[all[4].clone()][..], None));
    assert_eq!(snapshot.page(&filter, Sort::Key, None, 3).next, None);
}

/// Query syntax of both engines, and what breaks quoting.
const HOSTILE: &[&str] = &[
    "",
    " ",
    "\"",
    "'",
    "''",
    "\\",
    "\\'",
    "*",
    "(",
    ")",
    "((",
    "a AND",
    "NOT",
    "OR OR",
    "NEAR(a b, 5)",
    "scope:x",
    "title : x",
    "{title} : x",
    "^a",
    "-a",
    "a:*",
    "a & b",
    "a | !b",
    "<->",
    "a <-> b",
    "':*",
    "x' OR '1'='1",
    "%",
    "_",
    "$1",
    "?",
    ";",
    "-- x",
    "/* */",
    "\0",
    "a\0b",
    "\u{202e}x",
    "🦀",
    "ﬁ",
    "a\u{300}",
    "東京",
    "٣",
    "½",
    "\n\t",
];

async fn no_query_text_is_an_error(bench: Bench) {
    let home = bench.settled().await;
    add(&home, titled(&home, "Checkout retries")).await;
    for text in HOSTILE {
        let answer = home.session().search(home.at, text, 10).await;
        assert!(answer.is_ok(), "{text:?}: {answer:?}");
    }
    let long = "word ".repeat(10_000);
    assert!(home.session().search(home.at, &long, 10).await.unwrap().is_empty());
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..100 {
        let text = any::<String>().new_tree(&mut runner).unwrap().current();
        let answer = home.session().search(home.at, &text, 10).await;
        assert!(answer.is_ok(), "{text:?}: {answer:?}");
    }
    // What is asked for the words in it is found by them.
    assert_eq!(found(&home, "\"checkout\" AND (retries").await, Vec::<String>::new());
    assert_eq!(found(&home, "(checkout) 'retries':*").await, ["Checkout retries"]);
}

async fn a_search_stays_in_its_workspace(bench: Bench) {
    let home = bench.settled().await;
    let other = settle(home.store.clone(), &bench.clock, "globex").await;
    add(&home, titled(&home, "Shared word mine")).await;
    add(&other, titled(&other, "Shared word theirs")).await;
    assert_eq!(found(&home, "shared").await, ["Shared word mine"]);
    assert_eq!(found(&other, "shared").await, ["Shared word theirs"]);
    // The token that keeps workspaces apart is no way into another.
    let token = format!("w{}{}", other.at.tenant().uuid().simple(), other.at.workspace().uuid().simple());
    assert!(found(&home, &token).await.is_empty());
}

async fn snapshots_are_bounded_and_rebuilt(bench: Bench) {
    let mut options = bench.options();
    // Room for about two items.
    options.snapshot_bytes = 2_500;
    let store = pm33_store::Store::open(options).await.unwrap();
    let home = settle(store, &bench.clock, "acme").await;
    let session = home.store.operator();
    session.create_workspace(&workspace(home.tenant, "side", "SIDE", home.now)).await.unwrap();
    session.commit(home.event()).await.unwrap();
    let (side, _) =
        open_workspace(&home.session(), home.tenant, &WorkspaceAccess::All, Some("side")).await.unwrap();
    add(&home, titled(&home, "One")).await;
    let session = home.session();
    session.create(side, titled(&home, "Two"), home.author()).await.unwrap();
    session.create(side, titled(&home, "Three"), home.author()).await.unwrap();
    session.commit(home.event()).await.unwrap();
    let session = home.session();
    for _ in 0..3 {
        let first = session.snapshot(home.at, Freshness::Usual).await.unwrap();
        let again = session.snapshot(home.at, Freshness::Usual).await.unwrap();
        assert!(std::sync::Arc::ptr_eq(&first, &again));
        // The other workspace's snapshot takes its place.
        assert_eq!(session.snapshot(side, Freshness::Usual).await.unwrap().len(), 2);
        let later = session.snapshot(home.at, Freshness::Usual).await.unwrap();
        assert!(!std::sync::Arc::ptr_eq(&first, &later));
        assert_eq!(later.len(), 1);
    }
}

async fn a_snapshot_is_read_to_its_end_though_its_caller_left(bench: Bench) {
    const TRIES: usize = 40;
    let made = bench.settled().await;
    add(&made, titled(&made, "One")).await;
    // A caller may be done before it leaves, or leave before anything is read: then the next one tries.
    for _ in 0..TRIES {
        let store = bench.open().await;
        let session = store.session(made.tenant);
        let left = tokio::time::timeout(Duration::ZERO, session.snapshot(made.at, Freshness::Usual)).await;
        drop(session);
        let read = async {
            while store.snapshots() == 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let is_read = tokio::time::timeout(Duration::from_secs(1), read).await.is_ok();
        if left.is_err() && is_read {
            assert_eq!(
                store.session(made.tenant).snapshot(made.at, Freshness::Usual).await.unwrap().len(),
                1
            );
            return store.close().await;
        }
        store.close().await;
    }
    panic!("nobody left a workspace that was read all the same");
}
