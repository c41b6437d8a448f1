//! `pm33_score_alignment`: how items serve the objectives that they are linked to, with checked quotes; abstains when there
//! is nothing to judge.

use std::sync::Arc;

use pm33_auth::Scope;
use pm33_planning::{
    alignment::{Bound, Text, score},
    priorities::alignment as linked_share,
};
use pm33_product::{Backlog, ObjectiveStatus, WorkItem};
use pm33_tenancy::{Timestamp, WorkspaceRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::alignment::{
    Basis, Binding, BindingView, Bucket, Case, ItemAlignment, Judge, Judgement, PortfolioView, ProposalView,
    bind, judged_before, keep_judgement, plan, portfolio_of, proposer, statement,
};
use crate::{
    Cost, Effect, Meter, Numbers, Tool, ToolContext, ToolError, ToolSpec,
    backlog::{names, place::Place},
};

/// Objectives that are proposed for an item at most.
const PROPOSED: usize = 3;

/// Score alignment.
pub(super) struct ScoreAlignment;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// Keys or ids of items, 10 at most.
    #[serde(default)]
    #[schemars(length(max = 10))]
    items: Vec<String>,
    /// Also tell where the effort of all open items goes: share per objective against its weight, starving objectives,
    /// effort that serves none. Needs no model.
    #[serde(default)]
    portfolio: bool,
    /// Any text of 1 to 128 visible characters. Repeating the call with the same key gives the first answer again, for nothing.
    #[schemars(length(min = 1, max = 128))]
    #[expect(dead_code, reason = "read by the server before the tool runs")]
    idempotency_key: Option<String>,
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// Workspace slug.
    workspace: String,
    /// The items, in the order asked.
    items: Vec<ItemAlignment>,
    /// Where the effort goes, when it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    portfolio: Option<PortfolioView>,
    /// The model that judged; absent when none was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    judged_by: Option<String>,
    /// Why no model was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_judged: Option<String>,
    /// The time that the answer is true for. A score is advice for people; nothing is decided by it.
    as_of: Timestamp,
}

impl Tool for ScoreAlignment {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_score_alignment",
        title: "Score alignment",
        description: "Tells how work items serve the strategy. Each item is judged against each active objective that it is linked \
            to (none, indirect, direct, critical), with quotes from both texts that are looked up word for word; from that comes \
            a score with its parts. Without links or objectives there is no score but proposals and the next step. Links first: \
            pm33_link_objective. Without an AI provider only the linked part is told, for zero credits. With `portfolio` it tells \
            which objectives starve and what effort serves none. For ranking use pm33_optimize_priorities.",
        scopes: &[Scope::BacklogRead, Scope::ObjectivesRead, Scope::AiGenerate],
        effect: Effect::Read,
        cost: Cost::Credits,
    };
    const EXAMPLE: &'static str = r#"{"items":["HAR-1"],"portfolio":true}"#;
    const NUMBERS: Numbers = Numbers::Computed;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        if input.items.is_empty() && !input.portfolio {
            return Err(ToolError::refused(
                "name items, or set portfolio to true; pm33_query_backlog finds items",
            ));
        }
        let place = Place::open(ctx, input.workspace.as_deref()).await?;
        let snapshot = &place.snapshot;
        let mut items: Vec<Arc<WorkItem>> = Vec::new();
        for asked in &input.items {
            items.push(Arc::clone(names::item(snapshot, asked)?));
        }
        let ids: Vec<_> = items.iter().map(|item| item.id).collect();
        let texts = if ids.is_empty() {
            Vec::new()
        } else {
            Backlog::descriptions(ctx.ports, place.at, &ids).await?
        };
        let works: Vec<_> =
            items.iter().zip(&texts).map(|(item, text)| Work::of(&place, item, text)).collect();
        let mut output = Output {
            workspace: place.workspace.slug.clone(),
            items: Vec::new(),
            portfolio: input.portfolio.then(|| portfolio_of(snapshot)),
            judged_by: None,
            not_judged: None,
            as_of: ctx.now,
        };
        if works.is_empty() {
            return Ok(output);
        }
        let mut verdicts = judge_all(ctx, place.at, &works, &mut output).await?.into_iter();
        let (proposer, active) = proposer(ctx, place.at, snapshot).await?;
        for work in &works {
            let text = Text { title: work.item.title.to_string(), body: work.description.to_owned() };
            let linked = |id| work.bound.iter().any(|(binding, _)| binding.objective.id == id);
            let proposals = proposer
                .propose(&text, PROPOSED + work.bound.len())
                .into_iter()
                .filter_map(|found| Some((active.get(found.aim)?, found.words)))
                .filter(|(objective, _)| !linked(objective.id))
                .take(PROPOSED)
                .map(|(objective, words)| ProposalView { objective: objective.title.to_string(), words });
            let proposals: Vec<_> = proposals.collect();
            let verdicts: Vec<_> = verdicts.by_ref().take(work.bound.len()).collect();
            output.items.push(work.told(&place, verdicts, proposals));
        }
        Ok(output)
    }
}

