//! Section `privacy`: what the policy at `/privacy` says of this deployment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Broken;

/// The policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PrivacySettings {
    /// Who answers for the service, as the policy names it.
    pub operator: String,
    /// Where privacy inquiries go: an address of mail or of a page. Without it the policy says that none is set, and
    /// `pm33-admin privacy verify` fails.
    pub contact: Option<String>,
    /// Version of the policy, such as `1.0`: letters, digits, dots and dashes.
    pub version: String,
    /// The day from which this version holds, such as `2026-12-01`.
    pub effective: Option<String>,
}

impl Default for PrivacySettings {
    fn default() -> Self {
        Self {
            operator: "The operator of this server".to_owned(),
            contact: None,
            version: "1.0".to_owned(),
            effective: None,
        }
    }
}

impl PrivacySettings {
    pub(super) fn validate(&self) -> Result<(), Broken> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if self.version.is_empty()
            || self.version.len() > 32
            || !self.version.chars().all(is_word)
            || self.version.starts_with('.')
        {
            return Err(Broken::new(
                "version",
                &self.version,
                "must be 1 to 32 letters, digits, dots and dashes, not beginning with a dot",
            ));
        }
        if let Some(day) = &self.effective
            && day.parse::<jiff::civil::Date>().is_err()
        {
            return Err(Broken::new("effective", day, "must be a day such as 2026-12-01"));
        }
        Ok(())
    }
}
