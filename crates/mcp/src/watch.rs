//! What a watcher of the server is told of each request, at its end: words of the program and times, never arguments,
//! keys or anything that a client chose.

use std::{sync::Arc, time::Duration};

use pm33_protocol::{Revision, methods};
use pm33_tenancy::{AuditText, CorrelationId, LimitVerdict, Outcome, Timestamp};

use crate::{
    request::{Place, Request},
    server::Core,
};

/// Watches requests, for metrics and traces. It is called on the runtime's threads and must not block.
pub trait Watcher: Send + Sync {
    /// A request was answered.
    fn finished(&self, request: &Finished<'_>);
}

/// A request that was answered. Every word comes from a closed set, so that it may label a metric.
#[derive(Debug)]
pub struct Finished<'a> {
    /// The method, or `unknown`.
    pub method: &'static str,
    /// The tool that was called, where there is such a tool.
    pub tool: Option<&'static str>,
    /// The protocol's revision.
    pub revision: &'static str,
    /// `tcp` or `pipe`.
    pub transport: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// The reason word of the audit row; `ok` for a success.
    pub code: &'static str,
    /// What the limiter said.
    pub limit: LimitVerdict,
    /// When it began.
    pub began: Timestamp,
    /// How long it took until its answer was ready to leave.
    pub took: Duration,
    /// Its identifier.
    pub correlation: CorrelationId,
    /// The W3C trace parent that came with it, not checked: of its metadata, else of its header.
    pub traceparent: Option<&'a str>,
    /// The W3C trace state beside it, not checked.
    pub tracestate: Option<&'a str>,
}

/// What is kept of a request until its end.
pub(crate) struct Watched {
    method: &'static str,
    tool: Option<&'static str>,
    revision: Revision,
    place: Place,
    limit: LimitVerdict,
    began: Timestamp,
    started: Duration,
    correlation: CorrelationId,
    traceparent: Option<Arc<str>>,
    tracestate: Option<String>,
}

impl Watched {
    /// A request at its end, if anybody watches or reads the log that closely.
    pub(crate) fn new(core: &Core, request: &mut Request, started: Duration) -> Option<Self> {
        if core.watcher.is_none() && !tracing::enabled!(tracing::Level::DEBUG) {
            return None;
        }
        let record = &request.record;
        let tool = match &record.target {
            Some(AuditText::Word(name)) if record.method == methods::TOOLS_CALL => Some(*name),
            _ => None,
        };
        Some(Self {
            method: record.method,
            tool,
            revision: request.revision,
            place: request.place,
            limit: record.limit,
            began: request.now,
            started,
            correlation: record.correlation,
            traceparent: record.traceparent.clone(),
            tracestate: request.meta.tracestate.take(),
        })
    }

    /// Tells the watcher and the log.
    pub(crate) fn tell(self, core: &Core, outcome: Outcome, code: &'static str) {
        let finished = Finished {
            method: self.method,
            tool: self.tool,
            revision: self.revision.as_str(),
            transport: if self.place == Place::Http { "tcp" } else { "pipe" },
            outcome,
            code,
            limit: self.limit,
            began: self.began,
            took: core.clock.monotonic().saturating_sub(self.started),
            correlation: self.correlation,
            traceparent: self.traceparent.as_deref(),
            tracestate: self.tracestate.as_deref(),
        };
        tracing::debug!(
            mcp.method = finished.method,
            mcp.tool = finished.tool,
            outcome = outcome.as_str(),
            code,
            took.micros = u64::try_from(finished.took.as_micros()).unwrap_or(u64::MAX),
            correlation = %finished.correlation,
            "a request was answered"
        );
        if let Some(watcher) = &core.watcher {
            watcher.finished(&finished);
        }
    }
}
