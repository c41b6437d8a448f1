//! Saved forecasts: what was asked, what it was computed from and what was answered, kept as it was.

use pm33_tenancy::{Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ForecastId, ProductError};

/// Longest name.
const NAME_MAX: usize = 200;

/// A forecast that was kept; it never changes. What planning wrote stands in texts of JSON, which only planning reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SavedForecast {
    /// Identifier.
    pub id: ForecastId,
    /// Name, unique in the workspace ignoring case; 1 to 200 characters.
    pub name: String,
    /// When it was saved.
    pub saved: Timestamp,
    /// The time of its data.
    pub as_of: Timestamp,
    /// Who saved it.
    pub author: Option<UserId>,
    /// What was asked, and about which items and teams.
    pub question: String,
    /// What the answer is computed from: counts, windows, maps, seed.
    pub recipe: String,
    /// What was answered.
    pub answer: String,
}

impl SavedForecast {
    /// Checks the name.
    ///
    /// # Errors
    /// [`ProductError::Invalid`] when it is empty or too long.
    pub fn check(&self) -> Result<(), ProductError> {
        let length = self.name.trim().chars().count();
        if length == 0 || length > NAME_MAX {
            return Err(ProductError::invalid("name", format!("must have 1 to {NAME_MAX} characters")));
        }
        Ok(())
    }
}
