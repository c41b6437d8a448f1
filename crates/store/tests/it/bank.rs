//! A bank test of the ledger (governance Z3): many tenants hold, settle, release, grant, refund and expire at random, by two
//! stores on one database, and some calls are lost in the middle. Nothing appears and nothing vanishes, at any moment.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use pm33_billing::{BillingError, Grantor, HoldId, Ledger, MicroCredits, Postings, Settlement};
use pm33_store::Store;

use crate::{
    bench::{Bench, Home, on_both, settle, spawn},
    credits::{LIFE, agree, call_event, disclosure, micro, request, used},
};

on_both!(totals_are_constant_while_everybody_moves_money);

const TENANTS: usize = 20;
/// Of each tenant.
const TELLERS: u64 = 3;
/// How long they work; ten times as long with `PM33_TEST_LONG=1`.
const OPEN: Duration = Duration::from_mins(1);

const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// What a tenant's tellers know that they did.
#[derive(Default)]
struct Done {
    granted: AtomicI64,
    /// Settled less refunded.
    spent: AtomicI64,
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn up_to(&mut self, most: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 33).unwrap() % most + 1
    }
}

fn by(home: &Home) -> Grantor {
    Grantor { actor: Some(home.user), note: "bank".to_owned() }
}

/// One act of a teller.
async fn act(home: &Home, store: &Store, dice: &mut Dice, done: &Done, last: &mut Option<(HoldId, i64)>) {
    let session = || store.session(home.tenant);
    match dice.up_to(8) {
        1 => {
            let (session, amount) = (session(), dice.up_to(500));
            session.grant(home.tenant, micro(amount), home.now, by(home)).await.unwrap();
            session.commit(home.event()).await.unwrap();
            done.granted.fetch_add(amount, SeqCst);
        }
        2 => {
            let session = session();
            session.expire_holds(home.tenant, home.now.plus(LIFE), 10).await.unwrap();
            session.commit(home.event()).await.unwrap();
        }
        3 => {
            let Some((hold, amount)) = last.take() else { return };
            let (session, amount) = (session(), dice.up_to(amount));
            session.refund(home.tenant, hold, micro(amount), home.now, by(home)).await.unwrap();
            session.commit(home.event()).await.unwrap();
            done.spent.fetch_sub(amount, SeqCst);
        }
        _ => call(home, store, dice, done, last).await,
    }
}

/// A call that holds, and settles, releases or is lost.
async fn call(home: &Home, store: &Store, dice: &mut Dice, done: &Done, last: &mut Option<(HoldId, i64)>) {
    let most = dice.up_to(200);
    let held = store.session(home.tenant).hold(&request(home, most)).await;
    let hold = match held {
        Ok(receipt) => receipt.hold,
        Err(BillingError::Short { .. }) => return,
        Err(error) => panic!("{error:?}"),
    };
    let session = store.session(home.tenant);
    let fate = dice.up_to(6);
    let amount = if fate == 1 { 0 } else { dice.up_to(most) };
    let settlement = if amount == 0 { Settlement { usage: Vec::new(), ..used(0) } } else { used(amount) };
    if amount > 0 {
        let note = store.session(home.tenant);
        note.disclose(&disclosure(home, hold.id)).await.unwrap();
        if fate == 2 {
            // The process is gone after the provider was asked: the sweep ends it.
            return;
        }
    }
    match session.settle(home.tenant, hold.id, &settlement).await {
        Ok(_) if fate == 3 => {}
        Ok(_) => {
            session.commit(call_event(home, hold.id)).await.unwrap();
            done.spent.fetch_add(amount, SeqCst);
            *last = (amount > 0).then_some((hold.id, amount));
        }
        // The sweep was first, and nothing was sent.
        Err(BillingError::Resolved { .. }) => {}
        Err(error) => panic!("{error:?}"),
    }
}

/// What holds of the accounts at every moment.
fn check(sums: &Postings, what: &str) {
    assert!(sums.is_balanced(), "{what}: {sums:?}");
    let [funding, available, held, spent, overdraft, _] = sums.amounts().map(MicroCredits::micros);
    assert!(funding <= 0 && available >= 0 && held >= 0 && spent >= 0 && overdraft <= 0, "{what}: {sums:?}");
}

