//! A call's work while it is answered: polled by its connection, and handed to the tracker when the connection leaves
//! before the end, so that what was begun is always settled, audited and waited for.

use std::{
    panic::AssertUnwindSafe,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::FutureExt;
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

use crate::Message;

/// Work that ends with a message; `None` when it panicked.
pub(crate) type Work = Pin<Box<dyn Future<Output = Option<Message>> + Send>>;

/// Work that somebody tends; the tracker counts it from here to its end.
pub(crate) struct Tended {
    work: Option<Work>,
    tasks: TaskTracker,
    _counted: TaskTrackerToken,
}

impl Tended {
    pub(crate) fn new(work: impl Future<Output = Message> + Send + 'static, tasks: &TaskTracker) -> Self {
        let work: Work = Box::pin(AssertUnwindSafe(work).catch_unwind().map(Result::ok));
        Self { work: Some(work), tasks: tasks.clone(), _counted: tasks.token() }
    }

    /// Work that runs beside whoever waits for it.
    pub(crate) fn apart(work: impl Future<Output = Message> + Send + 'static, tasks: &TaskTracker) -> Self {
        let work: Work = Box::pin(tasks.spawn(work).map(Result::ok));
        Self { work: Some(work), tasks: tasks.clone(), _counted: tasks.token() }
    }
}

impl Future for Tended {
    type Output = Option<Message>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        let Some(work) = &mut self.work else { return Poll::Ready(None) };
        let message = ready!(work.as_mut().poll(cx));
        self.work = None;
        Poll::Ready(message)
    }
}

impl Drop for Tended {
    fn drop(&mut self) {
        // Without a runtime the process is ending, and the store rolls back what was not committed.
        if let (Some(work), Ok(runtime)) = (self.work.take(), tokio::runtime::Handle::try_current()) {
            self.tasks.spawn_on(work, &runtime);
        }
    }
}
