//! The security log for what has no tenant: refused credentials, foreign origins, plain HTTP. One line for each kind of
//! refusal and second at most, with how many it stands for; never a key, and of an address only its neighbourhood.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::Cidr;

/// Shortest time between two lines of one kind.
const EVERY: Duration = Duration::from_secs(1);

/// Counts refusals and tells of them.
#[derive(Debug, Default)]
pub(crate) struct SecurityLog {
    /// By reason; reasons are words of the program, so there are few.
    kinds: Mutex<HashMap<&'static str, Kind>>,
}

#[derive(Debug, Default)]
struct Kind {
    /// Monotonic time of the last line.
    told: Option<Duration>,
    /// Refusals since then.
    untold: u64,
}

impl SecurityLog {
    /// Notes a refusal. `now` is monotonic.
    pub(crate) fn refused(&self, reason: &'static str, from: IpAddr, now: Duration) {
        let Some(count) = self.count(reason, now) else { return };
        let prefix = Cidr::around(from, if from.to_canonical().is_ipv4() { 24 } else { 48 });
        tracing::event!(
            target: "pm33::security",
            tracing::Level::WARN,
            refusal.reason = reason,
            refusal.count = count,
            client.network = %prefix,
            "requests refused"
        );
    }

    /// How many refusals a line stands for that is to be written now.
    fn count(&self, reason: &'static str, now: Duration) -> Option<u64> {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = kinds.entry(reason).or_default();
        kind.untold += 1;
        if kind.told.is_some_and(|told| now.saturating_sub(told) < EVERY) {
            return None;
        }
        kind.told = Some(now);
        Some(std::mem::take(&mut kind.untold))
    }

    /// Tells what no line has told yet.
    pub(crate) fn flush(&self) {
        for (reason, kind) in self.kinds.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            let count = std::mem::take(&mut kind.untold);
            if count > 0 {
                tracing::event!(target: "pm33::security", tracing::Level::WARN, refusal.reason = reason, refusal.count = count, "requests refused");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::SecurityLog;

    #[test]
    fn a_flood_makes_one_line_a_second_and_loses_no_count() {
        let log = SecurityLog::default();
        let at = |millis| log.count("malformed", Duration::from_millis(millis));
        let told: Vec<u64> = (0..=3_000).filter_map(at).collect();
        assert_eq!(told, [1, 1_000, 1_000, 1_000]);
        assert_eq!(log.count("absent", Duration::ZERO), Some(1));
    }
}