/// Looks at a tenant again and again; how often.
async fn watch(home: Arc<Home>, stop: Arc<AtomicBool>) -> usize {
    let mut looks = 0;
    while !stop.load(SeqCst) {
        let standing = home.session().standing(home.tenant, &[]).await.unwrap();
        check(&standing.accounts.sums, "a snapshot");
        let open: i64 = standing.open.iter().map(|hold| hold.amount.micros()).sum();
        assert_eq!(standing.accounts.sums.held, micro(open), "{standing:?}");
        looks += 1;
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    looks
}

/// The history alone: numbers without gaps, and books that hold after each entry.
async fn replay(home: &Home) {
    let (mut after, mut sums) = (0, [0_i64; 6]);
    loop {
        let page = home.session().entries(home.tenant, after, 200).await.unwrap();
        for entry in &page.entries {
            assert_eq!(entry.seq, after + 1);
            after = entry.seq;
            for (sum, moved) in sums.iter_mut().zip(entry.postings.amounts()) {
                *sum += moved.micros();
            }
            assert!(sums.iter().sum::<i64>() == 0 && sums[1] >= 0 && sums[2] >= 0, "{entry:?}: {sums:?}");
        }
        if !page.more {
            break;
        }
    }
    let standing = home.session().standing(home.tenant, &[]).await.unwrap();
    assert_eq!(sums, standing.accounts.sums.amounts().map(MicroCredits::micros));
}

#[expect(
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "the test's length is asked for, and what it did is told"
)]
async fn totals_are_constant_while_everybody_moves_money(bench: Bench) {
    let long = std::env::var("PM33_TEST_LONG").is_ok_and(|text| text == "1");
    let (begun, open) = (Instant::now(), if long { 10 * OPEN } else { OPEN });
    let stores = [bench.open().await, bench.open().await];
    let stop = Arc::new(AtomicBool::new(false));
    let (mut all, mut watching, mut working) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..TENANTS {
        let home = settle(stores[number % 2].clone(), &bench.clock, &format!("bank-{number}")).await;
        let (home, done) = (Arc::new(home), Arc::new(Done::default()));
        watching.push(spawn(watch(Arc::clone(&home), Arc::clone(&stop))));
        for teller in 0..TELLERS {
            let (home, done) = (Arc::clone(&home), Arc::clone(&done));
            let store = stores[usize::try_from(teller).unwrap() % 2].clone();
            let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ ((number as u64 + 1) << 20) ^ (teller + 1));
            working.push(spawn(async move {
                let (mut last, mut acts) = (None, 0_u64);
                while begun.elapsed() < open {
                    act(&home, &store, &mut dice, &done, &mut last).await;
                    acts += 1;
                }
                acts
            }));
        }
        all.push((home, done));
    }
    let (mut acts, mut looks) = (0, 0);
    for teller in working {
        acts += teller.await.unwrap();
    }
    stop.store(true, SeqCst);
    for watcher in watching {
        let seen = watcher.await.unwrap();
        assert!(seen > 0);
        looks += seen;
    }
    eprintln!("{acts} acts and {looks} looks in {:?}", begun.elapsed());
    let mut moved = 0;
    for (home, done) in &all {
        let session = home.session();
        session.expire_holds(home.tenant, home.now.plus(LIFE), 1_000).await.unwrap();
        session.commit(home.event()).await.unwrap();
        let sums = home.session().standing(home.tenant, &[]).await.unwrap().accounts.sums;
        check(&sums, "the end");
        let (granted, spent) = (done.granted.load(SeqCst), done.spent.load(SeqCst));
        moved += spent;
        assert_eq!(
            (sums.funding, sums.spent, sums.held),
            (micro(-granted), micro(spent), micro(0)),
            "{sums:?}"
        );
        replay(home).await;
        agree(home).await;
    }
    assert!(moved > 0, "nobody moved anything");
}
