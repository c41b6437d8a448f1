//! A workspace as lines of JSON: everything that planning reads, in a form that is read back to the same state.
//!
//! The first line says what it is; then teams, sprints, mission, objectives, competitors, items, templates, documents and
//! saved forecasts follow, each on its own line with its `kind`. Ids are kept, so that a line can be read again without doubling anything. What is not in it:
//! who made a change, versions of items, audit. The JSON Schema of a line is [`line_schema`].

mod read;
mod record;
mod rehearse;
mod write;

pub use read::{Restored, Restorer, is_archive};
pub use record::{ItemRecord, Line, VERSION, line_schema};
pub use rehearse::{Rehearsal, Rehearsed};
pub use write::{Exported, export_lines};
