//! The `pm33_*` tools by toolset, their registry, resources, views and prompts. Tools know no MCP: a new protocol revision, or
//! an embedder without MCP, changes no tool.
//!
//! ```
//! let offered = pm33_tools::standard()?;
//! let create = offered.tool("pm33_create_work_item").ok_or("no such tool")?;
//! assert!(create.input_schema.get().contains("\"title\""));
//! let (_, variables) = offered.resource("pm33://item/harbor/HAR-1").ok_or("no such resource")?;
//! assert_eq!(variables["key"], "HAR-1");
//! # Ok::<(), String>(())
//! ```

mod backlog;
mod catalogue;
mod compute;
mod content;
mod context;
mod desk;
mod documents;
mod entry;
mod error;
mod interaction;
mod meter;
mod mirror;
mod numbers;
mod oversight;
mod planning;
mod prompt;
mod prompts;
mod resource;
mod resources;
mod schema;
mod standard;
mod strategy;
mod template;
mod tool;
mod views;
mod words;
mod written;

pub use catalogue::Catalogue;
pub use content::{Answer, Content, ResourceBody};
pub use context::{Handles, Ports, ToolContext};
pub use desk::{Desk, room};
pub use entry::{ToolEntry, ToolFuture};
pub use error::ToolError;
pub use interaction::{Interaction, LogLevel, Question, Replies, Reply, Silent};
pub use meter::{
    Became, Bill, Charge, Meter, Models, NoModel, Planned, Provider, Reply as ModelReply, SIGN, Speaking,
    Till, Unusable, nothing_charged,
};
pub use numbers::Numbers;
pub use prompt::{Prompt, PromptArgument, PromptMessage, PromptSpec, Speaker};
pub use resource::{Completion, Resource, ResourceEntry, ResourceSpec};
pub use standard::standard;
pub use template::{Template, Variables};
pub use tool::{Cost, Effect, Tool, ToolSpec};
pub use views::{VIEW_MIME, View};
pub use written::Written;
