//! The one retry layer: few tries, capped waits with jitter, and what the provider asks for only as far as that goes.

use std::time::Duration;

use http::HeaderMap;
use pm33_ai::AiError;

use crate::Limits;

/// First wait; it doubles.
const FIRST: Duration = Duration::from_millis(500);

/// How long to wait before a call is made again; `None` when it is not to be.
pub(crate) fn wait(limits: &Limits, error: &AiError, tried: u32, waited: Duration) -> Option<Duration> {
    if !error.may_be_repeated() || tried >= limits.tries {
        return None;
    }
    let asked = match error {
        AiError::RateLimited { retry_after } | AiError::Overloaded { retry_after, .. } => *retry_after,
        _ => None,
    };
    let doubled = FIRST.saturating_mul(1 << tried.saturating_sub(1).min(10));
    let jitter = Duration::from_millis(rand::random_range(0..=250));
    let wait = asked.unwrap_or(doubled).saturating_add(jitter);
    // A provider that asks for longer than there is gets no second try: a hold is open meanwhile.
    (waited.saturating_add(wait) <= limits.waiting).then_some(wait)
}

/// What a `Retry-After` asks for, in seconds or as a date; a date is read against the answer's own `Date`.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(millis) = text("retry-after-ms").and_then(|text| text.parse::<u64>().ok()) {
        return Some(Duration::from_millis(millis));
    }
    let asked = text("retry-after")?;
    if let Ok(seconds) = asked.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text: &str| {
        let parser = jiff::fmt::rfc2822::DateTimeParser::new();
        parser.parse_timestamp(text).ok().map(jiff::Timestamp::as_second)
    };
    let seconds = date(asked)?.checked_sub(date(text("date")?)?)?;
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn seconds_milliseconds_and_dates_are_understood() {
        let of = |pairs: &[(&'static str, &'static str)]| retry_after(&headers(pairs));
        assert_eq!(of(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(of(&[("retry-after-ms", "250"), ("retry-after", "7")]), Some(Duration::from_millis(250)));
        let date = ("date", "Wed, 25 Nov 2026 10:00:00 GMT");
        assert_eq!(
            of(&[("retry-after", "Wed, 25 Nov 2026 10:00:09 GMT"), date]),
            Some(Duration::from_secs(9))
        );
        assert_eq!(of(&[("retry-after", "Wed, 25 Nov 2026 09:00:00 GMT"), date]), Some(Duration::ZERO));
        for odd in ["", "-1", "soon", "1.5", "99999999999999999999999"] {
            assert_eq!(of(&[("retry-after", odd), date]), None, "{odd}");
        }
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn an_hour_is_never_waited_for_and_tries_are_counted() {
        let limits = Limits::default();
        let limited = |seconds| AiError::RateLimited { retry_after: Some(Duration::from_secs(seconds)) };
        assert!(
            wait(&limits, &limited(3), 1, Duration::ZERO).is_some_and(|wait| wait >= Duration::from_secs(3))
        );
        assert_eq!(wait(&limits, &limited(3_600), 1, Duration::ZERO), None);
        assert_eq!(wait(&limits, &limited(3), 2, Duration::ZERO), None);
        assert_eq!(wait(&limits, &limited(3), 1, Duration::from_secs(18)), None);
        for error in [AiError::SpendLimit, AiError::Unauthorised, AiError::Cut { usage: None }] {
            assert_eq!(wait(&limits, &error, 1, Duration::ZERO), None, "{error}");
        }
    }
}
