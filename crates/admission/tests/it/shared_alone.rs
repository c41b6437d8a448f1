//! The shared budget goes away and comes back under load: each server admits its share alone and says so, and no window
//! holds more than is allowed and a tenth (governance R3).

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use pm33_admission::{
    AdmissionError, Ask, Lease, LimitScope, Limiter, Limits, Settled, SharedBudget, SharedLimiter, Verdict,
};
use pm33_tenancy::{Clock, TenantId, Timestamp};
use tracing::{Event, Level, Metadata, Subscriber, span};

use crate::fixture::Hands;

const LIMITS: Limits = Limits { key: 60, tenant: 100 };
const KEYS: [&str; 2] = ["one", "two"];
const SERVERS: usize = 2;
const WINDOW: u64 = 60_000;
/// How far the clock goes at a time, in milliseconds.
const STEP: u64 = 100;
/// When the budget goes away, when it is back, and the end.
const AWAY: u64 = 90_000;
const BACK: u64 = 200_000;
const END: u64 = 400_000;

/// A budget that counts each call as it is leased, where it can be reached.
struct Budget {
    clock: Arc<Hands>,
    is_away: AtomicBool,
    booked: Mutex<Vec<(Duration, String)>>,
}

#[async_trait]
impl SharedBudget for Budget {
    async fn lease(&self, _: TenantId, principal: &str, ask: Ask) -> Result<Lease, AdmissionError> {
        if self.is_away.load(Ordering::SeqCst) {
            return Err(AdmissionError::Unavailable("away".into()));
        }
        let now = self.clock.monotonic();
        let mut booked = self.booked.lock().unwrap();
        booked.retain(|(at, _)| *at + Duration::from_millis(WINDOW) > now);
        let of_key = booked.iter().filter(|(_, key)| key == principal).count();
        let left = |limit: u32, used: usize| limit.saturating_sub(u32::try_from(used).unwrap());
        let (key_left, tenant_left) = (left(ask.limits.key, of_key), left(ask.limits.tenant, booked.len()));
        let granted = ask.needed.min(key_left).min(tenant_left);
        booked.extend((0..granted).map(|_| (now + ask.short, principal.to_owned())));
        Ok(Lease {
            granted,
            life: ask.short,
            slot: 0,
            key_left: key_left - granted,
            tenant_left: tenant_left - granted,
            reset: Duration::ZERO,
            short_of: (LimitScope::Key, Duration::from_millis(STEP)),
        })
    }

    async fn settle(&self, _: TenantId, ended: &[Settled]) -> Result<(), AdmissionError> {
        let mut booked = self.booked.lock().unwrap();
        for one in ended {
            for _ in 0..one.unused {
                let last = booked.iter().rposition(|(_, key)| **key == *one.principal);
                last.map(|number| booked.remove(number));
            }
        }
        Ok(())
    }
}

/// Counts warnings.
#[derive(Clone, Default)]
struct Warnings(Arc<AtomicUsize>);

impl Subscriber for Warnings {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        *about.level() == Level::WARN
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// An admitted call.
struct Call {
    at: u64,
    server: usize,
    key: &'static str,
}

/// Most calls of any window that begins in a span.
fn most<'a>(calls: impl Iterator<Item = &'a Call>, from: u64, to: u64) -> usize {
    let times: Vec<_> = calls.map(|call| call.at).filter(|at| (from..to).contains(at)).collect();
    let within = |first: &u64| times.iter().filter(|at| (*first..first + WINDOW).contains(*at)).count();
    times.iter().map(within).max().unwrap_or(0)
}

/// Two servers whose callers take whatever there is, over the whole time.
async fn flooded(warnings: &Warnings) -> Vec<Call> {
    let clock = Arc::new(Hands::default());
    let budget = Arc::new(Budget {
        clock: Arc::clone(&clock),
        is_away: AtomicBool::new(false),
        booked: Mutex::default(),
    });
    let share = |_| {
        let budget: Arc<dyn SharedBudget> = Arc::<Budget>::clone(&budget);
        (SharedLimiter::new(budget, u32::try_from(SERVERS).unwrap()), Limiter::new())
    };
    let servers: Vec<_> = (0..SERVERS).map(share).collect();
    let tenant = TenantId::new(Timestamp::from_micros(1));
    let mut calls = Vec::new();
    for at in (0..END).step_by(usize::try_from(STEP).unwrap()) {
        budget.is_away.store((AWAY..BACK).contains(&at), Ordering::SeqCst);
        if at == AWAY {
            assert_eq!(warnings.0.load(Ordering::SeqCst), 0, "nothing to tell yet");
        }
        for (server, (shared, own)) in servers.iter().enumerate() {
            for key in KEYS {
                while let Ok(Verdict::Admitted(_)) = shared.admit(own, tenant, key, LIMITS, &*clock).await {
                    calls.push(Call { at, server, key });
                    assert!(calls.len() < 10_000, "nobody is refused");
                }
            }
            shared.settle(clock.monotonic()).await.unwrap();
        }
        clock.pass(Duration::from_millis(STEP));
    }
    calls
}

#[tokio::test]
async fn a_budget_that_goes_away_leaves_each_server_its_share_and_its_return_doubles_no_window() {
    let warnings = Warnings::default();
    let guard = tracing::subscriber::set_default(warnings.clone());
    let calls = flooded(&warnings).await;
    drop(guard);
    let part = SERVERS;
    let (key_limit, tenant_limit) = (LIMITS.key as usize, LIMITS.tenant as usize);
    for server in 0..SERVERS {
        let of_server = || calls.iter().filter(move |call| call.server == server);
        assert!(most(of_server(), AWAY, BACK) <= tenant_limit / part, "of the tenant at {server} alone");
        for key in KEYS {
            let alone = most(of_server().filter(|call| call.key == key), AWAY, BACK);
            assert!(alone <= key_limit / part, "{alone} of {key} at {server} alone");
        }
        // It serves all the same.
        let served = most(of_server(), BACK - WINDOW, BACK);
        assert!(served * 100 >= tenant_limit / part * 90, "{served} at {server} alone");
    }
    assert!(warnings.0.load(Ordering::SeqCst) > 0, "the log says nothing");
    // Over both, and whether a window began before it went away or not.
    let of_tenant = most(calls.iter(), 0, END);
    assert!(of_tenant * 100 <= tenant_limit * 110, "{of_tenant} of the tenant");
    for key in KEYS {
        let of_key = most(calls.iter().filter(|call| call.key == key), 0, END);
        assert!(of_key * 100 <= key_limit * 110, "{of_key} of {key}");
    }
    // And a minute after it came back everything can be used again, wherever it is asked for.
    let last = most(calls.iter(), END - WINDOW, END);
    assert!(last * 100 >= tenant_limit * 95, "{last} in the last minute");
}
