//! HTTP/2's library ends a connection that resets, continues or sends nothing in its data without end, but it answers
//! pings, settings and windows for as long as they come. Here the frames that bring no request are counted on their way
//! in, and a client that sends more of them than any has reason to is told goodbye.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::pulse::Pulse;

/// The opening words of a client, before its first frame.
const PREFACE_BYTES: usize = 24;
const HEAD_BYTES: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
/// Frames without a request between two ticks of the connection's judge. A client acknowledges settings once and
/// answers few pings; what it reads of event streams it acknowledges by windows.
const MOST: i32 = 256;
/// More for each request: an answer of 1 MiB comes in 64 frames, each of which may be acknowledged twice, by the
/// stream's window and by the connection's.
const PER_REQUEST: i32 = 128;
/// Requests whose allowance is kept until it is used: as many as may run on a connection.
const KEPT: i32 = 100;
/// A ping of a stream: no peer may send it, so the library says GOAWAY, sends what it has, and ends the connection.
const FORBIDDEN: [u8; HEAD_BYTES] = [0, 0, 0, 6, 0, 0, 0, 0, 1];

/// A socket of HTTP/2 that bounds the frames without a request.
pub(crate) struct Counted<S> {
    socket: S,
    pulse: Arc<Pulse>,
    walk: Walk,
    /// What the library reads instead of more, once there were too many.
    instead: &'static [u8],
}

impl<S> Counted<S> {
    pub(crate) fn new(socket: S, pulse: Arc<Pulse>) -> Self {
        Self { socket, pulse, walk: Walk::default(), instead: &FORBIDDEN }
    }
}

/// Where in a client's frames a connection is.
#[derive(Debug)]
struct Walk {
    /// Bytes until the next frame begins.
    until: usize,
    head: [u8; HEAD_BYTES],
    /// Bytes of the head that are there.
    filled: usize,
    /// Frames without a request, less those that requests allow.
    count: i32,
    /// The judge's tick in which they are counted.
    tick: u32,
}

impl Default for Walk {
    fn default() -> Self {
        Self { until: PREFACE_BYTES, head: [0; HEAD_BYTES], filled: 0, count: 0, tick: 0 }
    }
}

impl Walk {
    /// There were too many, and the last one is whole.
    fn is_over(&self) -> bool {
        self.count > MOST && self.until == 0
    }

    /// How many of these bytes may go on: all, or those up to the frame that was one too many.
    fn admit(&mut self, bytes: &[u8], tick: u32) -> usize {
        if tick != self.tick && self.count <= MOST {
            (self.tick, self.count) = (tick, self.count.min(0));
        }
        let mut rest = bytes;
        while !rest.is_empty() && !self.is_over() {
            if self.until > 0 {
                let passed = self.until.min(rest.len());
                self.until -= passed;
                rest = rest.get(passed..).unwrap_or_default();
                continue;
            }
            let wanted = HEAD_BYTES - self.filled;
            for (slot, byte) in self.head.iter_mut().skip(self.filled).zip(rest) {
                *slot = *byte;
            }
            let taken = wanted.min(rest.len());
            self.filled += taken;
            rest = rest.get(taken..).unwrap_or_default();
            if self.filled == HEAD_BYTES {
                self.filled = 0;
                self.begin();
            }
        }
        bytes.len() - rest.len()
    }

    /// A frame begins.
    fn begin(&mut self) {
        let [high, middle, low, kind, ..] = self.head;
        self.until = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        match kind {
            HEADERS => self.count = (self.count - PER_REQUEST).max(-KEPT * PER_REQUEST),
            // The library counts those that bring nothing.
            DATA => {}
            _ => self.count += 1,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.walk.is_over() {
            let (now, later) = this.instead.split_at(this.instead.len().min(buf.remaining()));
            buf.put_slice(now);
            this.instead = later;
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.socket).poll_read(cx, buf))?;
        let admitted = this.walk.admit(buf.filled().get(before..).unwrap_or_default(), this.pulse.ticks());
        buf.set_filled(before + admitted);
        if this.walk.is_over() {
            tracing::debug!(
                "a client sends HTTP/2 frames that bring no request, faster than any has reason to"
            );
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DATA, HEADERS, PREFACE_BYTES, Walk};

    const PING: u8 = 6;

    fn frame(kind: u8, length: u8) -> Vec<u8> {
        [&[0, 0, length, kind, 0, 0, 0, 0, 0][..], &vec![7; usize::from(length)]].concat()
    }

    fn begun() -> Walk {
        Walk { until: 0, ..Walk::default() }
    }

    #[test]
    fn the_frame_that_is_one_too_many_is_the_last() {
        let (mut walk, flood) = (begun(), frame(PING, 8).repeat(5_000));
        assert_eq!(walk.admit(&flood, 0), 257 * 17);
        assert!(walk.is_over());
        assert_eq!(walk.admit(&flood, 1), 0, "another tick changes nothing");
    }

    #[test]
    fn as_many_in_each_tick_are_borne() {
        let (mut walk, flood) = (begun(), frame(PING, 8).repeat(256));
        for tick in 0..20 {
            assert_eq!(walk.admit(&flood, tick), flood.len());
        }
    }

    #[test]
    fn requests_allow_their_acknowledgements() {
        let asked = [frame(HEADERS, 40), frame(DATA, 200)].concat();
        let acknowledged = frame(8, 4).repeat(128);
        let one_by_one = [asked.clone(), acknowledged.clone()].concat().repeat(1_000);
        let (mut walk, together) = (begun(), [asked.repeat(100), acknowledged.repeat(100)].concat());
        assert_eq!(walk.admit(&one_by_one, 0), one_by_one.len());
        assert_eq!(walk.admit(&together, 0), together.len());
        // Ticks take nothing of it away.
        assert_eq!((walk.admit(&asked, 1), walk.admit(&acknowledged, 2)), (asked.len(), acknowledged.len()));
    }

    proptest! {
        /// Whatever the pieces in which it arrives, the same bytes pass.
        #[test]
        fn pieces_change_nothing(
            kinds in prop::collection::vec((0_u8..12, 0_u8..40), 0..3_000),
            sizes in prop::collection::vec(1_usize..700, 1..50),
        ) {
            let mut bytes = vec![b'P'; PREFACE_BYTES];
            bytes.extend(kinds.iter().flat_map(|(kind, length)| frame(*kind, *length)));
            let whole = Walk::default().admit(&bytes, 0);
            let (mut walk, mut passed, mut rest) = (Walk::default(), 0, bytes.as_slice());
            for size in sizes.iter().cycle() {
                let (piece, later) = rest.split_at(rest.len().min(*size));
                let admitted = walk.admit(piece, 0);
                passed += admitted;
                rest = later;
                if admitted < piece.len() || rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(passed, whole);
        }

        /// Any bytes: no panic, and never more than came.
        #[test]
        fn any_bytes_are_walked(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
            prop_assert!(Walk::default().admit(&bytes, 0) <= bytes.len());
        }
    }
}
