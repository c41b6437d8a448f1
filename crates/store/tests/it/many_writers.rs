//! Many writers at once, over two stores on one database: the chain neither forks nor has gaps, nobody is told "busy".

use std::time::Duration;

use pm33_product::{Backlog, Freshness, ProductError};
use pm33_store::{Store, StoreError};
use pm33_tenancy::AuditLog;

use crate::{
    backlog_writes::titled,
    bench::{Bench, on_both, settle, spawn},
};

on_both!(
    sixty_four_writers_leave_one_chain,
    bursts_of_writers_never_see_busy,
    units_that_are_given_up_do_not_stop_the_others,
);

async fn sixty_four_writers_leave_one_chain(bench: Bench) {
    const ROWS: u64 = 1_000;
    let home = bench.settled().await;
    let globex = settle(home.store.clone(), &bench.clock, "globex").await;
    let other = bench.open().await;
    let writers: Vec<_> = (0..64)
        .map(|writer: u64| {
            let store = if writer.is_multiple_of(2) { home.store.clone() } else { other.clone() };
            let whose = if writer % 8 == 7 { &globex } else { &home };
            let (tenant, event) = (whose.tenant, whose.event());
            spawn(async move {
                let mut last = 0;
                for _ in 0..ROWS {
                    let done = store.session(tenant).commit(event.clone()).await.unwrap();
                    // On the embedded database a row that goes alone gets its number later.
                    let Some(seq) = done.seq else { continue };
                    assert!(seq > last, "{seq} after {last}");
                    last = seq;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(home.session().verify(home.tenant).await.unwrap(), (56 * ROWS + 1, Vec::new()));
    assert_eq!(globex.session().verify(globex.tenant).await.unwrap(), (8 * ROWS + 1, Vec::new()));
}

async fn bursts_of_writers_never_see_busy(bench: Bench) {
    let home = bench.settled().await;
    let other = bench.open().await;
    for burst in 0..5 {
        let writers: Vec<_> = (0..64)
            .map(|writer: u32| {
                let store = if writer.is_multiple_of(2) { &home.store } else { &other };
                let session = store.session(home.tenant);
                let (new, at, author, event) =
                    (titled(&home, &format!("Burst {burst}")), home.at, home.author(), home.event());
                spawn(async move {
                    session.create(at, new, author).await.unwrap();
                    session.commit(event).await.unwrap();
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
    }
    let snapshot = other.session(home.tenant).snapshot(home.at, Freshness::Newest).await.unwrap();
    assert_eq!(snapshot.len(), 320);
    assert_eq!(home.session().verify(home.tenant).await.unwrap(), (321, Vec::new()));
}

async fn units_that_are_given_up_do_not_stop_the_others(bench: Bench) {
    let home = bench.settled().await;
    let writers: Vec<_> = (0..60)
        .map(|writer: u32| {
            let session = home.session();
            let (new, at, author, event) = (titled(&home, "x"), home.at, home.author(), home.event());
            let call = spawn(async move {
                session.create(at, new, author).await.unwrap();
                if !writer.is_multiple_of(3) {
                    return false;
                }
                session.commit(event).await.unwrap();
                true
            });
            if writer % 3 == 1 {
                // At whatever point it is.
                call.abort();
            }
            call
        })
        .collect();
    let mut kept = 0;
    for writer in writers {
        kept += usize::from(writer.await.unwrap_or(false));
    }
    assert_eq!(kept, 20);
    let snapshot = home.session().snapshot(home.at, Freshness::Usual).await.unwrap();
    assert_eq!(snapshot.len(), kept);
    let mut numbers: Vec<_> = snapshot.items().map(|item| item.number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
    assert_eq!(home.session().verify(home.tenant).await.unwrap(), (21, Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_that_holds_the_writer_for_too_long_loses_it() {
    let bench = Bench::sqlite().await;
    let mut options = bench.options();
    options.longest_unit = Duration::from_millis(100);
    let store = Store::open(options).await.unwrap();
    let home = settle(store, &bench.clock, "acme").await;
    let slow = home.session();
    slow.create(home.at, titled(&home, "Slow"), home.author()).await.unwrap();
    // It waits behind the slow one until that is rolled back.
    let next = home.session();
    let item = next.create(home.at, titled(&home, "Next"), home.author()).await.unwrap();
    next.commit(home.event()).await.unwrap();
    assert_eq!(item.number, 1);
    let late = slow.create(home.at, titled(&home, "Later still"), home.author()).await;
    assert!(matches!(late, Err(ProductError::Busy)), "{late:?}");
    assert!(matches!(slow.commit(home.event()).await, Err(StoreError::Busy)));
    let snapshot = home.session().snapshot(home.at, Freshness::Newest).await.unwrap();
    assert_eq!(snapshot.items().map(|item| &*item.title).collect::<Vec<_>>(), ["Next"]);
    assert_eq!(home.session().verify(home.tenant).await.unwrap(), (2, Vec::new()));
}
