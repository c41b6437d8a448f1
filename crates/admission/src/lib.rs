//! What a call needs before and around it: rate limits, idempotency, legacy sessions, tasks. Rules over ports; no HTTP, no SQL.
//!
//! ```
//! use std::time::Duration;
//!
//! use pm33_admission::{Limiter, Limits, Verdict};
//! use pm33_tenancy::{TenantId, Timestamp};
//!
//! let (limiter, limits) = (Limiter::new(), Limits { key: 2, tenant: 10 });
//! let tenant = TenantId::new(Timestamp::from_micros(0));
//! let asked: Vec<_> = (0..3).map(|second| limiter.admit(tenant, "key", limits, Duration::from_secs(second))).collect();
//! assert!(matches!(asked[..], [Verdict::Admitted(_), Verdict::Admitted(_), Verdict::Denied { .. }]));
//! ```

mod budget;
mod error;
mod gate;
mod idempotency;
mod in_flight;
#[cfg(test)]
mod interleaved;
mod limits;
mod live;
mod room;
mod session;
mod sessions;
mod shared;
mod shares;
mod sync;
mod tally;
mod task;
#[cfg(test)]
mod tracked;
mod verdict;
mod window;

pub use budget::{Ask, Budget, Lease, Settled, SharedBudget};
pub use error::AdmissionError;
pub use gate::AddressGate;
pub use idempotency::{IdempotencyStore, Remembered, ReplayScope, check_key};
pub use in_flight::{InFlight, Turn};
pub use limits::Limiter;
pub use session::{SessionId, SessionRecord, SessionStore};
pub use sessions::Sessions;
pub use shared::{SharedLimiter, SharedLimits};
pub use task::{
    BegunTask, EndedTask, TaskEnd, TaskId, TaskOwner, TaskRecord, Wish, begin_task, end_task, find_task,
    find_wish, note_wish, renew_task,
};
pub use verdict::{Admitted, LimitScope, Limits, Verdict};
