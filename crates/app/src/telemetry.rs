//! Telemetry of a process: logs, metrics and traces. The libraries say what happens (`tracing`, the engine's watcher,
//! counts of their own); this module is the one place that gives it a form and sends it anywhere.

mod calls;
mod http_client;
mod logs;
mod meters;
mod otlp;
mod traces;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::{
    Resource,
    metrics::{PeriodicReader, SdkMeterProvider},
    trace::SdkTracerProvider,
};
use pm33_mcp::Watcher;

pub use logs::log_to_stderr;
pub(crate) use meters::Sources;

use crate::TelemetrySettings;
use calls::Calls;

/// Longest wait for what is still to be sent when the process ends.
const FLUSH: Duration = Duration::from_secs(5);

/// Why telemetry cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The file with header fields cannot be used.
    #[error("telemetry.otlp_headers_file: {path}: {why}")]
    Headers {
        /// The file.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// The exporter cannot be made.
    #[error("telemetry.otlp_endpoint: the exporter cannot be made")]
    Exporter(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Metrics and traces of a process: nothing until it is started, and then only what the settings ask for.
#[derive(Default)]
pub struct Telemetry(OnceLock<Running>);

/// Whether the process serves `/metrics`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scraped {
    /// A listener is set.
    Yes,
    /// Nobody scrapes.
    No,
}

struct Running {
    meters: SdkMeterProvider,
    spans: Option<SdkTracerProvider>,
    registry: prometheus::Registry,
    calls: Arc<Calls>,
}

impl Telemetry {
    /// Starts what the settings ask for; without an exporter and a scraper that is nothing, and costs nothing.
    ///
    /// # Errors
    /// When the exporter cannot be made.
    pub(crate) fn start(&self, settings: &TelemetrySettings, scraped: Scraped) -> Result<(), TelemetryError> {
        if settings.otlp_endpoint.is_none() && scraped == Scraped::No {
            return Ok(());
        }
        let resource = Resource::builder_empty()
            .with_service_name(settings.service_name.clone())
            .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let registry = prometheus::Registry::new();
        let mut meters = SdkMeterProvider::builder().with_resource(resource.clone());
        if scraped == Scraped::Yes {
            let reader = opentelemetry_prometheus::exporter().with_registry(registry.clone());
            let reader = reader.build().map_err(|error| TelemetryError::Exporter(error.into()))?;
            meters = meters.with_reader(reader);
        }
        let mut spans = None;
        if let Some(endpoint) = &settings.otlp_endpoint {
            let exporters = otlp::exporters(endpoint, settings)?;
            let interval = Duration::from_secs(settings.export_seconds.into());
            let reader = PeriodicReader::builder(exporters.metrics).with_interval(interval).build();
            meters = meters.with_reader(reader);
            spans = Some(traces::provider(exporters.spans, settings, resource));
        }
        let meters = meters.build();
        let calls = Arc::new(Calls::new(&meters.meter("pm33"), spans.as_ref()));
        // Started once in a process; a second start changes nothing.
        let _ = self.0.set(Running { meters, spans, registry, calls });
        Ok(())
    }

    /// Who is to be told of each request, when anything is measured.
    pub(crate) fn watcher(&self) -> Option<Arc<dyn Watcher>> {
        self.0.get().map(|running| Arc::clone(&running.calls) as _)
    }

    /// Reads the parts' own counts whenever metrics are collected.
    pub(crate) fn observe(&self, sources: &Sources) {
        if let Some(running) = self.0.get() {
            meters::observe(&running.meters.meter("pm33"), sources);
        }
    }

    /// The metrics in Prometheus' text form.
    pub(crate) fn metrics(&self) -> String {
        let Some(running) = self.0.get() else { return String::new() };
        let mut text = String::new();
        if let Err(error) = prometheus::TextEncoder::new().encode_utf8(&running.registry.gather(), &mut text)
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "the metrics could not be written");
        }
        text
    }

    /// Sends what is still to be sent. It may wait for the network: not for a runtime's thread.
    pub(crate) fn flush(&self) {
        let Some(running) = self.0.get() else { return };
        let spans = running.spans.as_ref().map_or(Ok(()), |spans| spans.shutdown_with_timeout(FLUSH));
        for ended in [spans, running.meters.shutdown_with_timeout(FLUSH)] {
            if let Err(error) = ended {
                tracing::warn!(error = &error as &dyn std::error::Error, "telemetry was not sent to its end");
            }
        }
    }
}
