//! HTTP/2 frame by frame, as no good client sends them: floods end their connection and no other, and header fields that
//! would become another request behind a proxy are refused.

use std::time::Duration;

use tokio::io::AsyncWriteExt;

use crate::{
    frames::{
        CONTINUATION, END_HEADERS, END_STREAM, GOAWAY, HEADERS, HELLO, PING, RESET, SETTINGS, WINDOW_UPDATE,
        field, frame, frames, head,
    },
    harness::{Running, soon, start},
    raw::{Wire, serves},
};

/// A connection that has said hello.
async fn connect(running: &Running) -> Wire {
    let mut wire = Wire::connect(running.address).await;
    wire.send(HELLO).await;
    wire
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
async fn a_flood_of_frames_without_a_request_is_told_goodbye_when_it_reads_its_answers() {
    const PRIORITY: u8 = 2;
    const UNKNOWN: u8 = 0x42;
    let running = start(|_| {}).await;
    let mut bystander = Wire::connect(running.address).await;
    for piece in [
        frame(PING, 0, 0, &[7; 8]),
        frame(SETTINGS, 0, 0, &[]),
        frame(PRIORITY, 0, 3, &[0, 0, 0, 1, 7]),
        frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]),
        frame(UNKNOWN, 0, 0, &[0; 100]),
    ] {
        let socket = connect(&running).await.socket;
        let (mut reading, mut writing) = socket.into_split();
        let burst = piece.repeat(100);
        let sending = async { while writing.write_all(&burst).await.is_ok() {} };
        let mut said = Vec::new();
        let hearing = tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut said);
        // The end of the connection may reset it: what was said before has arrived.
        let ((), _) = soon(async { tokio::join!(sending, hearing) }).await;
        assert!(frames(&said).iter().any(|(kind, ..)| *kind == GOAWAY), "{:?}", piece.get(3));
        assert!(serves(&mut bystander).await);
    }
}

#[tokio::test]
async fn pings_that_are_not_a_flood_are_answered() {
    let running = start(|options| options.header_time = Duration::from_secs(1)).await;
    let mut wire = connect(&running).await;
    let mut answered = 0;
    let pings = frame(PING, 0, 0, &[7; 8]).repeat(100);
    // Within many ticks of the connection's judge more than it bears in one.
    let post = [head(), field("x-more", "y")].concat();
    wire.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &post)).await;
    let mut bytes = Vec::new();
    for _ in 0..15 {
        wire.send(&pings).await;
        while frames(&bytes).iter().filter(|(kind, ..)| *kind == PING).count() < answered + 100 {
            assert!(soon(tokio::io::AsyncReadExt::read_buf(&mut wire.socket, &mut bytes)).await.unwrap() > 0);
        }
        answered += 100;
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    assert!(!frames(&bytes).iter().any(|(kind, ..)| *kind == GOAWAY));
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
