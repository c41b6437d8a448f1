//! What a running request sends: notices and questions on the way, the answer at the end.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::Stream;
use pm33_protocol::encode_error;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{Class, Event, Message, failure::Failure};

/// One thing that a request sends.
pub(crate) enum Out {
    /// A notification, or a request to the client.
    Note(Bytes),
    /// The stream may be closed here; the rest is for a resumed one.
    EndStream,
    /// The answer; boxed, because room is made for many and most requests send only this.
    Final(Box<Message>),
}

/// The sending side; none for a request that sends nothing but its answer, as most.
#[derive(Clone)]
pub(crate) struct Outbox(pub(crate) Option<flume::Sender<Out>>);

impl Outbox {
    /// Sends a notice; dropped when the client is too slow.
    pub(crate) fn note(&self, bytes: Vec<u8>) {
        self.try_send(Out::Note(bytes.into()));
    }

    /// Sends a question; waits for room.
    pub(crate) async fn question(&self, bytes: Vec<u8>) {
        self.send(Out::Note(bytes.into())).await;
    }

    /// Allows the stream to be closed.
    pub(crate) fn end_stream(&self) {
        self.try_send(Out::EndStream);
    }

    /// Sends the answer.
    pub(crate) async fn finish(&self, message: Message) {
        // Nobody may be reading any more; the call has been settled and audited all the same.
        self.send(Out::Final(Box::new(message))).await;
    }

    fn try_send(&self, out: Out) {
        if let Some(sender) = &self.0 {
            // A full queue or a closed stream: what is sent so is not worth waiting for.
            let _ = sender.try_send(out);
        }
    }

    async fn send(&self, out: Out) {
        if let Some(sender) = &self.0 {
            let _ = sender.send_async(out).await;
        }
    }
}

/// A request's messages as a stream. Dropped before its end, it cancels the request where the era says so.
pub(crate) struct Replies {
    pub(crate) first: Option<Out>,
    pub(crate) rest: flume::r#async::RecvStream<'static, Out>,
    pub(crate) ended: Ended,
    pub(crate) guard: Option<DropGuard>,
}

/// Whether the answer has gone out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    No,
    Yes,
}

impl Stream for Replies {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        if self.ended == Ended::Yes {
            return Poll::Ready(None);
        }
        loop {
            let next = match self.first.take() {
                Some(out) => Some(out),
                None => match Pin::new(&mut self.rest).poll_next(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(next) => next,
                },
            };
            match next {
                None => return Poll::Ready(None),
                Some(Out::EndStream) => {}
                Some(Out::Note(data)) => return Poll::Ready(Some(Event { data, ..Event::default() })),
                Some(Out::Final(message)) => {
                    self.ended = Ended::Yes;
                    if let Some(guard) = self.guard.take() {
                        guard.disarm();
                    }
                    return Poll::Ready(Some(Event { data: message.body, ..Event::default() }));
                }
            }
        }
    }
}

/// The answer of work that panicked.
pub(crate) fn internal() -> Message {
    let error = Failure::Internal.object();
    Message {
        body: encode_error(None, &error).into(),
        class: Class::Internal,
        session: None,
        rate_limit: None,
    }
}

/// Cancels a token on drop, unless the request's answer has been taken.
pub(crate) fn guard(token: &CancellationToken) -> DropGuard {
    token.clone().drop_guard()
}
