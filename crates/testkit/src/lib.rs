//! Whole-server fixtures and peers for tests and benchmarks; development only.

mod aimock;
mod evaluation;
mod foreign;
pub mod forged;

pub use aimock::{Aimock, brought};
pub use evaluation::{Evaluation, evaluate};
pub use foreign::{Opening, rust_client};
