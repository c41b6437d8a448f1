//! Section `ai`: what AI calls cost.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// AI calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AiSettings {
    /// File with prices of one's own (TOML, as the shipped `crates/billing/prices.toml`); its rows go over the shipped ones.
    pub prices_file: Option<PathBuf>,
}
