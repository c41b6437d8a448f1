//! The one boundary for strings from outside: what hides is stripped, what is honest stays, and removals are counted.

mod clean;
mod json;
mod removals;
mod words;

pub use clean::{Cleaned, clean};
pub use json::clean_json;
pub use removals::Removals;
pub use words::{fold, words};
