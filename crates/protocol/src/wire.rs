//! Types of parameters and results, one file per family of methods. Optional fields that only one era knows are filled
//! by whoever presents an answer; an absent field is never written.

mod call;
mod capabilities;
mod content;
mod lists;
mod prompts;
mod resources;
mod subscriptions;

pub use call::{CallParams, CallResult, InputRequest, InputRequired};
pub use capabilities::{
    DiscoverResult, Implementation, InitializeParams, InitializeResult, ServerCapabilities,
};
pub use content::{Block, Contents};
pub use lists::{
    Cache, ListParams, ListResult, PromptArgumentEntry, PromptEntry, ResourceEntry, TemplateEntry,
    ToolAnnotations, ToolEntry,
};
pub use prompts::{
    CompleteParams, CompleteResult, CompletionRef, CompletionValues, GetPromptParams, GetPromptResult,
    KnownArguments, PromptMessage, TypedArgument,
};
pub use resources::{ReadParams, ReadResult, SubscribeParams};
pub use subscriptions::{Filter, ListenParams};
