//! What is known of an answer while it comes in: its text, its figures, why it ended.

use pm33_ai::{AiError, Completion, CompletionEvents, Figures, StopReason, Usage};
use serde_json::Value;

use crate::wire::Stopped;

/// An answer in the making.
pub(crate) struct Told<'a> {
    events: &'a dyn CompletionEvents,
    pub(crate) text: String,
    pub(crate) raw: Value,
    pub(crate) model: Option<String>,
    pub(crate) stop: Option<StopReason>,
    refused: Option<StopReason>,
    read: fn(&Value) -> Usage,
}

impl<'a> Told<'a> {
    /// Nothing yet; `read` makes figures of what the provider reports.
    pub(crate) fn new(events: &'a dyn CompletionEvents, read: fn(&Value) -> Usage) -> Self {
        Self { events, text: String::new(), raw: Value::Null, model: None, stop: None, refused: None, read }
    }

    /// More text.
    pub(crate) fn add(&mut self, delta: &str) {
        if !delta.is_empty() {
            self.text.push_str(delta);
            self.events.text(delta);
        }
    }

    /// Why the answer will have ended, when its end is told.
    pub(crate) fn stop_later(&mut self, reason: StopReason) {
        self.refused = Some(reason);
    }

    /// What was noted for the end.
    pub(crate) fn refused(&mut self) -> Option<StopReason> {
        self.refused.take()
    }

    /// Takes later figures over earlier ones, field by field: they are cumulative.
    pub(crate) fn figures(&mut self, later: Option<&Value>) {
        let Some(later) = later.filter(|later| later.is_object()) else { return };
        merge(&mut self.raw, later);
    }

    /// What was used until now, when the provider has said anything.
    pub(crate) fn used(&self) -> Option<Usage> {
        self.raw.is_object().then(|| Usage { figures: Figures::Stream, ..(self.read)(&self.raw) })
    }

    /// The call's error, with what was used.
    pub(crate) fn stopped(&self, stopped: Stopped) -> AiError {
        stopped.with(self.used())
    }

    /// The answer, when its end was told; what was cut off is an error, whatever text had come.
    pub(crate) fn finish(self, asked: &str, sent_bytes: u64) -> Result<Completion, AiError> {
        let Some(stop) = self.stop.clone() else { return Err(self.stopped(Stopped::Broken)) };
        let usage = match self.used() {
            Some(usage) => Usage { figures: Figures::Final, ..usage },
            // An endpoint that counts nothing.
            None => Usage::estimate(sent_bytes, self.text.len() as u64),
        };
        let model = self.model.unwrap_or_else(|| asked.to_owned());
        Ok(Completion { text: self.text, stop, usage, model })
    }
}

fn merge(into: &mut Value, later: &Value) {
    match (into, later) {
        (Value::Object(into), Value::Object(later)) => {
            for (key, value) in later {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        // A field that is told as null takes nothing back.
        (_, Value::Null) => {}
        (into, later) => *into = later.clone(),
    }
}
