//! Data-subject rights in the store: requests, limits of processing, what is gathered of a subject, and its erasure.

mod calls;
mod erase;
mod gather;
mod limits;
mod person;
mod requests;
mod rows;
mod rules;
mod shred;

pub use erase::Erased;
pub use gather::Gathered;
pub(crate) use rules::RulesCache;
pub use shred::Shredded;
