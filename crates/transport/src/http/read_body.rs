//! Reads a request's body within its size and time; nothing is read of one that says it is too large.

use std::{pin::pin, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use http::StatusCode;
use hyper::body::Body;

use super::refusal::Refusal;
use crate::HttpOptions;

/// Bytes of a body that are read though nobody wants them.
const PASSED_OVER: usize = 64 * 1024;
/// How long they are waited for: clients send a body right behind its header.
const ON_ITS_WAY: Duration = Duration::from_millis(200);

/// Checks the announced length.
pub(crate) fn check_length(announced: u64, options: &HttpOptions) -> Result<(), Refusal> {
    if announced > options.body_bytes as u64 { Err(too_large(options)) } else { Ok(()) }
}

/// Reads the body. One that is already here is given back as it came, without a copy and without a timer.
pub(crate) async fn read<B: Body<Data = Bytes> + Unpin>(
    body: B,
    options: &HttpOptions,
) -> Result<Bytes, Refusal> {
    let mut reading = pin!(collect(body, options));
    if let Some(read) = reading.as_mut().now_or_never() {
        return read;
    }
    // Boxed: most bodies are here already.
    match Box::pin(tokio::time::timeout(options.body_time, reading)).await {
        Ok(read) => read,
        Err(_) => Err(too_slow(options.body_time)),
    }
}

/// Reads what is on its way of a body that nobody wants, so that its connection can be used again; whether that was all.
pub(crate) async fn pass_over<B: Body<Data = Bytes> + Unpin>(mut body: B) -> bool {
    let whole = async {
        let mut seen = 0;
        while seen <= PASSED_OVER && body.size_hint().lower() <= PASSED_OVER as u64 {
            match next_data(&mut body).await {
                Ok(Some(data)) => seen += data.len(),
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
        false
    };
    tokio::time::timeout(ON_ITS_WAY, whole).await.unwrap_or(false)
}

async fn collect<B: Body<Data = Bytes> + Unpin>(
    mut body: B,
    options: &HttpOptions,
) -> Result<Bytes, Refusal> {
    let mut first = Bytes::new();
    let mut more = BytesMut::new();
    while let Some(data) = next_data(&mut body).await? {
        if first.len() + more.len() + data.len() > options.body_bytes {
            return Err(too_large(options));
        }
        if first.is_empty() && more.is_empty() {
            first = data;
            if body.is_end_stream() {
                break;
            }
            continue;
        }
        if more.is_empty() {
            more.reserve(first.len() + data.len());
            more.extend_from_slice(&first);
            first = Bytes::new();
        }
        more.extend_from_slice(&data);
    }
    Ok(if more.is_empty() { first } else { more.freeze() })
}

/// The next piece of data; trailers are passed over.
async fn next_data<B: Body<Data = Bytes> + Unpin>(body: &mut B) -> Result<Option<Bytes>, Refusal> {
    loop {
        match std::future::poll_fn(|cx| std::pin::Pin::new(&mut *body).poll_frame(cx)).await {
            None => return Ok(None),
            Some(Err(_)) => return Err(broken()),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}

fn too_large(options: &HttpOptions) -> Refusal {
    let message = format!("the message is larger than {} bytes", options.body_bytes);
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, message)
}

fn too_slow(limit: Duration) -> Refusal {
    let message = format!("the message did not arrive within {} seconds", limit.as_secs_f32());
    Refusal::new(StatusCode::REQUEST_TIMEOUT, message)
}

fn broken() -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "the request's body is malformed or ended early")
}
