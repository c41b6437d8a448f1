//! Pure calculation on the product model: working calendars, flow metrics, forecasts, priorities, schedules. Everything
//! is a function of its arguments: the time "as of" and every seed come from outside, so the same question gives the same
//! answer. No clock, no I/O, no async.
//!
//! ```
//! use pm33_planning::{Seed, forecast::Bootstrap};
//!
//! // Items finished on each of the last ten working days, and how many may be finished in the next five.
//! let past = Bootstrap::new(&[1, 0, 2, 1, 0, 0, 3, 1, 0, 2], 3.0).ok_or("no past")?;
//! let mut random = Seed::from_u64(33).stream();
//! let mut trials: Vec<u32> = (0..1_000).map(|_| past.items_in(5, &mut random)).collect();
//! trials.sort_unstable();
//! let (unlikely, median) = (trials[50], trials[500]);
//! assert!(unlikely < median && (3..=7).contains(&median));
//! # Ok::<(), &str>(())
//! ```

pub mod alignment;
pub mod calendar;
mod error;
pub mod flow;
pub mod forecast;
mod normal;
pub mod priorities;
pub mod scenario;
pub mod schedule;
mod seed;
pub mod threats;
pub mod workspace;

pub use error::PlanningError;
pub use seed::Seed;
