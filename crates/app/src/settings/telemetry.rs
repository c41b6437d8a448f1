//! Section `telemetry`: logs, traces and metrics.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Broken;

/// Logs, traces and metrics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetrySettings {
    /// Form of log lines on stderr.
    pub log_format: LogFormat,
    /// Which log lines: a level or `target=level` list, such as `info,pm33_store=debug`.
    pub log_filter: String,
    /// Base URL of an OTLP/HTTP collector for traces and metrics (`http://127.0.0.1:4318`); absent: none.
    pub otlp_endpoint: Option<String>,
    /// Service name in traces and metrics.
    pub service_name: String,
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
        Self {
            log_format: LogFormat::Text,
            log_filter: "info".to_owned(),
            otlp_endpoint: None,
            service_name: "pm33".to_owned(),
        }
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
        match &self.otlp_endpoint {
            Some(url) if !url.starts_with("http://") && !url.starts_with("https://") => {
                Err(Broken::new("otlp_endpoint", url, "must be an http:// or https:// base URL"))
            }
            _ => Ok(()),
        }
    }
}
