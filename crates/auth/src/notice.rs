//! When the coming end of a key is told: to the tenant 14, 7 and 1 days before, to its user in every answer of the last
//! 14 days (governance K5).

use std::time::Duration;

use crate::{Caller, KeyRecord};
use pm33_tenancy::Timestamp;

const DAY: Duration = Duration::from_hours(24);
/// How long before its end a credential's answers begin to say so.
const FORESEEN: Duration = Duration::from_hours(14 * 24);

/// When a caller's credential ends, if that is near enough to be told with every answer.
pub fn nearing_end(caller: &Caller, now: Timestamp) -> Option<Timestamp> {
    caller.expires.filter(|ends| ends.since(now) <= FORESEEN)
}

/// How many days before a key's end are to be told now: 14, 7 or 1, each once in a key's life. One that was missed, by a
/// server that did not run, is told late unless the next is due already. A key that lives no longer than that is not
/// told of.
pub fn expiry_notice(record: &KeyRecord, now: Timestamp) -> Option<u32> {
    let (ends, created) = (record.ends(), record.created);
    let left = ends.since(now);
    if record.revoked.is_some() || left.is_zero() {
        return None;
    }
    let is_due = |days: &u32| left <= DAY * *days && ends.since(created) > DAY * *days;
    let due = [1, 7, 14].into_iter().find(is_due)?;
    record.noticed.is_none_or(|told| told > due).then_some(due)
}
