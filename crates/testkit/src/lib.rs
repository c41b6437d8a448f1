//! Whole-server fixtures and peers for tests and benchmarks; development only.

mod foreign;
pub mod forged;

pub use foreign::{Opening, rust_client};
