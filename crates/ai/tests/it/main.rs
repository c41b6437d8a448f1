//! Prompts as behaviours: data stays data, secrets stay home, and come back whole.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod any_prompt;
mod fencing;
mod held_out;
mod redaction;
