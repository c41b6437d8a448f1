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

    /// Waits until nobody else in this process works on the key.
    pub async fn turn(&self, scope: ReplayScope) -> Turn {
        let lock = {
            let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(keys.entry(scope.clone()).or_default())
        };
        let guard = lock.lock_owned().await;
        Turn { keys: Arc::clone(&self.keys), scope, guard: Some(guard) }
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

    use pm33_tenancy::{TenantId, Timestamp};

    use super::*;

    #[tokio::test]
    async fn the_same_key_is_worked_on_by_one_at_a_time_and_leaves_nothing() {
        let flight = InFlight::new();
        let scope = ReplayScope {
            tenant: TenantId::new(Timestamp::from_micros(1)),
            principal: "p".to_owned(),
            tool: "t".to_owned(),
            key: "k".to_owned(),
        };
        let inside = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..16)
            .map(|_| {
                let (flight, scope, inside) = (flight.clone(), scope.clone(), Arc::clone(&inside));
                async move {
                    let _turn = flight.turn(scope).await;
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    tokio::task::yield_now().await;
                    inside.fetch_sub(1, Ordering::SeqCst);
                }
            })
            .collect();
        let mut set = tokio::task::JoinSet::new();
        tasks.into_iter().for_each(|task| {
            set.spawn(task);
        });
        while let Some(done) = set.join_next().await {
            assert!(done.is_ok());
        }
        assert!(flight.is_empty());
    }
}
