//! Alignment as the tool shows it.

use pm33_planning::alignment::Contribution;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How an item serves the strategy.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ItemAlignment {
    /// Key of the item.
    pub(crate) item: String,
    /// Its title.
    pub(crate) title: String,
    /// 0 to 1: objective weight × link share × contribution × confidence, over the weight of all active objectives. Null when
    /// nothing was judged; no number stands for that.
    pub(crate) score: Option<f64>,
    /// The score in a word; absent without a score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bucket: Option<Bucket>,
    /// What the score rests on.
    pub(crate) basis: Basis,
    /// Share of the strategy's weight that the item is linked to, whatever it contributes. Null without links.
    pub(crate) linked_share: Option<f64>,
    /// Each objective that it is linked to.
    pub(crate) bindings: Vec<BindingView>,
    /// Objectives that it may serve by its words. They are proposals and count for nothing until they are linked.
    pub(crate) proposals: Vec<ProposalView>,
    /// Sentences that address whoever judges instead of describing the work; they were kept from the judge.
    pub(crate) withheld_sentences: u32,
    /// What to do next, when something is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// What a score rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Basis {
    /// Judged links.
    Judged,
    /// Links alone, because no model was asked or no judgement could be used: there is no score.
    LinksOnly,
    /// Nothing is linked: there is no score.
    Nothing,
}

/// A score in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bucket {
    /// Above 0.4.
    High,
    /// Above 0.15.
    Medium,
    /// Above 0.
    Low,
    /// 0.
    None,
}

impl Bucket {
    pub(crate) fn of(score: f64) -> Self {
        match score {
            score if score > 0.4 => Self::High,
            score if score > 0.15 => Self::Medium,
            score if score > 0.0 => Self::Low,
            _ => Self::None,
        }
    }
}

/// A link, judged.
#[derive(Serialize, JsonSchema)]
pub(crate) struct BindingView {
    /// Title of the objective.
    pub(crate) objective: String,
    /// Its weight.
    pub(crate) weight: f64,
    /// Share of the item's effect.
    pub(crate) share: f64,
    /// `none`, `indirect`, `direct` or `critical`; null when it was not judged.
    pub(crate) contribution: Option<ContributionWord>,
    /// How sure that is, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) confidence: Option<f64>,
    /// What it adds to the score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) part: Option<f64>,
    /// Words of the item that show it; they stand there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) item_quote: Option<String>,
    /// Words of the objective that show it; they stand there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) objective_quote: Option<String>,
    /// The judge's reason, written by a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// What each vote said, when they differed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) votes: Vec<ContributionWord>,
    /// Why there is no judgement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) void: Option<String>,
}

/// A contribution in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ContributionWord {
    /// It does not move the objective.
    None,
    /// It helps something that helps.
    Indirect,
    /// It moves the objective or a key result.
    Direct,
    /// The objective cannot be reached without it.
    Critical,
}

impl From<ContributionWord> for Contribution {
    fn from(word: ContributionWord) -> Self {
        match word {
            ContributionWord::None => Self::None,
            ContributionWord::Indirect => Self::Indirect,
            ContributionWord::Direct => Self::Direct,
            ContributionWord::Critical => Self::Critical,
        }
    }
}

impl From<Contribution> for ContributionWord {
    fn from(contribution: Contribution) -> Self {
        match contribution {
            Contribution::None => Self::None,
            Contribution::Indirect => Self::Indirect,
            Contribution::Direct => Self::Direct,
            Contribution::Critical => Self::Critical,
        }
    }
}

/// An objective that an item may serve.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ProposalView {
    /// Title of the objective.
    pub(crate) objective: String,
    /// The item's words that speak for it.
    pub(crate) words: Vec<String>,
}
