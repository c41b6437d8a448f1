//! Data-subject rights carried out: the copy of everything that is kept, and the erasure with its certificate and journal.

mod bring_back;
mod certificate;
mod erase;
mod export;
mod journal;
mod replay;

pub use bring_back::{BroughtBack, bring_back};
pub use certificate::{Certificate, FileLook, Verification, check_certificate};
pub use erase::erase;
pub use export::{Exported, export};
pub use replay::{Replayed, finish, replay, unfinished, unplayed};
