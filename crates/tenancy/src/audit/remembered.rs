//! What was worked out lately: all calls of a user need the same pseudonym.

use std::{
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use crate::IdMap;

/// Values that are kept at most; then it begins anew.
const MOST: usize = 4_096;

/// Values by what they were made of.
pub(super) struct Remembered<K, V>(Mutex<IdMap<K, V>>);

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Copy + Eq + Hash, V: Clone> Remembered<K, V> {
    /// The value of a key, made when it is not known.
    pub(super) fn of(&self, key: K, make: impl FnOnce() -> V) -> V {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = known().get(&key) {
            return value.clone();
        }
        let value = make();
        let mut known = known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, value.clone());
        value
    }

    /// Forgets all of them.
    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_value_and_there_are_not_too_many() {
        let remembered = Remembered::<usize, usize>::default();
        for key in (0..3 * MOST).chain([1, 1]) {
            assert_eq!(remembered.of(key, || key + 1), key + 1);
        }
        assert_eq!(remembered.of(1, || 0), 2);
        assert!(remembered.0.lock().is_ok_and(|known| known.len() <= MOST));
        remembered.forget();
        assert!(remembered.0.lock().is_ok_and(|known| known.is_empty()));
    }
}