/// A judgement, or why there is none.
type Verdict = Result<Judgement, String>;

/// An item with what it is bound to.
struct Work<'s> {
    item: &'s WorkItem,
    description: &'s str,
    bound: Vec<(Binding<'s>, Case)>,
}

impl<'s> Work<'s> {
    fn of(place: &'s Place, item: &'s WorkItem, description: &'s str) -> Self {
        let key = place.snapshot.key(item).to_string();
        let bound = bind(&place.snapshot, item).into_iter().map(|binding| {
            let objective = binding.objective;
            let case = Case::new(
                (&key, &item.title, description),
                (&objective.id.to_string(), &objective.title, &statement(objective)),
            );
            (binding, case)
        });
        Self { item, description, bound: bound.collect() }
    }

    fn told(&self, place: &Place, verdicts: Vec<Verdict>, proposals: Vec<ProposalView>) -> ItemAlignment {
        let snapshot = &place.snapshot;
        let active: Vec<_> =
            snapshot.objectives().iter().filter(|one| one.status == ObjectiveStatus::Active).collect();
        let total: f64 = active.iter().map(|one| one.weight.max(0.0)).sum();
        // Where nobody was asked, asking again changes nothing.
        let is_asked = verdicts.iter().any(|one| one.as_ref().err().is_none_or(|why| !why.is_empty()));
        let mut judged = Vec::new();
        let mut bindings = Vec::new();
        for ((binding, _), verdict) in self.bound.iter().zip(verdicts) {
            let bound = verdict.as_ref().ok().map(|judgement| Bound {
                weight: binding.objective.weight,
                share: binding.share,
                contribution: judgement.contribution,
                confidence: judgement.confidence,
            });
            judged.extend(bound);
            bindings.push(binding_view(binding, verdict, bound.map(|bound| bound.part(total))));
        }
        let score = score(&judged, total);
        let basis = match (score, bindings.is_empty()) {
            (Some(_), _) => Basis::Judged,
            (None, false) => Basis::LinksOnly,
            (None, true) => Basis::Nothing,
        };
        let next = match basis {
            _ if active.is_empty() => {
                Some("there are no active objectives: write them with pm33_manage_objective")
            }
            Basis::Nothing if proposals.is_empty() => Some(
                "nothing is linked and no objective shares its words: link it with pm33_link_objective, or ask whether it is needed",
            ),
            Basis::Nothing => Some(
                "nothing is linked: look at the proposals and link what it serves with pm33_link_objective",
            ),
            Basis::LinksOnly if is_asked => Some(
                "no answer about the links could be used (see void): a call with a new idempotency_key asks, and is paid for, again",
            ),
            Basis::LinksOnly => Some(
                "the links are not judged (not_judged says why, and the same call will say the same): tell what is linked, and let the \
                    user judge it",
            ),
            Basis::Judged if judged.len() < bindings.len() => Some(
                "some links were not judged (see void) and the score leaves them out: a call with a new idempotency_key asks about them, \
                    and is paid for, again",
            ),
            Basis::Judged => None,
        };
        ItemAlignment {
            item: snapshot.key(self.item).to_string(),
            title: self.item.title.to_string(),
            score,
            bucket: score.map(Bucket::of),
            basis,
            linked_share: linked_share(snapshot, self.item),
            bindings,
            proposals,
            withheld_sentences: self.bound.iter().map(|(_, case)| case.withheld).sum(),
            next: next.map(str::to_owned),
        }
    }
}

