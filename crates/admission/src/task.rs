//! Calls that go on after their request was answered. What is kept of them lies beside the calls that are remembered by their
//! keys: that one began, with the signs of life of the server that is at it, how it ended, and what its caller told another
//! server meanwhile. So a restart forgets none, any server knows them, and nobody else finds them.

use std::{fmt, sync::Arc};

use pm33_tenancy::{Digest, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{AdmissionError, IdempotencyStore, Remembered, ReplayScope};

/// In the place of a tool's name; no tool has it.
const KIND: &str = "tasks";

/// A task's identifier: 32 random bytes in hexadecimal. It names a task; it never authenticates.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskId(Arc<str>);

impl TaskId {
    /// A fresh, unguessable identifier.
    pub fn random() -> Self {
        let bytes: [u8; 32] = rand::random();
        Self(Digest(bytes).to_string().into())
    }

    /// Reads one; `None` unless it has the form.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
            .then(|| Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TaskId {
    /// Only a part: whole ids do not belong in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskId({}…)", self.0.get(..6).unwrap_or(""))
    }
}

/// Whose tasks: nobody else's are found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskOwner {
    /// The tenant.
    pub tenant: TenantId,
    /// The key or user (`Caller::principal`).
    pub principal: String,
}

impl TaskOwner {
    fn scope(&self, key: String) -> ReplayScope {
        ReplayScope { tenant: self.tenant, principal: self.principal.clone(), tool: KIND.to_owned(), key }
    }
}

/// That a task began, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BegunTask {
    /// The tool.
    pub tool: String,
    /// When.
    pub created: Timestamp,
    /// Until when its server has given a sign of life: with no end by then, that server has died.
    pub lost: Timestamp,
    /// When it is forgotten.
    pub expires: Timestamp,
    /// What it is at.
    #[serde(default)]
    pub message: Option<String>,
    /// What it asks its caller, by key, in the client's form.
    #[serde(default)]
    pub asked: Map<String, Value>,
    /// How often it has asked.
    #[serde(default)]
    pub round: u32,
}

/// How a task ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedTask {
    /// The tool.
    pub tool: String,
    /// When it began.
    pub created: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// When it is forgotten.
    pub expires: Timestamp,
    /// How.
    pub end: TaskEnd,
    /// The result or the error that the call would have answered with, as JSON; nothing of a cancelled one.
    pub answer: String,
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskEnd {
    /// With a result, which may say that the tool failed.
    Completed,
    /// With an error.
    Failed,
    /// Its caller cancelled it.
    Cancelled,
}

/// What is known of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskRecord {
    /// It began, and a server may still be at it.
    Begun(BegunTask),
    /// The server that was at it has died: what the call held is given back, and nothing of it was kept.
    Lost(BegunTask),
    /// It ended.
    Ended(EndedTask),
}

fn remembered<T: Serialize>(
    record: &T,
    at: Timestamp,
    expires: Timestamp,
) -> Result<Remembered, AdmissionError> {
    let answer = serde_json::to_string(record).map_err(|error| AdmissionError::Unavailable(error.into()))?;
    Ok(Remembered { arguments: Digest([0; 32]), answer, at, expires })
}

/// Notes that a task began; joins the unit of work.
///
/// # Errors
/// When the store does not answer.
pub async fn begin_task(
    store: &dyn IdempotencyStore,
    owner: &TaskOwner,
    id: &TaskId,
    task: &BegunTask,
) -> Result<(), AdmissionError> {
    let call = remembered(task, task.created, task.expires)?;
    store.record(&owner.scope(id.as_str().to_owned()), &call).await
}

/// Gives a sign of life of a task, with where it stands; joins the unit of work.
///
/// # Errors
/// When the store does not answer.
pub async fn renew_task(
    store: &dyn IdempotencyStore,
    owner: &TaskOwner,
    id: &TaskId,
    task: &BegunTask,
) -> Result<bool, AdmissionError> {
    let call = remembered(task, task.created, task.expires)?;
    store.renew(&owner.scope(id.as_str().to_owned()), &call).await
}

