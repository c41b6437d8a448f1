//! The port to a language model.

use async_trait::async_trait;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::{AiError, Rendered, Usage};

/// A model of a provider, by the fixed name that is asked for and billed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModelName {
    /// Provider, as in the price book.
    pub provider: String,
    /// Model.
    pub model: String,
}

/// One call.
pub struct Call<'a> {
    /// What is sent.
    pub prompt: &'a Rendered,
    /// The model.
    pub model: &'a str,
    /// The key; per call, because tenants may bring their own.
    pub key: &'a SecretString,
    /// Whose call it is, as an opaque word: circuits are broken for each alone.
    pub partition: &'a str,
    /// Fires when nobody waits for the answer any more.
    pub cancelled: CancellationToken,
}

/// What is told while an answer comes in.
pub trait CompletionEvents: Send + Sync {
    /// More text.
    fn text(&self, delta: &str);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl CompletionEvents for Quiet {
    fn text(&self, _: &str) {}
}

/// Why an answer ended. All of these are results and are paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The model was done.
    Done,
    /// The limit of output was reached: the text is cut.
    OutputLimit,
    /// The model refused.
    Refused,
    /// What was sent and the answer do not fit the model.
    ContextFull,
    /// Something that this program does not know.
    Other(String),
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Completion {
    /// The text.
    pub text: String,
    /// Why it ended.
    pub stop: StopReason,
    /// What it used.
    pub usage: Usage,
    /// The model as the provider names it.
    pub model: String,
}

/// A provider's models.
#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// The provider's name, as in the price book.
    fn provider(&self) -> &str;

    /// Asks a model; text is told as it comes in.
    ///
    /// # Errors
    /// With what was used, when anything was.
    async fn complete(&self, call: &Call<'_>, events: &dyn CompletionEvents) -> Result<Completion, AiError>;
}
