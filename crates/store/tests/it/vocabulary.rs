//! A workspace's vocabulary is kept, seen in the snapshot after its commit, also by another process, and never wrong.

use pm33_product::{Backlog, FieldType, Freshness, ProductError, Status, Vocabulary};
use pm33_store::Store;

use crate::bench::{Bench, on_both};

on_both!(a_vocabulary_is_seen_once_it_is_committed, a_contradiction_is_not_stored);

fn own() -> Vocabulary {
    let severity = FieldType::Enum { values: vec!["S1".to_owned(), "S2".to_owned()] };
    Vocabulary {
        statuses: [("QA".to_owned(), Status::InReview)].into(),
        fields: [("Severity".to_owned(), severity), ("Cost".to_owned(), FieldType::Number)].into(),
    }
}

async fn a_vocabulary_is_seen_once_it_is_committed(bench: Bench) {
    let home = bench.settled().await;
    let other = Store::open(bench.options()).await.unwrap();
    let before = home.session().snapshot(home.at, Freshness::Usual).await.unwrap();
    assert!(before.vocabulary().is_empty());
    let session = home.session();
    session.put_vocabulary(home.at, &own()).await.unwrap();
    assert!(session.snapshot(home.at, Freshness::Newest).await.unwrap().vocabulary().is_empty());
    session.commit(home.event()).await.unwrap();
    let after = home.session().snapshot(home.at, Freshness::Usual).await.unwrap();
    assert_eq!(after.vocabulary(), &own());
    assert!(after.version() > before.version());
    let there = other.session(home.tenant).snapshot(home.at, Freshness::Newest).await.unwrap();
    assert_eq!(there.vocabulary(), &own());
    other.close().await;
}

async fn a_contradiction_is_not_stored(bench: Bench) {
    let home = bench.settled().await;
    let wrong = Vocabulary { statuses: [("done".to_owned(), Status::Blocked)].into(), ..own() };
    let refused = home.session().put_vocabulary(home.at, &wrong).await;
    assert!(matches!(refused, Err(ProductError::Invalid { field: "statuses", .. })), "{refused:?}");
}
