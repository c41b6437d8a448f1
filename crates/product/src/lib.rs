//! The product-management model: work items and their state history, teams, objectives, competitors; the workspace
//! snapshot that reads are served from; the ports to where it is stored. No prompts, no MCP, no SQL.
//!
//! ```
//! use pm33_product::{check_title, parse_markdown};
//!
//! assert!(check_title("Ship the importer").is_ok() && check_title("").is_err());
//! let parsed = parse_markdown("# Importer\n\n## Problem\n\nTeams type their backlog by hand.\n");
//! assert_eq!(parsed.title.as_deref(), Some("Importer"));
//! assert_eq!(parsed.sections, [("Problem".to_owned(), "Teams type their backlog by hand.".to_owned())]);
//! ```

mod apply;
mod competitor;
mod custom;
mod document;
mod error;
mod filter;
mod forecast;
mod history;
mod ids;
mod item;
mod links;
mod objective;
mod patch;
mod port;
mod rules;
mod snapshot;
mod team;
mod vocabulary;
mod words;

pub use apply::Applied;
pub use competitor::{Capability, Competitor, Coverage, Signal};
pub use custom::{CustomFields, CustomValue};
pub use document::{
    DOCUMENT_MAX, DiffLine, DiffOp, Document, DocumentHead, DocumentTemplate, DocumentVersion, Documents,
    Entry, Finding, Groundedness, LintRule, Linted, MadeBy, Parsed, Provenance, SECTION_MAX, SECTIONS_MAX,
    SOURCES_MAX, Section, SectionChange, SectionDiff, SectionKind, Severity, Source, SourceKind,
    TEMPLATES_MAX, TemplateSection, diff, entries, groundedness, lint, parse_markdown, question_numbers,
    section_key, sentences, shipped_templates, write_markdown,
};
pub use error::ProductError;
pub use filter::{BacklogFilter, Mode, Position, Sort, SortKey};
pub use forecast::SavedForecast;
pub use history::StateChange;
pub use ids::{CompetitorId, DocumentId, ForecastId, ItemId, ItemKey, ObjectiveId, SprintId, TeamId};
pub use item::{Dependency, External, ObjectiveLink, Scoring, WorkItem};
pub use links::check_links;
pub use objective::{CheckIn, KeyResult, Mission, Objective, ObjectiveStatus};
pub use patch::{ItemPatch, NewItem};
pub use port::{
    Author, Backlog, Forecasts, Freshness, JudgedDigest, KeptJudgements, Step, Steps, Strategy, TextHit,
};
pub use rules::{
    DESCRIPTION_MAX, LABELS_MAX, TITLE_MAX, check_description, check_item, check_scoring, check_title,
};
pub use snapshot::{Changes, Page, Row, Similar, Snapshot, sort_key};
pub use team::{Away, Day, Sprint, Team, TeamCalendar};
pub use vocabulary::{FieldType, Vocabulary};
pub use words::{DocumentKind, DocumentStatus, ItemType, Moscow, Priority, Status, StatusCategory};
