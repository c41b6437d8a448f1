//! Calls that can be cancelled by name: on stdio and in legacy sessions.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use pm33_protocol::RequestId;
use tokio_util::sync::CancellationToken;

type Name = (String, RequestId);

/// Running calls by conversation (principal and session) and request id.
#[derive(Clone, Default)]
pub(crate) struct Running(Arc<Mutex<HashMap<Name, CancellationToken>>>);

/// A registered call; taken off the list on drop.
pub(crate) struct Registered {
    running: Running,
    name: Name,
}

impl Running {
    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<Name, CancellationToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn register(
        &self,
        conversation: String,
        id: RequestId,
        token: CancellationToken,
    ) -> Registered {
        let name = (conversation, id);
        self.all().insert(name.clone(), token);
        Registered { running: self.clone(), name }
    }

    /// Cancels a call of a conversation; unknown ids are nothing.
    pub(crate) fn cancel(&self, conversation: String, id: RequestId) {
        if let Some(token) = self.all().get(&(conversation, id)) {
            token.cancel();
        }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.running.all().remove(&self.name);
    }
}
