//! Spans of requests: made at a request's end, under the trace that its client sent.

use std::time::{Duration, SystemTime};

use opentelemetry::{
    Context, KeyValue,
    propagation::{Extractor, TextMapPropagator},
    trace::{Span, SpanKind, Status, Tracer},
};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider},
};
use pm33_mcp::Finished;
use pm33_protocol::methods;
use pm33_tenancy::Timestamp;

use super::calls::error_type;
use crate::TelemetrySettings;

/// Makes the provider: batched, sampled as the client's trace is or else by the ratio.
pub(super) fn provider(
    exporter: SpanExporter,
    settings: &TelemetrySettings,
    resource: Resource,
) -> SdkTracerProvider {
    let every = Duration::from_secs(settings.export_seconds.into());
    let config = BatchConfigBuilder::default().with_scheduled_delay(every).build();
    SdkTracerProvider::builder()
        .with_span_processor(BatchSpanProcessor::builder(exporter).with_batch_config(config).build())
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.sample_ratio))))
        .with_resource(resource)
        .build()
}

/// The trace context of a request.
struct Sent<'a>(&'a Finished<'a>);

impl Extractor for Sent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => self.0.traceparent,
            "tracestate" => self.0.tracestate,
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}

fn time(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(at.micros()).unwrap_or(0))
}

/// Records a finished request as a span.
pub(super) fn record(tracer: &SdkTracer, finished: &Finished<'_>) {
    let parent = TraceContextPropagator::new().extract_with_context(&Context::new(), &Sent(finished));
    let mut attributes = vec![
        KeyValue::new("mcp.method.name", finished.method),
        KeyValue::new("mcp.protocol.version", finished.revision),
        KeyValue::new("network.transport", finished.transport),
        KeyValue::new("pm33.outcome", finished.outcome.as_str()),
        KeyValue::new("pm33.correlation_id", finished.correlation.to_string()),
    ];
    let mut name = finished.method.to_owned();
    if let Some(tool) = finished.tool {
        name = format!("{name} {tool}");
        attributes.push(KeyValue::new("gen_ai.tool.name", tool));
    }
    if finished.method == methods::TOOLS_CALL {
        attributes.push(KeyValue::new("gen_ai.operation.name", "execute_tool"));
    }
    let error = error_type(finished);
    attributes.extend(error.map(|code| KeyValue::new("error.type", code)));
    let mut span = tracer
        .span_builder(name)
        .with_kind(SpanKind::Server)
        .with_start_time(time(finished.began))
        .with_attributes(attributes)
        .start_with_context(tracer, &parent);
    if let Some(code) = error {
        span.set_status(Status::error(code));
    }
    span.end_with_timestamp(time(finished.began.plus(finished.took)));
}
