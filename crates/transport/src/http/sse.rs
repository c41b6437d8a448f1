//! Server-sent events: the engine's stream as `text/event-stream`, with comments while it is quiet.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{BufMut, Bytes, BytesMut};
use pm33_mcp::{Event, EventStream};
use tokio::time::{Instant, Sleep, sleep_until};

use super::{counts::Open, pulse::Pulse};

/// Events that are ready together leave together, up to about this many bytes.
const BATCH_BYTES: usize = 64 * 1024;

/// An event stream on its way out. Dropping it drops the engine's stream: that is how a disconnect is heard.
pub(crate) struct Events {
    stream: EventStream,
    quiet: Pin<Box<Sleep>>,
    comment_every: Duration,
    pulse: Arc<Pulse>,
    _open: Open,
}

impl Events {
    pub(crate) fn new(stream: EventStream, comment_every: Duration, pulse: Arc<Pulse>, open: Open) -> Self {
        pulse.hold();
        let quiet = Box::pin(sleep_until(Instant::now() + comment_every));
        Self { stream, quiet, comment_every, pulse, _open: open }
    }

    /// The next bytes; `None` at the end.
    pub(crate) fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut out = BytesMut::new();
        let ended = loop {
            match self.stream.as_mut().poll_next(cx) {
                Poll::Ready(Some(event)) => write(&event, &mut out),
                Poll::Ready(None) => break true,
                Poll::Pending => break false,
            }
            if out.len() >= BATCH_BYTES {
                break false;
            }
        };
        if out.is_empty() {
            if ended {
                return Poll::Ready(None);
            }
            if self.quiet.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            out.put_slice(b": still here\n\n");
        }
        self.quiet.as_mut().reset(Instant::now() + self.comment_every);
        Poll::Ready(Some(out.freeze()))
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.pulse.end();
    }
}

/// Writes one event.
pub(crate) fn write(event: &Event, out: &mut BytesMut) {
    out.reserve(event.data.len() + 64);
    if let Some(id) = &event.id {
        line(out, b"id: ", id.as_bytes());
    }
    if let Some(retry) = event.retry {
        line(out, b"retry: ", retry.as_millis().to_string().as_bytes());
    }
    if event.data.is_empty() {
        // A priming event: an id and no message.
        out.put_slice(b"data: \n\n");
        return;
    }
    out.put_slice(b"event: message\n");
    for part in event.data.split(|byte| matches!(byte, b'\n' | b'\r')) {
        line(out, b"data: ", part);
    }
    out.put_u8(b'\n');
}

fn line(out: &mut BytesMut, name: &[u8], value: &[u8]) {
    out.put_slice(name);
    out.put_slice(value);
    out.put_u8(b'\n');
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::{Bytes, BytesMut};
    use pm33_mcp::Event;

    fn written(event: &Event) -> String {
        let mut out = BytesMut::new();
        super::write(event, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn events_have_their_fields() {
        let plain = Event { data: Bytes::from_static(b"{}"), ..Event::default() };
        assert_eq!(written(&plain), "event: message\ndata: {}\n\n");
        let priming =
            Event { id: Some("7".to_owned()), retry: Some(Duration::from_millis(1500)), data: Bytes::new() };
        assert_eq!(written(&priming), "id: 7\nretry: 1500\ndata: \n\n");
        let broken = Event { data: Bytes::from_static(b"{\n}"), ..Event::default() };
        assert_eq!(written(&broken), "event: message\ndata: {\ndata: }\n\n");
    }
}
