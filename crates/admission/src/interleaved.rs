//! The limiter under every order of its steps: `limits.rs` once more, over locks that shuttle takes the turns of. Key and
//! tenant are decided in one step, and no order puts more into a window than either allows (governance R1, R2).

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use pm33_tenancy::TenantId;
use shuttle::thread;

use crate::{LimitScope, Limits, Verdict, window::COUNTED};
use limits::Limiter;
use sync::Arc;

mod sync {
    pub(crate) use std::sync::PoisonError;

    pub(crate) use shuttle::sync::{Arc, Mutex};
}

#[path = "limits.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    clippy::duplicate_mod,
    reason = "the same lines over what can be ordered"
)]
mod limits;

const START: Duration = Duration::from_secs(9);

fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(uuid::Uuid::from_u128(number))
}

/// Every order of the steps of a case's two threads.
fn in_every_order(case: impl Fn() + Send + Sync + 'static) {
    let orders = std::sync::Arc::new(AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&orders);
    shuttle::check_dfs(
        move || {
            counted.fetch_add(1, Ordering::Relaxed);
            case();
        },
        None,
    );
    let orders = orders.load(Ordering::Relaxed);
    assert!(orders > 20, "{orders} orders are not what two threads have");
}

/// Of more threads, or longer ones, that have too many orders: some with few changes of turn, where such faults lie.
fn in_many_orders(case: impl Fn() + Send + Sync + 'static) {
    shuttle::check_pct(case, 1_000, 3);
}

/// Calls of the tenant at one instant, each thread's one after the other; what was said to each thread.
fn at_once<const THREADS: usize>(
    limits: Limits,
    calls: [&'static [&'static str]; THREADS],
) -> [Vec<Verdict>; THREADS] {
    let limiter = Arc::new(Limiter::new());
    let running = calls.map(|keys| {
        let limiter = Arc::clone(&limiter);
        thread::spawn(move || keys.iter().map(|key| limiter.admit(tenant(1), key, limits, START)).collect())
    });
    running.map(|one| one.join().unwrap_or_default())
}

fn admitted<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> usize {
    verdicts.into_iter().filter(|verdict| matches!(verdict, Verdict::Admitted(_))).count()
}

#[test]
fn no_order_of_calls_admits_more_of_a_key_or_fewer() {
    const LIMITS: Limits = Limits { key: 2, tenant: 9 };
    let case = |told: &[Vec<Verdict>]| assert_eq!(admitted(told.iter().flatten()), 2, "{told:?}");
    in_every_order(move || case(&at_once(LIMITS, [&["k", "k"], &["k"]])));
    in_many_orders(move || case(&at_once(LIMITS, [&["k", "k"], &["k", "k"], &["k"]])));
}

#[test]
fn no_order_of_keys_admits_more_of_a_tenant_or_fewer() {
    const LIMITS: Limits = Limits { key: 9, tenant: 2 };
    let case = |told: &[Vec<Verdict>]| assert_eq!(admitted(told.iter().flatten()), 2, "{told:?}");
    in_every_order(move || case(&at_once(LIMITS, [&["a", "b"], &["c"]])));
    in_many_orders(move || case(&at_once(LIMITS, [&["a", "b"], &["b", "c"], &["d"]])));
}

#[test]
fn what_the_key_s_limit_refuses_takes_nothing_of_the_tenant_in_any_order() {
    const LIMITS: Limits = Limits { key: 1, tenant: 2 };
    let case = |[one, other]: [Vec<Verdict>; 2]| {
        assert_eq!(
            (admitted(&one[..1]) + admitted(&other), admitted(&one[1..])),
            (1, 1),
            "{one:?} {other:?}"
        );
        let refused = one.iter().chain(&other).find(|verdict| !matches!(verdict, Verdict::Admitted(_)));
        assert!(matches!(refused, Some(Verdict::Denied { scope: LimitScope::Key, .. })), "{refused:?}");
    };
    in_every_order(move || case(at_once(LIMITS, [&["a", "b"], &["a"]])));
}

#[test]
fn a_tenant_that_is_swept_while_it_calls_is_not_counted_anew() {
    in_many_orders(|| {
        let (limiter, limits) = (Arc::new(Limiter::new()), Limits { key: 1, tenant: 1 });
        // As many idle tenants as it takes to look for those that may go.
        for number in 1..=64 {
            limiter.admit(tenant(number), "k", limits, START);
        }
        let later = START + COUNTED;
        let newcomer = thread::spawn({
            let limiter = Arc::clone(&limiter);
            move || limiter.admit(tenant(65), "k", limits, later)
        });
        let verdicts = [1, 2].map(|_| limiter.admit(tenant(1), "k", limits, later));
        assert_eq!(admitted(&verdicts), 1, "{verdicts:?}");
        assert!(newcomer.join().is_ok_and(|verdict| matches!(verdict, Verdict::Admitted(_))));
    });
}

#[test]
fn a_refusal_that_others_decided_is_counted_once_in_any_order() {
    in_every_order(|| {
        let limiter = Arc::new(Limiter::new());
        let refuse =
            |limiter: &Limiter| match limiter.refuse(tenant(1), "k", (LimitScope::Key, 9, COUNTED), START) {
                Verdict::Denied { refused, .. } => refused,
                Verdict::Admitted(_) => 0,
            };
        let other = thread::spawn({
            let limiter = Arc::clone(&limiter);
            move || refuse(&limiter)
        });
        let mine = refuse(&limiter);
        assert_eq!(other.join().unwrap_or_default() + mine, 3);
    });
}
