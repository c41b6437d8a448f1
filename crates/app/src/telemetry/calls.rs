//! Each request as a measurement and, where spans are exported, as a span: by OpenTelemetry's conventions for MCP
//! (semantic-conventions-genai, `docs/gen-ai/mcp.md`), and never with what a client sent.

use opentelemetry::{
    KeyValue,
    metrics::{Counter, Histogram, Meter},
    trace::TracerProvider,
};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use pm33_mcp::{Finished, Watcher};
use pm33_tenancy::{LimitVerdict, Outcome};

use super::traces;

/// Upper bounds of the duration's buckets, in seconds.
const BOUNDS: [f64; 18] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
    10.0, 30.0, 300.0,
];

/// The instruments of requests.
pub(super) struct Calls {
    duration: Histogram<f64>,
    denials: Counter<u64>,
    tracer: Option<SdkTracer>,
}

impl Calls {
    /// Makes the instruments.
    pub(super) fn new(meter: &Meter, spans: Option<&SdkTracerProvider>) -> Self {
        Self {
            duration: meter
                .f64_histogram("mcp.server.operation.duration")
                .with_unit("s")
                .with_description("From the arrival of a request until its answer is ready to leave.")
                .with_boundaries(BOUNDS.to_vec())
                .build(),
            denials: meter
                .u64_counter("pm33.limit.denials")
                .with_description("Requests refused by a rate limit, by whose limit it was.")
                .build(),
            tracer: spans.map(|spans| spans.tracer("pm33")),
        }
    }
}

/// The convention's `error.type`; `None` for a success.
pub(super) fn error_type(finished: &Finished<'_>) -> Option<&'static str> {
    match finished.outcome {
        Outcome::Done | Outcome::Replayed => None,
        _ => Some(finished.code),
    }
}

impl Watcher for Calls {
    fn finished(&self, finished: &Finished<'_>) {
        // Words of the program on the stack: nothing is allocated here once a combination of labels was seen.
        let labels = [
            KeyValue::new("mcp.method.name", finished.method),
            KeyValue::new("gen_ai.tool.name", finished.tool.unwrap_or("")),
            KeyValue::new("pm33.outcome", finished.outcome.as_str()),
            KeyValue::new("error.type", error_type(finished).unwrap_or("")),
        ];
        self.duration.record(finished.took.as_secs_f64(), &labels);
        let scope = match finished.limit {
            LimitVerdict::KeyExceeded => Some("key"),
            LimitVerdict::TenantExceeded => Some("tenant"),
            _ => None,
        };
        if let Some(scope) = scope {
            self.denials.add(1, &[KeyValue::new("scope", scope)]);
        }
        if let Some(tracer) = &self.tracer {
            traces::record(tracer, finished);
        }
    }
}
