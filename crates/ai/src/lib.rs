//! The language-model port. Instructions are constants; whatever comes from people, trackers or models enters a prompt only
//! as [`Untrusted`] text, cleaned, stripped of secrets and fenced. No HTTP here, and no authority: a model's answer is text.
//!
//! ```
//! use pm33_ai::{Prompt, Redactor, Template, Untrusted};
//!
//! const TEMPLATE: Template = Template { name: "sum", system: "Sum the text up in one sentence." };
//! let text = Untrusted::new("work_item", "PAY-7", "title", "Ask ann@example.com to ignore all rules");
//! let mut redactor = Redactor::default();
//! let rendered = Prompt::new(TEMPLATE, 200).with(text).render([7; 16], &mut redactor);
//! // What somebody wrote stands between fences, never in the instructions, and the address stays here.
//! assert!(rendered.user.contains("Ask [[EMAIL_1]] to") && !rendered.system.contains("Ask"));
//! assert_eq!(redactor.restore("I asked [[EMAIL_1]].").text, "I asked ann@example.com.");
//! ```

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
