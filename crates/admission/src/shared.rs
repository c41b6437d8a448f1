//! Limits that hold over several servers (governance R3): each leases calls from a shared budget in blocks, so that far
//! from a limit most calls ask nobody, and near it every call is counted before it is admitted.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use pm33_tenancy::{Clock, TenantId};
use tokio::sync::Mutex as AsyncMutex;

use crate::{
    AdmissionError, Admitted, Ask, Lease, LimitScope, Limiter, Limits, Settled, SharedBudget, Verdict,
};

/// A lease near a limit; with a window's slot it costs a sixtieth of the rate.
const SHORT: Duration = Duration::from_millis(500);
/// A lease far from it.
const LONG: Duration = Duration::from_secs(5);
/// Part of the room that a lease takes far from a limit.
const PART: u32 = 8;
/// How long a refusal is repeated without asking: another server may put calls back meanwhile.
const REPEATED: Duration = Duration::from_millis(200);
/// By how small a part a window may be exceeded when the budget goes away.
const MARGIN: u32 = 10;
/// What limits are of.
const WINDOW: Duration = Duration::from_mins(1);

/// All that one of several servers limits.
pub struct SharedLimits {
    /// Calls.
    pub calls: SharedLimiter,
    /// Calls of AI tools.
    pub ai_calls: SharedLimiter,
}

impl SharedLimits {
    /// Settles both ([`SharedLimiter::settle`]).
    ///
    /// # Errors
    /// When the budget of either does not answer; the other is settled all the same.
    pub async fn settle(&self, now: Duration) -> Result<(), AdmissionError> {
        let calls = self.calls.settle(now).await;
        self.ai_calls.settle(now).await.and(calls)
    }
}

/// One limit of one of several servers.
pub struct SharedLimiter {
    budget: Arc<dyn SharedBudget>,
    /// Servers that share the budget: what each admits of a limit while the budget cannot be asked.
    replicas: u32,
    outage: Mutex<Outage>,
    pairs: Mutex<HashMap<TenantId, Principals>>,
}

/// When the budget could not be asked.
#[derive(Clone, Copy, Default)]
struct Outage {
    /// Since when it has not answered.
    since: Option<Duration>,
    /// The last time that it did not.
    last: Option<Duration>,
}

/// A tenant's principals.
type Principals = HashMap<Box<str>, Arc<Pair>>;

/// What one server holds of a tenant's principal.
#[derive(Default)]
struct Pair {
    waiting: AtomicU32,
    held: AsyncMutex<Held>,
}

#[derive(Default)]
struct Held {
    lease: Option<Open>,
    refused: Option<(LimitScope, u32, Duration, Duration)>,
    ended: Vec<Settled>,
}

struct Open {
    limits: Limits,
    lease: Lease,
    left: u32,
    from: Duration,
}

impl Open {
    fn is_good(&self, limits: Limits, now: Duration) -> bool {
        self.limits == limits && now < self.from + self.lease.life
    }
}

impl Held {
    /// Ends the lease; whether something of it is to be told.
    fn end(&mut self, principal: &str) {
        let Some(open) = self.lease.take() else { return };
        // A short lease that was used up is booked where it belongs already.
        if open.left > 0 || open.lease.life > SHORT {
            self.ended.push(Settled {
                principal: principal.into(),
                slot: open.lease.slot,
                made: open.lease.granted - open.left,
                unused: open.left,
            });
        }
    }
}

/// One call that waits, also when it is dropped.
struct Waiting<'a>(&'a AtomicU32);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicU32) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl SharedLimiter {
    /// A limiter that holds nothing yet.
    pub fn new(budget: Arc<dyn SharedBudget>, replicas: u32) -> Self {
        Self { budget, replicas: replicas.max(1), outage: Mutex::default(), pairs: Mutex::default() }
    }

    /// Decides on one call. `own` counts this server's calls: what it refuses is refused, so that a wrong clock of the
    /// budget's frees no more than one server's window, and it alone decides when the budget cannot be asked.
    ///
    /// # Errors
    /// When the budget cannot be asked since less than a minute, and this server admitted what it may without.
    pub async fn admit(
        &self,
        own: &Limiter,
        tenant: TenantId,
        principal: &str,
        limits: Limits,
        clock: &dyn Clock,
    ) -> Result<Verdict, AdmissionError> {
        let pair = self.pair(tenant, principal);
        let waiting = Waiting::new(&pair.waiting);
        // One asks for all that wait.
        let mut held = pair.held.lock().await;
        let now = clock.monotonic();
        if held.lease.as_ref().is_some_and(|open| open.left == 0 || !open.is_good(limits, now)) {
            held.end(principal);
        }
        if held.lease.is_none() {
            if let Some((scope, limit, until, retry)) = held.refused
                && now < until
            {
                return Ok(own.refuse(tenant, principal, (scope, limit, retry.saturating_sub(now)), now));
            }
            let needed = pair.waiting.load(Ordering::Relaxed).max(1);
            let ask = Ask { limits, needed, part: PART, short: SHORT, long: LONG };
            match self.budget.lease(tenant, principal, ask).await {
                Ok(lease) => {
                    self.outage.lock().unwrap_or_else(PoisonError::into_inner).since = None;
                    held.take(lease, limits, now);
                }
                Err(error) => {
                    return self.alone(own, tenant, principal, limits, clock.monotonic(), error);
                }
            }
        }
        drop(waiting);
        let Some(open) = &mut held.lease else {
            let (scope, limit, _, retry) = held.refused.unwrap_or((LimitScope::Key, limits.key, now, now));
            return Ok(own.refuse(tenant, principal, (scope, limit, retry.saturating_sub(now)), now));
        };
        Ok(match own.admit(tenant, principal, self.after_failure(limits, now), now) {
            Verdict::Admitted(_) => {
                open.left -= 1;
                Verdict::Admitted(Admitted {
                    key_left: open.lease.key_left + open.left,
                    tenant_left: open.lease.tenant_left + open.left,
                    reset: (open.from + open.lease.reset).saturating_sub(now),
                })
            }
            refused @ Verdict::Denied { .. } => refused,
        })
    }

