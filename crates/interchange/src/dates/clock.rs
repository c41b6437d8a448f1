//! A time of day, with the offset where it is told.

use jiff::{civil::Time, tz::Offset};

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) time: Time,
    pub(super) offset: Option<Offset>,
}

/// Reads `9:15`, `09:15:00.250+0200`, `9:15 AM`, `09:15:00 GMT+0100`.
pub(super) fn read(words: &[&str]) -> Option<Clock> {
    let joined = words.concat().to_ascii_uppercase();
    let digits = joined.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(joined.len());
    let (time, rest) = joined.split_at(digits);
    let mut parts = time.split(':');
    let hour: i8 = parts.next()?.parse().ok()?;
    let minute: i8 = parts.next().filter(|part| part.len() == 2)?.parse().ok()?;
    let (second, nanos) = match parts.next() {
        None => (0, 0),
        Some(seconds) => {
            let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
            (whole.parse().ok()?, nanos(fraction)?)
        }
    };
    if parts.next().is_some() {
        return None;
    }
    let (hour, rest) = if let Some(rest) = rest.strip_prefix("AM") {
        ((1..=12).contains(&hour).then_some(hour % 12)?, rest)
    } else if let Some(rest) = rest.strip_prefix("PM") {
        ((1..=12).contains(&hour).then_some(hour % 12 + 12)?, rest)
    } else {
        (hour, rest)
    };
    Some(Clock { time: Time::new(hour, minute, second, nanos).ok()?, offset: offset(rest)? })
}

fn nanos(fraction: &str) -> Option<i32> {
    if fraction.len() > 9 {
        return nanos(&fraction[..9]);
    }
    format!("{fraction:0<9}").parse().ok()
}

/// The outer `None`: not an offset at all.
#[expect(clippy::option_option, reason = "three answers are meant: no offset, none told, this one")]
fn offset(text: &str) -> Option<Option<Offset>> {
    let rest = text.trim_start_matches("UTC").trim_start_matches("GMT");
    if rest.is_empty() {
        return Some((!text.is_empty()).then_some(Offset::UTC));
    }
    if rest == "Z" {
        return Some(Some(Offset::UTC));
    }
    let (sign, digits) =
        rest.strip_prefix('+').map(|digits| (1, digits)).or_else(|| Some((-1, rest.strip_prefix('-')?)))?;
    let digits = digits.replace(':', "");
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = if digits.len() == 4 { digits[2..].parse().ok()? } else { 0 };
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60))
        .ok()
        .filter(|_| hours <= 14 && minutes < 60)
        .map(Some)
}
