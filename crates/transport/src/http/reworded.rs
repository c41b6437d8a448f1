//! hyper refuses a header that it cannot read with an answer of its own, which has no body and no hook. Here that answer
//! is found on its way out and gets the JSON-RPC error that every other refusal has.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::refusal::Refusal;

/// Longest answer that hyper makes by itself, in bytes.
const OWN_BYTES: usize = 256;

/// A socket of HTTP/1 on which no refusal goes out without a body.
pub(crate) struct Reworded<S> {
    socket: S,
    /// What goes out instead, as far as it is not out yet.
    instead: Option<Bytes>,
}

impl<S> Reworded<S> {
    pub(crate) fn new(socket: S) -> Self {
        Self { socket, instead: None }
    }
}

/// Where an answer of hyper's own begins, when it is the end of these bytes, and its status. Answers of ours all have an
/// `x-request-id`; a body of ours never has a bare line break, so none ends like this.
fn own_answer(bytes: &[u8]) -> Option<(usize, StatusCode)> {
    let head = bytes.strip_suffix(b"\r\n\r\n")?;
    let from = head.len().saturating_sub(OWN_BYTES);
    let begin = b"HTTP/1.1 4";
    let at = from + head.get(from..)?.windows(begin.len()).rposition(|window| window == begin)?;
    let text = str::from_utf8(head.get(at..)?).ok()?;
    let mut lines = text.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let fields: Vec<_> = lines.map(str::to_ascii_lowercase).collect();
    let is_empty = fields.iter().any(|field| field == "content-length: 0");
    let is_ours = fields.iter().any(|field| field.starts_with("x-request-id:"));
    (is_empty && !is_ours).then_some((at, status))
}

fn reworded(status: StatusCode) -> Bytes {
    let words = match status {
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            "the request's header is too large or has too many fields"
        }
        StatusCode::URI_TOO_LONG => "the request's target is too long",
        _ => "the request's first line or header is malformed, or tells its length in two ways",
    };
    let body = Refusal::new(status, words).body();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nx-content-type-options: nosniff\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), &body].concat().into()
}

impl<S: AsyncRead + Unpin> AsyncRead for Reworded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Reworded<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let status = match own_answer(bytes) {
            None => return Pin::new(&mut this.socket).poll_write(cx, bytes),
            Some((0, status)) => status,
            // First what is before it; it comes again with the next write.
            Some((at, _)) => {
                return Pin::new(&mut this.socket).poll_write(cx, bytes.get(..at).unwrap_or_default());
            }
        };
        let instead = this.instead.get_or_insert_with(|| reworded(status));
        while !instead.is_empty() {
            match ready!(Pin::new(&mut this.socket).poll_write(cx, instead))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => instead.advance(written),
            }
        }
        this.instead = None;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match slices.split_last() {
            Some((last, before)) if own_answer(last).is_some() => {
                if before.iter().all(|slice| slice.is_empty()) {
                    self.poll_write(cx, last)
                } else {
                    Pin::new(&mut self.socket).poll_write_vectored(cx, before)
                }
            }
            _ => Pin::new(&mut self.socket).poll_write_vectored(cx, slices),
        }
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
    use http::StatusCode;

    use super::own_answer;

    #[test]
    fn only_an_answer_without_body_and_request_id_is_hypers_own() {
        let own = "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\ndate: x\r\n\r\n";
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        assert_eq!(own_answer(own.as_bytes()), Some((0, status)));
        assert_eq!(own_answer(format!("{{}}{own}").as_bytes()), Some((2, status)));
        for other in [
            own.replace("content-length: 0", "content-length: 5"),
            own.replace("date: x", "x-request-id: 1"),
            own.replace("431", "200"),
            own.replace("\r\n\r\n", "\r\n"),
            format!("{own}{{}}"),
            "HTTP/1.1 202 Accepted\r\nx-request-id: 1\r\n\r\n".to_owned(),
        ] {
            assert_eq!(own_answer(other.as_bytes()), None, "{other}");
        }
    }
}
