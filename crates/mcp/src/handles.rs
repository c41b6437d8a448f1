//! Opaque handles for one caller: the sealer's, bound to tenant and principal. A handle is a session of the newer
//! revisions: it ends when it was not used for as long as the tenant lets a session idle, by the tenant's setting of now,
//! and each answer that goes on gives a fresh one.

use std::{borrow::Cow, sync::Arc, time::Duration};

use pm33_auth::{AuthError, Caller, Sealer};
use pm33_tenancy::Timestamp;
use pm33_tools::{Handles, ToolError};

/// Bytes before the payload: when the handle was given.
const GIVEN: usize = 8;

/// Handles of one caller.
pub(crate) struct CallerHandles<'a> {
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) tenant: [u8; 16],
    pub(crate) principal: Cow<'a, str>,
    pub(crate) now: Timestamp,
    /// Longest life of any handle for this purpose.
    life: Duration,
    /// How long one may lie unused.
    idle: Duration,
}

impl<'a> CallerHandles<'a> {
    pub(crate) fn new(sealer: Arc<Sealer>, caller: &'a Caller, now: Timestamp, life: Duration) -> Self {
        Self {
            sealer,
            tenant: *caller.tenant.uuid().as_bytes(),
            principal: caller.principal(),
            now,
            life,
            idle: life.min(caller.settings.session_idle),
        }
    }
}

impl Handles for CallerHandles<'_> {
    fn seal(&self, purpose: &'static str, binding: &[u8], payload: &[u8]) -> String {
        let binding = [&self.tenant[..], self.principal.as_bytes(), binding];
        let given = [&self.now.micros().to_be_bytes(), payload].concat();
        self.sealer.seal(purpose, &binding, &given, self.now.plus(self.life))
    }

    fn open(&self, purpose: &'static str, binding: &[u8], handle: &str) -> Result<Vec<u8>, ToolError> {
        let binding = [&self.tenant[..], self.principal.as_bytes(), binding];
        let mut opened = self.sealer.open(purpose, &binding, handle, self.now)?;
        let Some(given) = opened.first_chunk::<GIVEN>() else { return Err(AuthError::BadHandle.into()) };
        let given = Timestamp::from_micros(i64::from_be_bytes(*given));
        if self.now.since(given) >= self.idle {
            return Err(AuthError::ExpiredHandle.into());
        }
        Ok(opened.split_off(GIVEN))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretBox;

    use super::*;

    fn handles(
        now: Timestamp,
        idle: Duration,
        life: Duration,
        principal: &str,
    ) -> Option<CallerHandles<'static>> {
        let sealer = Arc::new(Sealer::new(&[SecretBox::new(Box::new([3; 32]))])?);
        let principal = principal.to_owned().into();
        Some(CallerHandles { sealer, tenant: [1; 16], principal, now, life, idle: life.min(idle) })
    }

    #[test]
    fn a_handle_ends_by_idleness_of_now_and_is_anothers_for_nobody() {
        let minutes = |count: u64| Duration::from_mins(count);
        let start = Timestamp::from_micros(1_000_000_000);
        let at = |after: Duration, idle: Duration, principal: &str| {
            let given =
                handles(start, minutes(30), minutes(600), "k").map(|own| own.seal("p", b"b", b"payload"));
            let own = handles(start.plus(after), idle, minutes(600), principal);
            own.zip(given).map(|(own, given)| own.open("p", b"b", &given))
        };
        assert!(matches!(at(minutes(29), minutes(30), "k"), Some(Ok(payload)) if payload == b"payload"));
        let told = |found: Option<Result<Vec<u8>, ToolError>>| match found {
            Some(Err(error)) => error.to_string(),
            _ => String::new(),
        };
        assert!(told(at(minutes(30), minutes(30), "k")).contains("expired"));
        // A shorter time that was set since holds for what was given before, and so does a longer one.
        assert!(told(at(minutes(5), minutes(5), "k")).contains("expired"));
        assert!(matches!(at(minutes(31), minutes(60), "k"), Some(Ok(_))));
        // Another principal's reads like none at all, whenever it comes.
        let foreign = told(at(minutes(1), minutes(30), "other"));
        assert!(
            !foreign.contains("expired") && foreign == told(at(minutes(31), minutes(30), "other")),
            "{foreign}"
        );
    }
}
