//! Kept judgements come back to their workspace alone, stay whatever becomes of their call, and are forgotten when old.

use std::time::Duration;

use pm33_product::KeptJudgements;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::bench::{Bench, Home, on_both, settle};

on_both!(
    a_judgement_is_kept_whatever_becomes_of_its_call_and_found_by_its_workspace_alone,
    old_judgements_are_forgotten_some_at_a_time,
);

async fn keep(home: &Home, digest: u8, body: &str, age: Duration) {
    let session = home.session();
    session.keep_judgement(home.at, [digest; 32], body, home.now.minus(age)).await.unwrap();
    // The call itself keeps nothing.
    drop(session);
}

async fn found(home: &Home, digests: &[u8]) -> Vec<(u8, String)> {
    let asked: Vec<_> = digests.iter().map(|digest| [*digest; 32]).collect();
    let found = home.session().kept_judgements(home.at, &asked).await.unwrap();
    let mut found: Vec<_> = found.into_iter().map(|(digest, body)| (digest[0], body)).collect();
    found.sort();
    found
}

async fn a_judgement_is_kept_whatever_becomes_of_its_call_and_found_by_its_workspace_alone(bench: Bench) {
    let home = bench.settled().await;
    let other = settle(home.store.clone(), &bench.clock, "globex").await;
    keep(&home, 1, "first", Duration::ZERO).await;
    keep(&home, 2, "second", Duration::ZERO).await;
    // Another call that judged the same changes nothing.
    keep(&home, 1, "other words", Duration::ZERO).await;
    assert_eq!(found(&home, &[1, 3]).await, [(1, "first".to_owned())]);
    assert_eq!(found(&home, &[]).await, []);
    assert_eq!(found(&other, &[1, 2]).await, []);
    assert!(other.session().kept_judgements(home.at, &[[1; 32]]).await.is_err());
    keep(&other, 1, "theirs", Duration::ZERO).await;
    assert_eq!(found(&home, &[1, 2]).await, [(1, "first".to_owned()), (2, "second".to_owned())]);
    if let pm33_store::Database::Postgres { app_url, .. } = &bench.database {
        let app = sea_orm::Database::connect(secrecy::ExposeSecret::expose_secret(app_url)).await.unwrap();
        let all = Statement::from_string(DbBackend::Postgres, "SELECT count(*) FROM judgement");
        let seen: i64 = app.query_one_raw(all).await.unwrap().unwrap().try_get_by_index(0).unwrap();
        assert_eq!(seen, 0, "without a tenant there are no rows");
    }
}

async fn old_judgements_are_forgotten_some_at_a_time(bench: Bench) {
    let home = bench.settled().await;
    let other = settle(home.store.clone(), &bench.clock, "globex").await;
    let day = Duration::from_hours(24);
    for age in 1..=5 {
        keep(&home, age, "judged", day * u32::from(age)).await;
        keep(&other, age, "judged", day * u32::from(age)).await;
    }
    let forget = async |most| {
        let session = home.session();
        let gone = session.forget_judgements(home.tenant, home.now.minus(day * 2), most).await.unwrap();
        session.keep().await.unwrap();
        gone
    };
    assert_eq!((forget(2).await, forget(2).await, forget(2).await), (2, 1, 0));
    let kept = |found: Vec<(u8, String)>| found.into_iter().map(|(digest, _)| digest).collect::<Vec<_>>();
    assert_eq!(kept(found(&home, &[1, 2, 3, 4, 5]).await), [1, 2]);
    assert_eq!(kept(found(&other, &[1, 2, 3, 4, 5]).await), [1, 2, 3, 4, 5]);
}
