//! Section `telemetry`: logs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Broken;

/// Logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetrySettings {
    /// Form of log lines on stderr.
    pub log_format: LogFormat,
    /// Which log lines: a level or `target=level` list, such as `info,pm33_store=debug`.
    pub log_filter: String,
}

/// Form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self { log_format: LogFormat::Text, log_filter: "info".to_owned() }
    }
}

impl TelemetrySettings {
    pub(super) fn validate(&self) -> Result<(), Broken> {
        if self.log_filter.parse::<tracing_subscriber::filter::Targets>().is_err() {
            return Err(Broken::new(
                "log_filter",
                &self.log_filter,
                "must be a level or a list such as info,pm33_store=debug",
            ));
        }
        Ok(())
    }
}
