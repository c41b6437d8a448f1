//! Foreign file formats: tracker exports are read into work items, and a report says what became of every column and
//! record; a workspace is written as lines of JSON and as a table. The store is reached through the product's ports only,
//! and nothing here reads the clock.
//!
//! ```
//! use std::io::Cursor;
//!
//! use pm33_interchange::{ImportOptions, open};
//!
//! let export = "Issue key,Issue id,Summary,Issue Type,Status\nPAY-1,10001,Pay by card,Story,To Do\n";
//! let options = ImportOptions::new("2026-11-25T00:00:00Z".parse()?);
//! let mut import = open(Cursor::new(export), &options)?;
//! let items = import.items()?.collect::<Result<Vec<_>, _>>()?;
//! assert_eq!(items[0].item.title, "Pay by card");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
mod list;
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
    Exported, ItemRecord, Line, Rehearsal, Rehearsed, Restored, Restorer, VERSION, export_lines, is_archive,
    line_schema,
};
pub use bundle::{Bundle, BundlePart, BundleReader, Manifest};
pub use error::InterchangeError;
pub use export::export_table;
pub use format::Format;
pub use import::{Import, Items, open, plan};
pub use item::{Archival, Evidence, ImportedItem, ImportedNeed, ImportedSprint};
pub use mapping::{Columns, FieldColumns, Mapping};
pub use options::{DateOrder, ImportLimits, ImportOptions};
pub use plan::ImportPlan;
pub use report::{ColumnReport, LossReport, Outcome, Problem, Totals};
pub use write::{NotWritten, Trial, Unresolved, Writer, Written};