fn binding_view(binding: &Binding<'_>, verdict: Verdict, part: Option<f64>) -> BindingView {
    let (judgement, void) = match verdict {
        Ok(judgement) => (Some(judgement), None),
        Err(why) => (None, Some(why).filter(|why| !why.is_empty())),
    };
    let quote = |quote: &String| Some(quote.clone()).filter(|quote| !quote.is_empty());
    let differed = |judgement: &Judgement| judgement.votes.iter().any(|vote| *vote != judgement.contribution);
    BindingView {
        objective: binding.objective.title.to_string(),
        weight: binding.objective.weight,
        share: binding.share,
        contribution: judgement.as_ref().map(|one| one.contribution.into()),
        confidence: judgement.as_ref().map(|one| one.confidence),
        part,
        item_quote: judgement.as_ref().and_then(|one| quote(&one.item_quote)),
        objective_quote: judgement.as_ref().and_then(|one| quote(&one.objective_quote)),
        reason: judgement.as_ref().and_then(|one| quote(&one.reason)),
        votes: judgement
            .iter()
            .filter(|one| differed(one))
            .flat_map(|one| one.votes.iter().map(|vote| (*vote).into()))
            .collect(),
        void,
    }
}

/// A verdict on every link of every item, in their order. What was judged before is not asked again.
async fn judge_all(
    ctx: &ToolContext<'_>,
    at: WorkspaceRef,
    works: &[Work<'_>],
    output: &mut Output,
) -> Result<Vec<Verdict>, ToolError> {
    let cases: Vec<&Case> = works.iter().flat_map(|work| work.bound.iter().map(|(_, case)| case)).collect();
    let unjudged = || cases.iter().map(|_| Err(String::new())).collect();
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let models = match ctx.models().await {
        Ok(models) => models,
        Err(why) => {
            output.not_judged = Some(format!("{why}; only the linked part is told"));
            return Ok(unjudged());
        }
    };
    let model = format!("{}/{}", models.name().provider, models.name().model);
    let digests: Vec<_> = cases.iter().map(|case| case.digest(ctx.caller.tenant, &model)).collect();
    let kept = judged_before(ctx, at, &digests).await?;
    let mut verdicts: Vec<Option<Verdict>> =
        digests.iter().map(|digest| kept.get(digest).cloned().map(Ok)).collect();
    let open: Vec<usize> =
        verdicts.iter().enumerate().filter(|(_, one)| one.is_none()).map(|(place, _)| place).collect();
    if !open.is_empty() {
        let planned = plan(open.iter().filter_map(|place| cases.get(*place).copied()));
        let meter: Meter<'_> = models.meter(ScoreAlignment::SPEC.name, &planned).await?;
        let judge = Judge { ctx, meter: &meter };
        for (done, place) in open.iter().enumerate() {
            let (Some(case), Some(digest)) = (cases.get(*place), digests.get(*place)) else { continue };
            let verdict = judge.judge(case).await?;
            if let Ok(judgement) = &verdict {
                keep_judgement(ctx, at, *digest, judgement).await?;
            }
            if let Some(slot) = verdicts.get_mut(*place) {
                *slot = Some(verdict);
            }
            #[expect(clippy::cast_precision_loss, reason = "a count of pairs")]
            ctx.client.progress((done + 1) as f64, Some(open.len() as f64), Some("judged"));
        }
    }
    output.judged_by = Some(model);
    Ok(verdicts.into_iter().map(|one| one.unwrap_or_else(|| Err(String::new()))).collect())
}
