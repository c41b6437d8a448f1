//! Providers against a peer on loopback that says exactly what the test wants it to say.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first surprise")]

mod answers;
mod any_stream;
mod cuts;
mod failures;
mod peer;
mod phases;
mod surfaces;

use pm33_ai_providers::{Event, SseDecoder};

#[test]
fn spoilt_streams_hold() {
    for seed in any_stream::seeds() {
        for place in 0..seed.len() {
            any_stream::hold(&seed[..place]);
            for byte in [b'\r', b'\n', b':', 0xff] {
                let mut spoilt = seed.clone();
                spoilt[place] = byte;
                any_stream::hold(&spoilt);
            }
        }
        any_stream::hold(&seed.repeat(8));
    }
}