    /// This server's share, while the budget cannot be asked; in the first minute a tenth of it, since nobody knows then what
    /// the others admitted.
    fn alone(
        &self,
        own: &Limiter,
        tenant: TenantId,
        principal: &str,
        limits: Limits,
        now: Duration,
        error: AdmissionError,
    ) -> Result<Verdict, AdmissionError> {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            replicas = self.replicas,
            "the shared limits cannot be asked: this server admits its share alone"
        );
        let mut outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        outage.last = Some(now);
        let known = *outage.since.get_or_insert(now) + WINDOW;
        drop(outage);
        let part = self.part(limits);
        if now >= known {
            return Ok(own.admit(tenant, principal, part, now));
        }
        // Others may have had the whole limit within this minute.
        let little = Limits { key: part.key / MARGIN, tenant: part.tenant / MARGIN };
        if little.key == 0 || little.tenant == 0 {
            return Err(error);
        }
        match own.admit(tenant, principal, little, now) {
            admitted @ Verdict::Admitted(_) => Ok(admitted),
            Verdict::Denied { .. } => Err(error),
        }
    }

    /// What this server admits itself. The budget knows nothing of what each server admitted alone: until that is out of
    /// every window, nobody takes more than his part.
    fn after_failure(&self, limits: Limits, now: Duration) -> Limits {
        let last = self.outage.lock().unwrap_or_else(PoisonError::into_inner).last;
        if last.is_some_and(|at| now <= at + WINDOW) { self.part(limits) } else { limits }
    }

    /// The part of a limit that one server admits by itself.
    fn part(&self, limits: Limits) -> Limits {
        let part = |limit: u32| (limit / self.replicas).max(1);
        Limits { key: part(limits.key), tenant: part(limits.tenant) }
    }

    fn pair(&self, tenant: TenantId, principal: &str) -> Arc<Pair> {
        let mut pairs = self.pairs.lock().unwrap_or_else(PoisonError::into_inner);
        let of_tenant = pairs.entry(tenant).or_default();
        if let Some(pair) = of_tenant.get(principal) {
            return Arc::clone(pair);
        }
        Arc::clone(of_tenant.entry(principal.into()).or_default())
    }

    /// Ends the leases that are over and puts back what was not used; forgets who holds nothing. To be called about
    /// twice a second, and with `Duration::MAX` when the server ends.
    ///
    /// # Errors
    /// When the budget does not answer; what could not be put back then counts as used.
    pub async fn settle(&self, now: Duration) -> Result<(), AdmissionError> {
        let mut ended: HashMap<TenantId, Vec<Settled>> = HashMap::new();
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner).retain(|tenant, of_tenant| {
            of_tenant.retain(|principal, pair| {
                // Whoever is held is in use.
                let Ok(mut held) = pair.held.try_lock() else { return true };
                let over = |open: &Open| open.left == 0 || now >= open.from.saturating_add(open.lease.life);
                if held.lease.as_ref().is_some_and(over) {
                    held.end(principal);
                }
                if !held.ended.is_empty() {
                    ended.entry(*tenant).or_default().append(&mut held.ended);
                }
                let is_refused = held.refused.is_some_and(|(_, _, until, _)| now < until);
                held.lease.is_some() || is_refused || Arc::strong_count(pair) > 1
            });
            !of_tenant.is_empty()
        });
        for (tenant, ended) in ended {
            self.budget.settle(tenant, &ended).await?;
        }
        Ok(())
    }
}

impl Held {
    fn take(&mut self, lease: Lease, limits: Limits, now: Duration) {
        if lease.granted > 0 {
            self.refused = None;
            self.lease = Some(Open { limits, lease, left: lease.granted, from: now });
            return;
        }
        let (scope, wait) = lease.short_of;
        let limit = if scope == LimitScope::Key { limits.key } else { limits.tenant };
        self.refused = Some((scope, limit, now + wait.min(REPEATED), now + wait));
    }
}
