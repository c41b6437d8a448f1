//! Requests of ours that wait for a legacy client's answer.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use pm33_protocol::{ErrorObject, RequestId};
use serde_json::Value;
use tokio::sync::oneshot;

type Answer = Result<Value, ErrorObject>;
type Senders = HashMap<(String, RequestId), oneshot::Sender<Answer>>;

/// Waiting requests by conversation and id.
#[derive(Clone, Default)]
pub(crate) struct Pending {
    waiting: Arc<Mutex<Senders>>,
    last: Arc<AtomicU64>,
}

/// A waiting request; taken off the list on drop.
pub(crate) struct Waiting {
    pending: Pending,
    name: (String, RequestId),
    pub(crate) answer: oneshot::Receiver<Answer>,
}

impl Pending {
    fn all(&self) -> std::sync::MutexGuard<'_, Senders> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A fresh request in a conversation.
    pub(crate) fn open(&self, conversation: &str) -> (RequestId, Waiting) {
        let id = RequestId::Text(format!("pm33-{}", self.last.fetch_add(1, Ordering::Relaxed) + 1));
        let (sender, answer) = oneshot::channel();
        let name = (conversation.to_owned(), id.clone());
        self.all().insert(name.clone(), sender);
        (id, Waiting { pending: self.clone(), name, answer })
    }

    /// Takes a client's answer; one that nobody waits for in this conversation is nothing.
    pub(crate) fn answer(&self, conversation: &str, id: RequestId, answer: Answer) {
        if let Some(sender) = self.all().remove(&(conversation.to_owned(), id)) {
            // The call may have ended meanwhile.
            let _ = sender.send(answer);
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.pending.all().remove(&self.name);
    }
}
