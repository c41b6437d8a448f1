//! The decoder of providers' event streams on any bytes. It is taken by its file: what the rest of its crate needs
//! would take longer to build than all other targets.
#![no_main]

#[path = "../../crates/ai-providers/tests/it/any_stream.rs"]
mod any_stream;
#[path = "../../crates/ai-providers/src/sse.rs"]
mod sse;

use sse::{Event, SseDecoder};

libfuzzer_sys::fuzz_target!(
    init: pm33_fuzz::plant(any_stream::seeds()),
    |bytes: &[u8]| any_stream::hold(bytes)
);
