//! Several stores on one database, as several processes have it: they make it together and notice each other.

use pm33_product::{Backlog, Freshness};
use pm33_store::{Changed, Store};
use pm33_tenancy::{Administration, DataSubject, Directory, TenantSettings};

use crate::{
    backlog_writes::{add, titled},
    bench::{Bench, on_both, spawn, workspace},
};

on_both!(
    stores_notice_each_others_writes,
    stores_notice_each_others_settings_and_workspaces,
    what_nobody_asks_for_is_forgotten_once_another_process_changed_it,
    a_fresh_database_is_made_by_many_at_once,
);

async fn stores_notice_each_others_writes(bench: Bench) {
    let home = bench.settled().await;
    let other = bench.open().await;
    let theirs =
        async |freshness| other.session(home.tenant).snapshot(home.at, freshness).await.unwrap().len();
    assert_eq!(theirs(Freshness::Usual).await, 0);
    add(&home, titled(&home, "One")).await;
    // Whoever asks for the newest gets it at once; the others with the next look.
    assert_eq!(theirs(Freshness::Newest).await, 1);
    add(&home, titled(&home, "Two")).await;
    assert_eq!(theirs(Freshness::Usual).await, 1);
    assert_eq!(other.poll().await.unwrap(), [Changed::Workspace(home.at)]);
    assert_eq!(theirs(Freshness::Usual).await, 2);
    assert_eq!(other.poll().await.unwrap(), []);
    // The writer has nothing to notice.
    home.session().snapshot(home.at, Freshness::Usual).await.unwrap();
    assert!(!home.store.poll().await.unwrap().contains(&Changed::Workspace(home.at)));
}

async fn stores_notice_each_others_settings_and_workspaces(bench: Bench) {
    let home = bench.settled().await;
    let other = bench.open().await;
    let limit = async || other.session(home.tenant).settings(home.tenant).await.unwrap().calls_per_minute_key;
    let places = async || other.session(home.tenant).workspaces(home.tenant).await.unwrap().len();
    assert_eq!((limit().await, places().await), (60, 1));
    let session = home.session();
    let own = TenantSettings { calls_per_minute_key: Some(7), ..Default::default() };
    session.put_settings(home.tenant, &own).await.unwrap();
    session.create_workspace(&workspace(home.tenant, "side", "SIDE", home.now)).await.unwrap();
    session.commit(home.event()).await.unwrap();
    assert_eq!((limit().await, places().await), (60, 1));
    assert!(other.poll().await.unwrap().contains(&Changed::Access));
    assert_eq!((limit().await, places().await), (7, 2));
}

async fn what_nobody_asks_for_is_forgotten_once_another_process_changed_it(bench: Bench) {
    const LONG: std::time::Duration = std::time::Duration::from_mins(1);
    let home = bench.settled().await;
    let other = bench.open().await;
    let ask = async || other.session(home.tenant).snapshot(home.at, Freshness::Newest).await.unwrap().len();
    let forget = async || (other.forget_outdated().await.unwrap(), other.snapshots());
    add(&home, titled(&home, "One")).await;
    assert_eq!(ask().await, 1);
    add(&home, titled(&home, "Two")).await;
    assert_eq!(forget().await, (0, 1), "it is in use: whoever asks next moves it");
    bench.clock.pass(LONG);
    assert_eq!(forget().await, (1, 0));
    assert_eq!(ask().await, 2);
    bench.clock.pass(LONG);
    assert_eq!(forget().await, (0, 1), "it is as new as what is committed");
    let whole = DataSubject::Organisation;
    home.store.operator().mark_erased(home.tenant, whole, home.now).await.unwrap();
    home.store.erase(home.tenant, whole).await.unwrap();
    assert_eq!(forget().await, (1, 0), "it is not there any more");
}

async fn a_fresh_database_is_made_by_many_at_once(bench: Bench) {
    let opened: Vec<_> = (0..8)
        .map(|_| {
            let options = bench.options();
            spawn(async move {
                Store::migrate(&options.database).await.unwrap();
                Store::open(options).await.unwrap()
            })
        })
        .collect();
    for store in opened {
        store.await.unwrap().health().await.unwrap();
    }
}