/// What a caller told another server than the one that is at the task.
#[derive(Clone, Copy, Debug)]
pub enum Wish<'a> {
    /// To stop.
    Stop,
    /// A reply to what was asked, by the round and its key.
    Reply(u32, &'a str),
}

impl Wish<'_> {
    fn scope(self, owner: &TaskOwner, id: &TaskId) -> ReplayScope {
        owner.scope(match self {
            Self::Stop => format!("{}/stop", id.as_str()),
            Self::Reply(round, key) => format!("{}/reply/{round}/{key}", id.as_str()),
        })
    }
}

/// Notes a wish for the server that is at the task, the newest in the place of an older one; joins the unit of work.
///
/// # Errors
/// When the store does not answer.
pub async fn note_wish(
    store: &dyn IdempotencyStore,
    owner: &TaskOwner,
    id: &TaskId,
    (wish, value): (Wish<'_>, &Value),
    (now, expires): (Timestamp, Timestamp),
) -> Result<(), AdmissionError> {
    let (scope, call) = (wish.scope(owner, id), remembered(value, now, expires)?);
    if !store.renew(&scope, &call).await? {
        store.record(&scope, &call).await?;
    }
    Ok(())
}

/// What was told to another server, if anything.
///
/// # Errors
/// When the store does not answer.
pub async fn find_wish(
    store: &dyn IdempotencyStore,
    owner: &TaskOwner,
    id: &TaskId,
    wish: Wish<'_>,
) -> Result<Option<Value>, AdmissionError> {
    let found = store.find(&wish.scope(owner, id)).await?;
    Ok(found.and_then(|one| serde_json::from_str(&one.answer).ok()))
}

/// Notes how a task ended; joins the unit of work, so that the end and what the call wrote are one.
///
/// # Errors
/// When the store does not answer; [`AdmissionError::RecordedMeanwhile`] when it has ended already.
pub async fn end_task(
    store: &dyn IdempotencyStore,
    owner: &TaskOwner,
    id: &TaskId,
    task: &EndedTask,
) -> Result<(), AdmissionError> {
    let call = remembered(task, task.ended, task.expires)?;
    store.record(&owner.scope(format!("{}/end", id.as_str())), &call).await
}

/// Finds a task of this owner's.
///
/// # Errors
/// When the store does not answer.
pub async fn find_task(
    store: &dyn IdempotencyStore,
    owner: &TaskOwner,
    id: &TaskId,
    now: Timestamp,
) -> Result<Option<TaskRecord>, AdmissionError> {
    let unread = |error: serde_json::Error| AdmissionError::Unavailable(error.into());
    let end = store.find(&owner.scope(format!("{}/end", id.as_str()))).await?;
    if let Some(end) = end.filter(|end| now < end.expires) {
        return Ok(Some(TaskRecord::Ended(serde_json::from_str(&end.answer).map_err(unread)?)));
    }
    let begun = store.find(&owner.scope(id.as_str().to_owned())).await?;
    let Some(begun) = begun.filter(|begun| now < begun.expires) else { return Ok(None) };
    let begun: BegunTask = serde_json::from_str(&begun.answer).map_err(unread)?;
    Ok(Some(if now < begun.lost { TaskRecord::Begun(begun) } else { TaskRecord::Lost(begun) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_64_hexadecimal_digits_and_logs_see_six() {
        let id = TaskId::random();
        assert_eq!(TaskId::parse(id.as_str()).as_ref(), Some(&id));
        assert_ne!(id, TaskId::random());
        assert!(TaskId::parse("tasks-1").is_none() && TaskId::parse(&"A".repeat(64)).is_none());
        assert!(format!("{id:?}").len() < 30);
    }
}
