//! Foreign file formats: tracker exports are read into work items, and a report says what became of every column and
//! record; a workspace is written as lines of JSON and as a table. The store is reached through the product's ports only,
//! and nothing here reads the clock.

mod archive;
mod bundle;
mod dates;
mod error;
mod export;
mod fingerprint;
mod format;
mod formula;
mod github;
mod import;
mod item;
mod layout;
mod mapped;
mod mapping;
mod options;
mod plan;
mod report;
mod row;
mod source;
mod survey;
mod texts;
mod write;

pub use archive::{
    Exported, ItemRecord, Line, Restored, Restorer, VERSION, export_lines, is_archive, line_schema,
};
pub use bundle::{Bundle, BundlePart, BundleReader, Manifest};
pub use error::InterchangeError;
pub use export::export_table;
pub use format::Format;
pub use import::{Import, Items, open, plan};
pub use item::{Evidence, ImportedItem, ImportedSprint};
pub use mapping::{Columns, FieldColumns, Mapping};
pub use options::{DateOrder, ImportLimits, ImportOptions};
pub use plan::ImportPlan;
pub use report::{ColumnReport, LossReport, Outcome, Problem, Totals};
pub use write::{NotWritten, Unresolved, Writer, Written};
