//! HTTP/2 frame by frame, as no good client sends them: floods end their connection and no other, and header fields that
//! would become another request behind a proxy are refused.

use std::time::Duration;

use tokio::io::AsyncWriteExt;

use crate::{
    harness::{Running, soon, start},
    raw::{Wire, serves},
};

const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A field, coded without tables.
fn field(name: &str, value: &str) -> Vec<u8> {
    let length = |text: &str| u8::try_from(text.len()).unwrap();
    [&[0, length(name)], name.as_bytes(), &[length(value)], value.as_bytes()].concat()
}

/// `POST`, `http`, a path and an authority.
fn head() -> Vec<u8> {
    [&[0x83, 0x86, 0x04, 4][..], b"/mcp", &[0x01, 9], b"localhost"].concat()
}

/// A connection that has said hello.
async fn connect(running: &Running) -> Wire {
    let mut wire = Wire::connect(running.address).await;
    wire.send(&[&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &frame(SETTINGS, 0, 0, &[])].concat()).await;
    wire
}

/// The frames in bytes: kind, flags and stream.
fn frames(mut bytes: &[u8]) -> Vec<(u8, u8, u32)> {
    let mut all = Vec::new();
    while let [a, b, c, kind, flags, s1, s2, s3, s4, rest @ ..] = bytes {
        all.push((*kind, *flags, u32::from_be_bytes([*s1, *s2, *s3, *s4])));
        bytes = rest.get(u32::from_be_bytes([0, *a, *b, *c]) as usize..).unwrap_or_default();
    }
    all
}

/// Sends a flood until the server has had enough; what it said.
async fn flood(running: &Running, piece: impl Fn(u32) -> Vec<u8>, most: u32) -> Vec<(u8, u8, u32)> {
    let mut wire = connect(running).await;
    for number in 0..most {
        if soon(wire.socket.write_all(&piece(number))).await.is_err() {
            break;
        }
    }
    frames(&wire.closed().await)
}

#[tokio::test]
async fn a_flood_of_continuations_ends_its_connection() {
    let running = start(|_| {}).await;
    let mut bystander = Wire::connect(running.address).await;
    let begin = frame(HEADERS, END_STREAM, 1, &head());
    let more = frame(CONTINUATION, 0, 1, &field("x-more", "y"));
    let said =
        flood(&running, |number| if number == 0 { begin.clone() } else { more.clone() }, 100_000).await;
    assert!(said.iter().any(|(kind, ..)| *kind == GOAWAY), "{said:?}");
    assert!(serves(&mut bystander).await);
}

#[tokio::test]
async fn streams_that_the_server_is_made_to_reset_are_counted() {
    let running = start(|_| {}).await;
    let mut bystander = Wire::connect(running.address).await;
    let piece = |number: u32| {
        let stream = number * 2 + 1;
        // A window that does not grow is an error of the stream: the server resets it.
        [frame(HEADERS, END_HEADERS, stream, &head()), frame(WINDOW_UPDATE, 0, stream, &[0; 4])].concat()
    };
    let said = flood(&running, piece, 20_000).await;
    assert!(said.iter().any(|(kind, ..)| *kind == GOAWAY), "{:?}", said.last());
    assert!(serves(&mut bystander).await);
}

#[tokio::test]
async fn a_flood_of_pings_or_settings_that_reads_no_answer_is_dropped() {
    let running = start(|options| options.write_stall = Duration::from_millis(300)).await;
    let mut bystander = Wire::connect(running.address).await;
    for piece in [frame(PING, 0, 0, &[7; 8]), frame(SETTINGS, 0, 0, &[])] {
        let burst = piece.repeat(1_000);
        let mut wire = connect(&running).await;
        let sending = async {
            // The answers fill the socket's buffers; then nothing more is read of us, and at last we are dropped.
            while wire.socket.write_all(&burst).await.is_ok() {}
        };
        soon(sending).await;
        assert!(serves(&mut bystander).await);
    }
}

#[tokio::test]
async fn fields_that_frame_another_request_behind_a_proxy_are_refused() {
    let running = start(|_| {}).await;
    for (name, value) in [
        ("transfer-encoding", "chunked"),
        ("connection", "close"),
        ("keep-alive", "timeout=5"),
        ("proxy-connection", "close"),
        ("upgrade", "h2c"),
        ("te", "gzip"),
        ("X-Capital", "y"),
        ("x-line", "a\r\nhost: evil"),
        (":path", "/other"),
    ] {
        let mut wire = connect(&running).await;
        let fields = [head(), field(name, value)].concat();
        wire.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &fields)).await;
        let said = soon(answer(&mut wire)).await;
        let refused =
            said.iter().any(|(kind, _, stream)| *kind == GOAWAY || (*kind == RESET && *stream == 1));
        assert!(refused, "{name}: {said:?}");
        assert!(!said.iter().any(|(kind, ..)| *kind == HEADERS), "{name} was answered: {said:?}");
    }
}

/// What is said up to the answer to the first stream, or to the connection's end.
async fn answer(wire: &mut Wire) -> Vec<(u8, u8, u32)> {
    let mut bytes = Vec::new();
    loop {
        let said = frames(&bytes);
        let is_answered = said.iter().any(|(kind, _, stream)| *kind == GOAWAY || *stream == 1);
        let read = tokio::io::AsyncReadExt::read_buf(&mut wire.socket, &mut bytes);
        if is_answered || read.await.is_ok_and(|read| read == 0) {
            return said;
        }
    }
}
