//! Section `telemetry`: logs, and the export of metrics and traces.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Broken, in_range};

/// Logs, and the export of metrics and traces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetrySettings {
    /// Form of log lines on stderr.
    pub log_format: LogFormat,
    /// Which log lines: a level or `target=level` list, such as `info,pm33_store=debug`.
    pub log_filter: String,
    /// Base URL of an OpenTelemetry collector (OTLP over HTTP with protobuf), such as `http://127.0.0.1:4318`; absent:
    /// nothing is exported.
    pub otlp_endpoint: Option<String>,
    /// File with header fields for the collector, `Name: value` one a line; it may hold a secret. The standard variable
    /// `OTEL_EXPORTER_OTLP_HEADERS` is read too.
    pub otlp_headers_file: Option<PathBuf>,
    /// Name of this service in exported metrics and traces.
    pub service_name: String,
    /// Share of requests that are traced when their client has not decided: 0 to 1.
    pub sample_ratio: f64,
    /// Seconds between two exports: 1 to 3,600.
    pub export_seconds: u32,
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
            // A first start has many migrations to tell of; an upgrade is told by `doctor` and by the release.
            log_filter: "info,sea_orm_migration=warn".to_owned(),
            otlp_endpoint: None,
            otlp_headers_file: None,
            service_name: "pm33".to_owned(),
            sample_ratio: 1.0,
            export_seconds: 30,
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
        if let Some(url) = &self.otlp_endpoint {
            let uri = url.parse::<http::Uri>().ok();
            let scheme = uri.as_ref().and_then(http::Uri::scheme_str);
            if !matches!(scheme, Some("http" | "https")) || url.contains(['@', '?', '#']) {
                return Err(Broken::new(
                    "otlp_endpoint",
                    "…",
                    "must be a base URL such as http://127.0.0.1:4318, without a user or a query",
                ));
            }
        }
        if self.service_name.trim().is_empty() {
            return Err(Broken::new("service_name", &self.service_name, "must not be empty"));
        }
        if !(0.0..=1.0).contains(&self.sample_ratio) {
            return Err(Broken::new("sample_ratio", &self.sample_ratio, "must be 0 to 1"));
        }
        in_range("export_seconds", self.export_seconds.into(), 1, 3_600)
    }
}
