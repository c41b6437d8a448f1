//! The redactor of prompts, and the way back, on any bytes.
#![no_main]

#[path = "../../crates/ai/tests/it/any_prompt.rs"]
mod any_prompt;

libfuzzer_sys::fuzz_target!(
    init: pm33_fuzz::plant(any_prompt::seeds()),
    |bytes: &[u8]| any_prompt::hold(bytes)
);
