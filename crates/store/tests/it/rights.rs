//! Requests are kept as they are; limits and marks of one process hold in another within a second.

use std::time::Duration;

use pm33_product::Backlog;
use pm33_tenancy::{
    Closing, Extension, IdentityCheck, Law, PrivacyRequest, PrivacyRequests, Processing, ProcessingLimit,
    RequestId, RequestKind, RequestState, RequestSubject, TenancyError, UserId, may_use_model,
};

use crate::bench::{Bench, Home, on_both};

on_both!(
    a_request_is_kept_as_it_is_and_only_in_its_tenant,
    a_limit_holds_in_another_process_within_a_second_and_reading_goes_on,
);

fn request(home: &Home) -> PrivacyRequest {
    PrivacyRequest {
        tenant: home.tenant,
        id: RequestId::new(home.now),
        kind: RequestKind::Deletion,
        subject: RequestSubject::Member(home.user),
        law: Law::Ccpa,
        state: RequestState::Received,
        received: home.now,
        filed_by: Some(home.user),
        details: Some("everything".to_owned()),
        identity: None,
        extension: None,
        closed: None,
    }
}

async fn a_request_is_kept_as_it_is_and_only_in_its_tenant(bench: Bench) {
    let home = bench.settled().await;
    let mut one = request(&home);
    let session = home.session();
    assert!(matches!(session.put_request(&one).await, Err(TenancyError::Missing { .. })));
    drop(session);
    let session = home.session();
    session.file_request(&one).await.unwrap();
    session.commit(home.event()).await.unwrap();
    let find = async || home.session().privacy_request(home.tenant, one.id).await.unwrap();
    assert_eq!(find().await.as_ref(), Some(&one));
    one.state = RequestState::Refused;
    one.identity = Some((IdentityCheck::Document, home.now));
    one.extension = Some(Extension { at: home.now, reason: Some("many".to_owned()) });
    one.closed = Some(Closing { at: home.now, note: Some("unfounded".to_owned()) });
    let whole = PrivacyRequest {
        id: RequestId::new(bench_now(&home)),
        subject: RequestSubject::Organisation,
        received: bench_now(&home),
        ..request(&home)
    };
    let session = home.session();
    session.put_request(&one).await.unwrap();
    session.file_request(&whole).await.unwrap();
    session.commit(home.event()).await.unwrap();
    assert_eq!(home.session().privacy_requests(home.tenant).await.unwrap(), [whole, one.clone()]);
    let other = crate::bench::settle(home.store.clone(), &bench.clock, "other").await;
    assert_eq!(other.session().privacy_request(other.tenant, one.id).await.unwrap(), None);
    assert!(other.session().privacy_requests(other.tenant).await.unwrap().is_empty());
    assert!(other.session().privacy_requests(home.tenant).await.is_err());
}

fn bench_now(home: &Home) -> pm33_tenancy::Timestamp {
    home.now.plus(Duration::from_secs(1))
}

async fn a_limit_holds_in_another_process_within_a_second_and_reading_goes_on(bench: Bench) {
    let home = bench.settled().await;
    // Another process, whose clock is the wall's: nobody tells it anything.
    let other = pm33_store::Store::open(pm33_store::StoreOptions {
        clock: std::sync::Arc::new(Wall(tokio::time::Instant::now())),
        ..bench.options()
    })
    .await
    .unwrap();
    let there = || other.session(home.tenant);
    let asks = async |user| may_use_model(&there(), home.tenant, user).await;
    let somebody = UserId::new(home.now);
    for (member, stops_others) in [(Some(home.user), false), (None, true)] {
        for limit in ProcessingLimit::ALL {
            assert!(asks(Some(home.user)).await.is_ok());
            let session = home.session();
            session.limit_processing(home.tenant, member, limit, home.now).await.unwrap();
            session.limit_processing(home.tenant, member, limit, home.now).await.unwrap();
            session.commit(home.event()).await.unwrap();
            let own = may_use_model(&home.session(), home.tenant, Some(home.user)).await;
            assert_eq!(own.is_err(), limit.stops_models(), "at once where it was set");
            tokio::time::sleep(Duration::from_millis(700)).await;
            assert_eq!(asks(Some(home.user)).await.is_err(), limit.stops_models(), "{limit:?}");
            assert_eq!(asks(Some(somebody)).await.is_err(), limit.stops_models() && stops_others);
            there().snapshot(home.at, pm33_product::Freshness::Newest).await.unwrap();
            let session = home.session();
            assert!(session.lift_limit(home.tenant, member, limit).await.unwrap());
            assert!(!session.lift_limit(home.tenant, member, limit).await.unwrap());
            session.commit(home.event()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(700)).await;
        }
    }
    other.close().await;
}

/// A clock that goes with the wall's.
struct Wall(tokio::time::Instant);

impl pm33_tenancy::Clock for Wall {
    fn now(&self) -> pm33_tenancy::Timestamp {
        pm33_tenancy::Timestamp::from_micros(1_767_225_600_000_000)
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}
