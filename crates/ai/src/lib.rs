//! The language-model port. Instructions are constants; whatever comes from people, trackers or models enters a prompt only
//! as [`Untrusted`] text, cleaned, stripped of secrets and fenced. No HTTP here, and no authority: a model's answer is text.

mod error;
mod fence;
mod links;
mod model;
mod prompt;
mod quote;
mod redact;
mod restore;
mod usage;

pub use error::{AiError, Phase};
pub use links::{Neutralised, neutralise};
pub use model::{Call, Completion, CompletionEvents, LanguageModel, ModelName, Quiet, StopReason};
pub use prompt::{Prompt, Rendered, Template, Untrusted};
pub use quote::is_verbatim;
pub use redact::{Redacted, Redactor};
pub use restore::{Restored, Restorer};
pub use usage::{Figures, Usage};
