//! Idempotency: the first answer again for the same key and arguments, also after a crash.

use async_trait::async_trait;
use pm33_tenancy::{Digest, TenantId, Timestamp};

use crate::AdmissionError;

/// What an idempotency key is unique in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReplayScope {
    /// The tenant.
    pub tenant: TenantId,
    /// The key or user (`Caller::principal`).
    pub principal: String,
    /// The tool.
    pub tool: String,
    /// What the client sent, 1 to 128 visible ASCII characters.
    pub key: String,
}

/// A finished call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Digest of the arguments without the key itself.
    pub arguments: Digest,
    /// The answer, as the tool's outcome in JSON.
    pub answer: String,
    /// When it was given.
    pub at: Timestamp,
    /// When it may be forgotten.
    pub expires: Timestamp,
}

impl Remembered {
    /// The answer to give again.
    ///
    /// # Errors
    /// [`AdmissionError::OtherArguments`] when the arguments differ.
    pub fn replay(self, arguments: &Digest) -> Result<String, AdmissionError> {
        if self.arguments == *arguments { Ok(self.answer) } else { Err(AdmissionError::OtherArguments) }
    }
}

/// Finished calls by key. `record` joins the session's unit of work, so answer and effect are one.
#[async_trait]
pub trait IdempotencyStore: Send + Sync {
    /// Finds a finished call.
    async fn find(&self, scope: &ReplayScope) -> Result<Option<Remembered>, AdmissionError>;
    /// Remembers this call's answer; [`AdmissionError::RecordedMeanwhile`] when another was first.
    async fn record(&self, scope: &ReplayScope, call: &Remembered) -> Result<(), AdmissionError>;
    /// Writes a record anew that is there, and makes none; whether it was there. Joins the unit of work.
    async fn renew(&self, scope: &ReplayScope, call: &Remembered) -> Result<bool, AdmissionError>;
    /// A number that grows with every change of a tenant's workspaces.
    async fn data_version(&self, tenant: TenantId) -> Result<i64, AdmissionError>;
    /// Forgets up to `most` expired records of a tenant; how many.
    async fn forget_expired(
        &self,
        tenant: TenantId,
        now: Timestamp,
        most: u64,
    ) -> Result<u64, AdmissionError>;
}

/// Checks the form of an idempotency key.
///
/// # Errors
/// [`AdmissionError::MalformedKey`] unless it is 1 to 128 visible ASCII characters.
pub fn check_key(key: &str) -> Result<(), AdmissionError> {
    if (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(AdmissionError::MalformedKey)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_arguments_are_an_error_and_the_same_give_the_first_answer() {
        let call = Remembered {
            arguments: Digest([1; 32]),
            answer: "{\"id\":1}".to_owned(),
            at: Timestamp::from_micros(0),
            expires: Timestamp::from_micros(1),
        };
        assert!(call.clone().replay(&Digest([1; 32])).is_ok_and(|answer| answer == call.answer));
        assert!(matches!(call.replay(&Digest([2; 32])), Err(AdmissionError::OtherArguments)));
    }

    proptest! {
        #[test]
        fn a_key_is_1_to_128_visible_characters(key in "[!-~]{0,140}") {
            prop_assert_eq!(check_key(&key).is_ok(), (1..=128).contains(&key.len()));
        }

        #[test]
        fn a_key_holds_no_other_character(before in "[!-~]{0,60}", other in "[^!-~]", after in "[!-~]{0,60}") {
            let key = before + &other + &after;
            prop_assert!(check_key(&key).is_err());
        }
    }
}
