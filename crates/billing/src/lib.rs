//! Credits: what a call of a language model may cost at most, what it did cost, and the ledger that pays for it exactly
//! once. No model clients here: it gets plain counts of tokens. No SQL, no clock, no floating point.
//!
//! ```
//! use pm33_billing::{PriceBook, PriceKey, Tokens, cost};
//!
//! let book = PriceBook::shipped()?;
//! let day = "2026-11-25".parse()?;
//! let model = book.models("anthropic", day).into_iter().next().ok_or("no model")?;
//! let price = book.price(&PriceKey::standard("anthropic", &model), day)?;
//! let one = cost(price, &Tokens { input: 1, ..Tokens::default() })?;
//! // Never less than it cost: a token is rounded up to whole micro-credits.
//! assert!(one.amount.micros() >= 1 && one.unpriced.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod accounts;
mod book;
mod ceiling;
mod cost;
mod credits;
mod entry;
mod error;
mod hold;
mod plan;
mod port;
mod price;
mod reconcile;
mod tokens;
mod usage;

pub use accounts::{Accounts, Postings};
pub use book::PriceBook;
pub use ceiling::{Ceilings, Notice, Period, Subject, periods};
pub use cost::{Cost, cost};
pub use credits::MicroCredits;
pub use entry::{Entry, EntryKind, Grantor};
pub use error::{BillingError, PriceError};
pub use hold::{Backing, Hold, HoldId, HoldRequest, HoldState, Receipt, Room, Scene, Sent, admit, expire};
pub use plan::{CachePlan, PlannedCall, most};
pub use port::{DisclosurePage, EntryPage, Frozen, Ledger, Standing};
pub use price::{LongContext, Price, PriceKey, Rates};
pub use reconcile::{Books, Mismatch, reconcile};
pub use tokens::{TokenClass, Tokens};
pub use usage::{Disclosure, Payer, Settled, Settlement, UsageRecord, UsageSource, settle};
