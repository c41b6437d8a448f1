//! Prompts: worked openings for a conversation, filled from the workspace.

use std::collections::BTreeMap;

use async_trait::async_trait;
use pm33_auth::Scope;

use crate::{Completion, Content, ToolContext, ToolError};

/// A prompt.
#[async_trait]
pub trait Prompt: Send + Sync {
    /// What it is.
    fn spec(&self) -> &PromptSpec;
    /// Its messages for these arguments; required ones are present.
    async fn get(
        &self,
        ctx: &ToolContext<'_>,
        arguments: &BTreeMap<String, String>,
    ) -> Result<Vec<PromptMessage>, ToolError>;
    /// Values for an argument that begin with what was typed.
    async fn complete(
        &self,
        _ctx: &ToolContext<'_>,
        _argument: &str,
        _typed: &str,
        _known: &BTreeMap<String, String>,
    ) -> Result<Completion, ToolError> {
        Ok(Completion::default())
    }
}

/// What a prompt is, as data.
#[derive(Clone, Copy, Debug)]
pub struct PromptSpec {
    /// Name on the wire.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Arguments.
    pub arguments: &'static [PromptArgument],
    /// Scopes that it needs.
    pub scopes: &'static [Scope],
}

/// An argument of a prompt.
#[derive(Clone, Copy, Debug)]
pub struct PromptArgument {
    /// Name.
    pub name: &'static str,
    /// What it means.
    pub description: &'static str,
    /// Whether it must be given.
    pub required: bool,
}

/// One message.
#[derive(Clone, Debug)]
pub struct PromptMessage {
    /// Who says it.
    pub speaker: Speaker,
    /// What.
    pub content: Content,
}

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The person.
    User,
    /// The model.
    Assistant,
}
