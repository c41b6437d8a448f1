//! The memory of keys under many orders of its steps: `memory.rs` once more, over atomics and a cache that shuttle takes
//! the turns of.

use std::sync::Arc;

use pm33_tenancy::Digest;
use shuttle::{sync::Mutex, thread};

use memory::{Answer, Memory};
use sync::Cache;

mod sync {
    pub(crate) use shuttle::sync::atomic::{AtomicI64, AtomicU64, Ordering};

    /// As much of moka's cache as is used; each of its steps is a turn.
    pub(crate) struct Cache<K, V>(shuttle::sync::Mutex<Vec<(K, V)>>);

    impl<K: PartialEq, V: Clone> Cache<K, V> {
        pub(crate) fn new() -> Self {
            Self(shuttle::sync::Mutex::new(Vec::new()))
        }

        fn entries(&self) -> shuttle::sync::MutexGuard<'_, Vec<(K, V)>> {
            self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
        }

        pub(crate) fn get(&self, key: &K) -> Option<V> {
            self.entries().iter().find(|(known, _)| known == key).map(|(_, value)| value.clone())
        }

        pub(crate) fn insert(&self, key: K, value: V) {
            let mut entries = self.entries();
            entries.retain(|(known, _)| *known != key);
            entries.push((key, value));
        }

        pub(crate) fn invalidate_all(&self) {
            self.entries().clear();
        }
    }
}

#[path = "memory.rs"]
#[expect(dead_code, clippy::duplicate_mod, reason = "the same lines over what can be ordered")]
mod memory;

const KEY: Digest = Digest([1; 32]);

/// What the store says of the key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    Revoked,
}

/// A process's memory before a store of one key.
struct House {
    memory: Memory<()>,
    /// The key's state and the epoch: both change in one commit.
    stored: Mutex<(State, i64)>,
}

impl House {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            memory: Memory::new(Cache::new(), Cache::new()),
            stored: Mutex::new((State::Good, 7)),
        })
    }

    fn stored(&self) -> (State, i64) {
        *self.stored.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Changes the key as any process does.
    fn commit(&self, state: State) {
        let mut stored = self.stored.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *stored = (state, stored.1 + 1);
    }

    /// One try of a look-up; `None` when keys changed meanwhile.
    fn look_up(&self) -> Option<bool> {
        let mark = self.memory.mark();
        let answer = if self.stored().0 == State::Revoked {
            Answer::Refused("revoked")
        } else {
            Answer::Verified(Arc::new(()))
        };
        if !self.memory.stands(mark) {
            return None;
        }
        self.memory.keep(KEY, &answer, mark);
        Some(matches!(answer, Answer::Verified(_)))
    }

    /// Whether the key passes, as the verifier finds it while its memory is fresh.
    fn passes(&self) -> Option<bool> {
        match self.memory.recall(&KEY) {
            Some(answer) => Some(matches!(answer, Answer::Verified(_))),
            None => self.look_up(),
        }
    }

    /// The same when the memory is no longer fresh.
    fn passes_anew(&self) -> Option<bool> {
        let (_, epoch) = self.stored();
        self.memory.note_epoch(epoch, 1);
        self.passes()
    }
}

/// There are too many orders for all of them: those with few changes of turn, where such faults lie, and any.
fn in_many_orders(case: impl Fn() + Clone + Send + Sync + 'static) {
    shuttle::check_pct(case.clone(), 1_000, 3);
    shuttle::check_random(case, 1_000);
}

#[test]
fn a_look_up_beside_a_revocation_leaves_nothing_that_passes_after_it() {
    in_many_orders(|| {
        let house = House::new();
        let call = thread::spawn({
            let house = Arc::clone(&house);
            move || house.passes()
        });
        house.commit(State::Revoked);
        house.memory.forget();
        // It is told; the call may still be on its way.
        assert_ne!(house.passes(), Some(true), "beside the call");
        assert!(call.join().is_ok());
        assert_ne!(house.passes(), Some(true), "after the call");
    });
}

#[test]
fn a_look_up_beside_the_end_of_a_suspension_leaves_nothing_that_is_refused_after_it() {
    in_many_orders(|| {
        let house = House::new();
        house.commit(State::Revoked);
        let call = thread::spawn({
            let house = Arc::clone(&house);
            move || house.passes()
        });
        house.commit(State::Good);
        house.memory.forget();
        assert_ne!(house.passes(), Some(false), "beside the call");
        assert!(call.join().is_ok());
        assert_ne!(house.passes(), Some(false), "after the call");
    });
}

#[test]
fn whoever_asks_for_the_epoch_after_another_process_revoked_is_not_answered_from_before_it() {
    in_many_orders(|| {
        let house = House::new();
        assert_eq!(house.passes_anew(), Some(true));
        // Another process; this one learns of it by the epoch alone, from two calls at once.
        house.commit(State::Revoked);
        let call = thread::spawn({
            let house = Arc::clone(&house);
            move || house.passes_anew()
        });
        assert_ne!(house.passes_anew(), Some(true));
        assert!(call.join().is_ok_and(|passes| passes != Some(true)));
    });
}

#[test]
fn three_that_look_up_refresh_and_revoke_at_once_agree_in_the_end() {
    in_many_orders(|| {
        let house = House::new();
        let calls: Vec<_> = (0..2)
            .map(|_| {
                let house = Arc::clone(&house);
                thread::spawn(move || (house.passes_anew(), house.passes()))
            })
            .collect();
        house.commit(State::Revoked);
        house.memory.forget();
        assert_ne!(house.passes(), Some(true));
        for call in calls {
            assert!(call.join().is_ok());
        }
        assert_ne!(house.passes(), Some(true));
        assert_ne!(house.passes_anew(), Some(true));
    });
}
