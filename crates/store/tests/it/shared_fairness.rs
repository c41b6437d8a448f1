//! Keys of one tenant at two servers on one PostgreSQL: what a polite one gets beside greedy ones, over minutes that the test
//! lets pass at both the servers' and the database's clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use pm33_admission::{Budget, Limiter, Limits, SharedLimiter, Verdict};
use pm33_tenancy::{Clock, TenantId, Timestamp};
use sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::bench::Bench;

const WINDOW: u64 = 60_000;
/// How far the clocks go at a time.
const STEP: u64 = 100;
/// How often a greedy key comes.
const GREEDY: u64 = 400;
/// Calls begin at an hour of the database's time, so that no slot is below zero.
const BEGIN: u64 = 3_600_000;

/// The clock of both servers.
#[derive(Default)]
struct Hands(AtomicU64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(0)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// One server's limits.
struct Server {
    shared: SharedLimiter,
    own: Limiter,
    clock: Arc<Hands>,
    tenant: TenantId,
}

impl Server {
    async fn admits(&self, key: &str, limits: Limits) -> bool {
        let verdict = self.shared.admit(&self.own, self.tenant, key, limits, &*self.clock).await;
        matches!(verdict, Ok(Verdict::Admitted(_)))
    }
}

/// Puts a clock in front of the database's own, for every connection that a store opens from here on.
async fn take_clock(bench: &Bench) -> DatabaseConnection {
    let db = bench.beside().await;
    for statement in [
        "CREATE SCHEMA clockwork",
        "CREATE TABLE clockwork.hands AS SELECT 0::bigint AS millis",
        "CREATE FUNCTION clockwork.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS \
         'SELECT to_timestamp(millis / 1000.0) FROM clockwork.hands'",
        "GRANT USAGE ON SCHEMA clockwork TO public",
        "GRANT SELECT ON clockwork.hands TO public",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, clockwork, pg_catalog', \
         current_database()); END $$",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    db.execute_unprepared("SET synchronous_commit = off").await.unwrap();
    db
}

/// What came of some minutes.
struct Told {
    asked: u32,
    got: u32,
    /// When each call of the tenant was admitted.
    all: Vec<u64>,
}

impl Told {
    /// Calls of the minutes from the second on: the first is spent in no time.
    fn of_minute(&self, minute: u64) -> usize {
        let within = minute * WINDOW..(minute + 1) * WINDOW;
        self.all.iter().filter(|at| within.contains(*at)).count()
    }
}

/// Five keys at one server take all they can; one at the other calls evenly, as often as its share allows, until `leaves`.
async fn beside_greedy(limits: Limits, minutes: u64, leaves: u64) -> Option<Told> {
    let bench = Bench::postgres().await?;
    let db = take_clock(&bench).await;
    let home = bench.settled().await;
    let (store, clock) = (bench.open().await, Arc::new(Hands::default()));
    let server = |store: &pm33_store::Store| Server {
        shared: SharedLimiter::new(store.budget(Budget::Calls).unwrap(), 2),
        own: Limiter::new(),
        clock: Arc::clone(&clock),
        tenant: home.tenant,
    };
    let (here, there) = (server(&home.store), server(&store));
    let pace = WINDOW / u64::from((limits.tenant / 6).min(limits.key));
    let (mut told, mut next) = (Told { asked: 0, got: 0, all: Vec::new() }, 0);
    for now in (0..minutes * WINDOW).step_by(usize::try_from(STEP).unwrap()) {
        clock.0.store(BEGIN + now, Ordering::Relaxed);
        db.execute_unprepared(&format!("UPDATE clockwork.hands SET millis = {}", BEGIN + now)).await.unwrap();
        for key in (0..5).filter(|_| now.is_multiple_of(GREEDY)) {
            while here.admits(&format!("greedy{key}"), limits).await {
                told.all.push(now);
            }
        }
        if now >= next && now < leaves {
            next += pace;
            let is_in = there.admits("polite", limits).await;
            told.all.extend(is_in.then_some(now));
            // In its first minute the others give way.
            if now >= WINDOW {
                told.asked += 1;
                told.got += u32::from(is_in);
            }
        }
        if now.is_multiple_of(500) {
            for server in [&here, &there] {
                server.shared.settle(clock.monotonic()).await.unwrap();
            }
        }
    }
    let most = usize::try_from(limits.tenant).unwrap();
    for (first, after) in told.all.iter().zip(&told.all[most..]) {
        assert!(after - first >= WINDOW, "{} calls from {first} to {after}", most + 1);
    }
    home.store.close().await;
    store.close().await;
    Some(told)
}

#[tokio::test]
async fn a_polite_key_at_one_server_gets_its_guarantee_beside_greedy_ones_at_another() {
    let Some(told) = beside_greedy(Limits { key: 60, tenant: 300 }, 4, u64::MAX).await else { return };
    let (asked, got) = (told.asked, told.got);
    assert!(got * 100 >= asked * 95, "{got} of {asked}");
    // Nothing is lost for it.
    for minute in 1..4 {
        let used = told.of_minute(minute);
        assert!(used * 100 >= 300 * 98, "{used} in minute {minute}");
    }
}

#[tokio::test]
async fn of_a_small_limit_a_polite_key_gets_all_but_one_call_a_minute_and_leaves_nothing_unused() {
    let Some(told) = beside_greedy(Limits { key: 60, tenant: 100 }, 6, 4 * WINDOW).await else { return };
    let (asked, got) = (told.asked, told.got);
    // A sixth of it is sixteen calls: each is a part of six.
    assert!(got * 100 >= asked * 90, "{got} of {asked}");
    for minute in 1..6 {
        let used = told.of_minute(minute);
        assert!(used * 100 >= 100 * 98, "{used} in minute {minute}");
    }
}
