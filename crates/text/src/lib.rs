//! The one boundary for strings from outside: what hides is stripped, what is honest stays, and removals are counted.

mod bidi;
mod clean;
mod confusables;
mod detect;
mod escape;
mod fold;
mod json;
mod kind;
mod neighbours;
mod removals;
mod strip;
mod tags;
mod words;

pub use clean::{Cleaned, clean};
pub use detect::{Detection, FLAGGED, detect};
pub use fold::{fold, fold_despaced};
pub use json::clean_json;
pub use removals::Removals;
pub use words::words;
