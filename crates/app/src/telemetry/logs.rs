//! Logs on stderr: a line a record, for people or as JSON.

use tracing_subscriber::{Layer, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{LogFormat, TelemetrySettings};

/// Installs the process's log subscriber; for binaries, once.
pub fn log_to_stderr(settings: &TelemetrySettings) {
    let targets: Targets = settings.log_filter.parse().unwrap_or_default();
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let layer = match settings.log_format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().boxed(),
    };
    // A second subscriber in one process is a test's; the first one stays.
    let _ = tracing_subscriber::registry().with(layer.with_filter(targets)).try_init();
}
