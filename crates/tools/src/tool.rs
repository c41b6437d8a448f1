//! A tool is data plus one async function.

use pm33_auth::{Scope, ScopeSet};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Numbers, ToolContext, ToolError, View, Written};

/// One tool. Its registration is one line in its toolset's list; everything else is derived from here.
pub trait Tool: 'static {
    /// What it is.
    const SPEC: ToolSpec;
    /// Arguments of a useful call on the sample workspace, as JSON; feeds the docs and the test matrices.
    const EXAMPLE: &'static str;
    /// The page that a host may show for its answers.
    const VIEW: Option<&'static View> = None;
    /// How its numbers are written.
    const NUMBERS: Numbers = Numbers::Kept;
    /// Arguments.
    type Input: DeserializeOwned + JsonSchema + Send;
    /// Result; an object.
    type Output: Serialize + JsonSchema + Send;

    /// Does the work. Writes join the call's unit of work, which commits only when this returns `Ok`.
    fn call(
        ctx: &ToolContext<'_>,
        input: Self::Input,
    ) -> impl Future<Output = Result<Self::Output, ToolError>> + Send;

    /// Writes the result: what its serialisation says, wherever it is written by other means.
    ///
    /// # Errors
    /// What does not serialise.
    fn write(output: &Self::Output) -> Result<Written, serde_json::Error> {
        Written::of(output, Self::NUMBERS)
    }
}

/// What a tool is, as data.
#[derive(Clone, Copy, Debug)]
pub struct ToolSpec {
    /// Name on the wire.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// For a model that has never seen the product: what it is for, when not, what to call before and after.
    pub description: &'static str,
    /// Scopes that every call needs.
    pub scopes: &'static [Scope],
    /// What it does to the world.
    pub effect: Effect,
    /// What it costs.
    pub cost: Cost,
}

impl ToolSpec {
    /// The needed scopes as a set, with the base scope.
    pub fn scope_set(&self) -> ScopeSet {
        self.scopes.iter().copied().collect::<ScopeSet>().with(Scope::Enabled)
    }
}

/// What a tool does to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: safe to call at any time.
    Read,
    /// Adds; repeating adds again unless an idempotency key is sent.
    Create,
    /// Changes what is there; repeating changes nothing more.
    Update,
    /// Removes or overwrites what cannot be had back.
    Destroy,
}

impl Effect {
    /// Whether it changes nothing.
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Read)
    }
}

/// What a call costs, for limits and docs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// Microseconds to milliseconds.
    Light,
    /// Computation that may take seconds.
    Heavy,
    /// Credits.
    Credits,
}
