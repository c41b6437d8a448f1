//! What a listener counts of itself: open connections, open event streams, refusals by kind.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// Counts of one listener; made by whoever composes the server, to be read at any time.
#[derive(Debug, Default)]
pub struct HttpCounts {
    connections: AtomicU64,
    streams: AtomicU64,
    /// By reason; reasons are words of the program, so there are few.
    refusals: Mutex<BTreeMap<&'static str, u64>>,
}

impl HttpCounts {
    /// Open connections.
    pub fn connections(&self) -> u64 {
        self.connections.load(Relaxed)
    }

    /// Open event streams.
    pub fn streams(&self) -> u64 {
        self.streams.load(Relaxed)
    }

    /// Requests that were refused before the engine saw them (credentials, origins, plain HTTP), by reason.
    pub fn refusals(&self) -> BTreeMap<&'static str, u64> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn refused(&self, reason: &'static str) {
        *self.refusals.lock().unwrap_or_else(PoisonError::into_inner).entry(reason).or_default() += 1;
    }

    /// Counts a connection as open until the value is dropped.
    pub(crate) fn connection(self: &Arc<Self>) -> Open {
        Open::new(Arc::clone(self), |counts| &counts.connections)
    }

    /// Counts an event stream as open until the value is dropped.
    pub(crate) fn stream(self: &Arc<Self>) -> Open {
        Open::new(Arc::clone(self), |counts| &counts.streams)
    }
}

/// Something that is open and counted.
pub(crate) struct Open {
    counts: Arc<HttpCounts>,
    which: fn(&HttpCounts) -> &AtomicU64,
}

impl Open {
    fn new(counts: Arc<HttpCounts>, which: fn(&HttpCounts) -> &AtomicU64) -> Self {
        which(&counts).fetch_add(1, Relaxed);
        Self { counts, which }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        (self.which)(&self.counts).fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::HttpCounts;

    #[test]
    fn what_is_open_is_counted_until_it_ends() {
        let counts = Arc::new(HttpCounts::default());
        let (first, second) = (counts.connection(), counts.connection());
        let stream = counts.stream();
        assert_eq!((counts.connections(), counts.streams()), (2, 1));
        drop((first, stream));
        assert_eq!((counts.connections(), counts.streams()), (1, 0));
        drop(second);
        counts.refused("absent");
        counts.refused("absent");
        assert_eq!(counts.refusals().into_iter().collect::<Vec<_>>(), [("absent", 2)]);
    }
}
