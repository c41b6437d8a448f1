//! Calls with the same idempotency key take turns inside a process: the second waits and then finds the first's answer.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OwnedMutexGuard;

use crate::ReplayScope;

/// Idempotency keys that are being worked on.
#[derive(Clone, Default)]
pub struct InFlight {
    keys: Arc<Mutex<HashMap<ReplayScope, Arc<tokio::sync::Mutex<()>>>>>,
}

/// The right to work on a key; given back on drop, also by cancellation and panic.
pub struct Turn {
    keys: Arc<Mutex<HashMap<ReplayScope, Arc<tokio::sync::Mutex<()>>>>>,
    scope: ReplayScope,
    guard: Option<OwnedMutexGuard<()>>,
}

impl InFlight {
    /// Nothing in flight.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits until nobody else in this process works on the key. Whoever waits may be dropped; nothing is kept for a
    /// key that nobody works on or waits for, so there are never more keys than calls.
    pub async fn turn(&self, scope: ReplayScope) -> Turn {
        // Made before the wait, so that a wait that is given up tidies too.
        let mut turn = Turn { keys: Arc::clone(&self.keys), scope, guard: None };
        let lock = {
            let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(keys.entry(turn.scope.clone()).or_default())
        };
        turn.guard = Some(lock.lock_owned().await);
        turn
    }

    /// How many keys are being worked on.
    pub fn len(&self) -> usize {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.guard.take());
        // Only the map holds the lock: nobody waits.
        if keys.get(&self.scope).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            keys.remove(&self.scope);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use pm33_tenancy::TenantId;

    use super::*;

    fn scope(key: &str) -> ReplayScope {
        ReplayScope {
            tenant: TenantId::from_uuid(uuid::Uuid::from_u128(1)),
            principal: "p".to_owned(),
            tool: "t".to_owned(),
            key: key.to_owned(),
        }
    }

    #[tokio::test]
    async fn the_same_key_is_worked_on_by_one_at_a_time_and_leaves_nothing() {
        let flight = InFlight::new();
        let inside = Arc::new(AtomicUsize::new(0));
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let (flight, inside) = (flight.clone(), Arc::clone(&inside));
            calls.spawn(async move {
                let _turn = flight.turn(scope("k")).await;
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                tokio::task::yield_now().await;
                inside.fetch_sub(1, Ordering::SeqCst);
            });
        }
        calls.join_all().await;
        assert!(flight.is_empty());
    }

    #[tokio::test]
    async fn other_keys_do_not_wait() {
        let flight = InFlight::new();
        let one = flight.turn(scope("one")).await;
        let other = flight.turn(scope("other")).now_or_never();
        assert!(other.is_some() && flight.turn(scope("one")).now_or_never().is_none());
        assert_eq!(flight.len(), 2);
        drop((one, other));
        assert!(flight.is_empty());
    }

    #[tokio::test]
    async fn a_wait_that_is_given_up_after_the_turn_ended_leaves_nothing() {
        let flight = InFlight::new();
        let held = flight.turn(scope("k")).await;
        let mut waiting = Box::pin(flight.turn(scope("k")));
        assert!(poll_once(&mut waiting).is_none());
        drop(held);
        assert_eq!(flight.len(), 1, "somebody waits");
        drop(waiting);
        assert!(flight.is_empty());
    }

    #[tokio::test]
    async fn a_call_that_panics_or_is_aborted_gives_its_turn_back() {
        let flight = InFlight::new();
        for is_panicking in [true, false] {
            let own = flight.clone();
            let mut calls = tokio::task::JoinSet::new();
            calls.spawn(async move {
                let _turn = own.turn(scope("k")).await;
                assert!(!is_panicking, "as it should");
                std::future::pending::<()>().await;
            });
            tokio::task::yield_now().await;
            calls.abort_all();
            assert!(calls.join_next().await.is_some_and(|ended| ended.is_err()));
            drop(flight.turn(scope("k")).await);
            assert!(flight.is_empty());
        }
    }

    fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::Pin::new(future).poll(&mut context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        }
    }

    trait NowOrNever: Future + Sized {
        fn now_or_never(self) -> Option<Self::Output> {
            poll_once(&mut Box::pin(self))
        }
    }
    impl<F: Future> NowOrNever for F {}
}
