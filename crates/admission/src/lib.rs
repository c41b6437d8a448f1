//! What a call needs before and around it: rate limits, idempotency, legacy sessions. Rules over ports; no HTTP, no SQL.

mod error;
mod idempotency;
mod session;

pub use error::AdmissionError;
pub use idempotency::{IdempotencyStore, Remembered, ReplayScope};
pub use session::{SessionId, SessionRecord, SessionStore};
