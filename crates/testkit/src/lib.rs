//! Whole-server fixtures and peers for tests and benchmarks; development only.

mod evaluation;
mod foreign;
pub mod forged;

pub use evaluation::{Evaluation, evaluate};
pub use foreign::{Opening, rust_client};
