//! Judgements that were made: the same texts are judged once by the same model, whichever process is asked.

use std::collections::HashMap;

use pm33_planning::alignment::Contribution;
use pm33_product::{JudgedDigest, KeptJudgements};
use pm33_tenancy::WorkspaceRef;
use serde::{Deserialize, Serialize};

use super::views::ContributionWord;
use crate::{ToolContext, ToolError};

/// A judgement whose quotes were found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Judgement {
    pub(crate) contribution: Contribution,
    pub(crate) confidence: f64,
    pub(crate) item_quote: String,
    pub(crate) objective_quote: String,
    pub(crate) reason: String,
    /// What each vote said.
    pub(crate) votes: Vec<Contribution>,
}

/// A judgement as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    contribution: ContributionWord,
    confidence: f64,
    item_quote: String,
    objective_quote: String,
    reason: String,
    votes: Vec<ContributionWord>,
}

/// Those of these that were judged before. One that this version does not read is judged anew.
pub(crate) async fn find(
    ctx: &ToolContext<'_>,
    at: WorkspaceRef,
    digests: &[JudgedDigest],
) -> Result<HashMap<JudgedDigest, Judgement>, ToolError> {
    let kept = KeptJudgements::kept_judgements(ctx.ports, at, digests).await?;
    let read = |(digest, body): (JudgedDigest, String)| {
        let kept: Kept = serde_json::from_str(&body).ok()?;
        let judgement = Judgement {
            contribution: kept.contribution.into(),
            confidence: kept.confidence,
            item_quote: kept.item_quote,
            objective_quote: kept.objective_quote,
            reason: kept.reason,
            votes: kept.votes.into_iter().map(Into::into).collect(),
        };
        Some((digest, judgement))
    };
    Ok(kept.into_iter().filter_map(read).collect())
}

/// Keeps a judgement at once: it is paid for, whatever becomes of the rest of its call.
pub(crate) async fn keep(
    ctx: &ToolContext<'_>,
    at: WorkspaceRef,
    digest: JudgedDigest,
    judgement: &Judgement,
) -> Result<(), ToolError> {
    let kept = Kept {
        contribution: judgement.contribution.into(),
        confidence: judgement.confidence,
        item_quote: judgement.item_quote.clone(),
        objective_quote: judgement.objective_quote.clone(),
        reason: judgement.reason.clone(),
        votes: judgement.votes.iter().map(|vote| (*vote).into()).collect(),
    };
    // A number, words of a scale and texts always have a form.
    let body = serde_json::to_string(&kept).unwrap_or_default();
    Ok(KeptJudgements::keep_judgement(ctx.ports, at, digest, &body, ctx.now).await?)
}
