//! A running call's line to its client: progress, log lines, questions. One tool serves both eras through it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use pm33_protocol::{Era, encode_notification, encode_request, methods};
use pm33_tenancy::Clock;
use pm33_tools::{Interaction, LogLevel, Question, Replies, ToolError};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::{outbox::Outbox, pending::Pending, tasks::Line};

/// How long a legacy client has to answer a question.
pub(crate) const ANSWER: Duration = Duration::from_mins(5);

/// The line of one call.
pub(crate) struct Link {
    pub(crate) era: Era,
    pub(crate) outbox: Outbox,
    pub(crate) progress_token: Option<Value>,
    pub(crate) log_level: Option<LogLevel>,
    pub(crate) capabilities: Map<String, Value>,
    /// Answers of a repeated call (modern).
    pub(crate) responses: Option<Map<String, Value>>,
    /// State of an earlier round (modern), opened.
    pub(crate) state: Option<Vec<u8>>,
    /// Name of the conversation that answers come in.
    pub(crate) conversation: String,
    pub(crate) pending: Pending,
    pub(crate) cancelled: CancellationToken,
    pub(crate) told: Mutex<Option<f64>>,
    /// Where the call may go on as a task.
    pub(crate) line: Option<Arc<Line>>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Link {
    fn check_capability(&self, question: &Question) -> Result<(), ToolError> {
        let capability = match question.method {
            methods::SAMPLE => "sampling",
            methods::ROOTS => "roots",
            _ => "elicitation",
        };
        if !self.capabilities.contains_key(capability) {
            return Err(ToolError::Capability { capability });
        }
        Ok(())
    }

    async fn ask_now(&self, question: Question) -> Result<(String, Value), ToolError> {
        let (id, mut waiting) = self.pending.open(&self.conversation);
        self.outbox.question(encode_request(&id, question.method, &question.params)).await;
        let answer = tokio::select! {
            answer = tokio::time::timeout(ANSWER, &mut waiting.answer) => answer,
            () = self.cancelled.cancelled() => return Err(ToolError::Cancelled),
        };
        match answer {
            Ok(Ok(Ok(value))) => Ok((question.key, value)),
            Ok(Ok(Err(error))) => {
                Err(ToolError::Refused(format!("the client did not answer: {}", error.message)))
            }
            Ok(Err(_)) | Err(_) => Err(ToolError::Refused("the client did not answer in time".to_owned())),
        }
    }
}

#[async_trait]
impl Interaction for Link {
    fn progress(&self, done: f64, total: Option<f64>, message: Option<&str>) {
        if let (Some(line), Some(message)) = (&self.line, message) {
            line.say(message);
        }
        let Some(token) = &self.progress_token else { return };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        // Progress only rises.
        if told.is_some_and(|last| done <= last) {
            return;
        }
        *told = Some(done);
        let mut params = json!({ "progressToken": token, "progress": done });
        if let Some(total) = total {
            params["total"] = json!(total);
        }
        if let Some(message) = message {
            params["message"] = json!(message);
        }
        self.outbox.note(encode_notification(methods::PROGRESS, &params));
    }

    fn log(&self, level: LogLevel, data: Value) {
        if self.log_level.is_some_and(|least| level >= least) {
            let params = json!({ "level": level_name(level), "logger": "pm33", "data": data });
            self.outbox.note(encode_notification(methods::MESSAGE, &params));
        }
    }

    async fn ask(&self, questions: Vec<Question>, state: Option<Vec<u8>>) -> Result<Replies, ToolError> {
        questions.iter().try_for_each(|question| self.check_capability(question))?;
        if self.era == Era::Modern {
            let given = |question: &Question| {
                let reply = self.responses.as_ref()?.get(&question.key)?;
                is_answer(question, reply).then(|| (question.key.clone(), reply.clone()))
            };
            // Missing or malformed: all are asked again.
            let Some(replies) = questions.iter().map(given).collect() else {
                return match self.line.as_ref().filter(|line| line.is_apart()) {
                    Some(line) => line.ask(self.clock.now(), questions).await,
                    None => Err(ToolError::NeedsInput { questions, state }),
                };
            };
            return Ok(replies);
        }
        let mut replies = BTreeMap::new();
        for question in questions {
            let (key, value) = self.ask_now(question).await?;
            replies.insert(key, value);
        }
        Ok(replies)
    }

    fn state(&self) -> Option<&[u8]> {
        self.state.as_deref()
    }

    fn end_stream(&self) {
        if self.era == Era::Legacy {
            self.outbox.end_stream();
        }
    }
}

/// Whether a reply has the form that its question asks for.
pub(crate) fn is_answer(question: &Question, reply: &Value) -> bool {
    if !reply.is_object() {
        return false;
    }
    match question.method {
        methods::ELICIT => match reply.get("action").and_then(Value::as_str) {
            Some("decline" | "cancel") => true,
            Some("accept") => {
                let schema = question.params.get("requestedSchema");
                let content = reply.get("content");
                match (schema, content) {
                    (Some(schema), Some(content)) => {
                        jsonschema_of(schema).is_none_or(|validator| validator.is_valid(content))
                    }
                    (Some(_), None) => false,
                    (None, _) => true,
                }
            }
            _ => false,
        },
        methods::SAMPLE => reply.get("content").is_some(),
        methods::ROOTS => reply.get("roots").is_some_and(Value::is_array),
        _ => true,
    }
}

fn jsonschema_of(schema: &Value) -> Option<jsonschema::Validator> {
    jsonschema::draft202012::new(schema).ok()
}

/// Reads a level's word.
pub(crate) fn level(word: &str) -> Option<LogLevel> {
    LEVELS.iter().find(|(_, name)| *name == word).map(|(level, _)| *level)
}

fn level_name(level: LogLevel) -> &'static str {
    LEVELS.iter().find(|(one, _)| *one == level).map_or("info", |(_, name)| name)
}

const LEVELS: [(LogLevel, &str); 8] = [
    (LogLevel::Debug, "debug"),
    (LogLevel::Info, "info"),
    (LogLevel::Notice, "notice"),
    (LogLevel::Warning, "warning"),
    (LogLevel::Error, "error"),
    (LogLevel::Critical, "critical"),
    (LogLevel::Alert, "alert"),
    (LogLevel::Emergency, "emergency"),
];
