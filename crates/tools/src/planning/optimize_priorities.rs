//! `pm33_optimize_priorities`: what to build next, and how firm that answer is.

use std::{collections::BTreeMap, sync::Arc};

use pm33_auth::Scope;
use pm33_planning::{
    Seed,
    priorities::{
        Candidate, Factor, Method, Range, Ranking, SharePart, SplitAdvice, Tier, TierReason, TierRules,
        Weights, candidates, moscow_share, rank_weighted, sensitivity, split_advice, stability, tiers,
    },
    threats::threats,
};
use pm33_product::{Backlog, Freshness, ItemType, Snapshot, Strategy, WorkItem};
use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    competitive_threats::{by_item, today},
    scope::{Asked, open_items},
};
use crate::{
    Cost, Effect, Numbers, Tool, ToolContext, ToolError, ToolSpec, View,
    compute::{Watch, compute},
    views,
    words::counted,
};

/// The top whose firmness is told.
const TOP: usize = 5;

/// A ranking.
pub(super) struct OptimizePriorities;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// Scoring method.
    #[serde(default)]
    method: Method,
    /// How much inputs of the method count, 0 to 10 each, such as {"time_criticality": 2}; 1 where nothing is said. In WSJF's sum a
    /// weight multiplies its input, in products and costs it is the input's exponent; 0 leaves the input out.
    #[serde(default)]
    #[expect(clippy::doc_markdown, reason = "what clients read is an example in JSON")]
    weights: BTreeMap<Factor, f64>,
    /// Only items below this epic or other parent: its key.
    epic: Option<String>,
    /// Only these items: keys or ids.
    #[serde(default)]
    #[schemars(length(max = 200))]
    ids: Vec<String>,
    /// Only items with one of these labels.
    #[serde(default)]
    label: Vec<String>,
    /// Only these teams, by name or id.
    #[serde(default)]
    team: Vec<String>,
    /// Only these types. Without it all but ideas.
    #[serde(default, rename = "type")]
    types: Vec<ItemType>,
    /// Items to show, 1 to 200; all are ranked.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 200))]
    limit: usize,
    /// Items to leave out at the top, to see the next page.
    #[serde(default)]
    #[schemars(range(max = 1_000_000))]
    skip: usize,
}

fn default_limit() -> usize {
    25
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// What a person should take from the numbers.
    summary: String,
    /// Workspace slug.
    workspace: String,
    /// The method and its formula.
    method: Method,
    /// The method's inputs, in the order of each item's `inputs`; those of the value first, then those that it is divided by.
    factors: Vec<Factor>,
    /// How much each of them counts; absent when all count as much as the method says.
    #[serde(skip_serializing_if = "Option::is_none")]
    weights: Option<Vec<f64>>,
    /// Items ranked.
    total: usize,
    /// The ranking from `skip` on.
    items: Vec<Shown>,
    /// `skip` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_skip: Option<usize>,
    /// One step of one input that would change who is in the top five; at most 50.
    sensitivity: Vec<ShownFlip>,
    /// Mean Kendall's tau between this ranking and ones with every input off by up to one step, −1 to 1; absent for fewer
    /// than two items.
    #[serde(skip_serializing_if = "Option::is_none")]
    rank_stability: Option<f64>,
    /// Large critical items, and large ones in P0 or P1 that would rank higher in parts.
    split: Vec<ShownSplit>,
    /// Part of the sized effort (won'ts apart) that is must, 0 to 1; over 0.6 leaves no room. Absent without classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    must_share: Option<f64>,
    /// Items that wait for each other in a circle; they inherit nothing.
    circular: Vec<String>,
    /// The time that the answer is true for.
    as_of: Timestamp,
}

/// One ranked item.
#[derive(Serialize, JsonSchema)]
struct Shown {
    /// Key.
    key: String,
    /// Title.
    title: Arc<str>,
    /// 1 is the best.
    rank: usize,
    /// Best and worst rank that missing inputs allow.
    ranks: (usize, usize),
    /// Whether something is known of its value, its own or that of what waits for it. The others come last, by declared
    /// priority, and are in no tier by their place.
    placed: bool,
    /// P0 to P4; absent where nothing is known of its value and it is neither declared critical nor due soon.
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<Tier>,
    /// Which part of the tier rule decided.
    tier_reason: TierReason,
    /// The score's interval; absent when an input is missing that has no scale.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<Range>,
    /// The score with every missing input at the middle of its range; the ranking compares this.
    middle: f64,
    /// Value inherited from items that wait for it.
    inherited: f64,
    /// Parts of the score; they sum to 1. None where nothing is known of its value.
    shares: Vec<ShownShare>,
    /// The inputs that the ranking compares, in the order of `factors`; a missing one is at the middle of its range.
    inputs: Vec<f64>,
    /// Inputs that are missing.
    missing: Vec<Factor>,
    /// Its own open blockers that rank below it.
    above_own_blockers: Vec<String>,
    /// Chance to stay in the top five when every input may be off by a step; only for the top five.
    #[serde(skip_serializing_if = "Option::is_none")]
    stays_in_top: Option<f64>,
}

/// A part of a score.
#[derive(Serialize, JsonSchema)]
struct ShownShare {
    /// Of what.
    of: SharePart,
    /// 0 to 1.
    share: f64,
}

/// A step that changes the top.
#[derive(Serialize, JsonSchema)]
struct ShownFlip {
    /// Whose input.
    key: String,
    /// Which.
    input: Factor,
    /// From.
    from: f64,
    /// To.
    to: f64,
    /// Who enters or leaves the top five.
    moves: String,
    /// `enters` or `leaves`.
    change: pm33_planning::priorities::Change,
}

/// An item to split.
#[derive(Serialize, JsonSchema)]
struct ShownSplit {
    /// Key.
    key: String,
    /// Size.
    size: f64,
    /// Rank now.
    rank: usize,
    /// Rank of a half that keeps all the value: the best that a split can give.
    rank_of_half: usize,
}

impl Tool for OptimizePriorities {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_optimize_priorities",
        title: "Optimize priorities",
        description: "Ranks open items by WSJF, RICE, ICE, MoSCoW or technical risk, with tiers P0 to P4, each factor's share, and how firm \
            the top five is. Use it to decide what to build next. Missing scoring inputs widen an item's interval and its possible \
            ranks; they are never taken as zero or average, so fill them with pm33_update_work_item where `missing` names them. \
            Objective links and competitive threats raise a value, a blocker inherits what it unblocks. Declared critical and soon \
            due items are never below P1. `weights` ranks as if some inputs counted more or less. It changes nothing; for dates call pm33_schedule_portfolio.",
        scopes: &[Scope::PlanningRead],
        effect: Effect::Read,
        cost: Cost::Heavy,
    };
    const EXAMPLE: &'static str = r#"{"method":"wsjf","limit":10}"#;
    const VIEW: Option<&'static View> = Some(&views::PRIORITIES);
    const NUMBERS: Numbers = Numbers::Computed;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let (at, workspace) = ctx.workspace(input.workspace.as_deref()).await?;
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        let competitors = Strategy::competitors(ctx.ports, at).await?;
        let (now, slug) = (ctx.now, workspace.slug.clone());
        let weights = Weights::of_method(input.method, input.weights.clone())?;
        compute(ctx, "ranking", move |watch| {
            let asked = Asked {
                epic: input.epic.as_deref(),
                ids: &input.ids,
                labels: &input.label,
                teams: &input.team,
            };
            let wanted = open_items(&snapshot, &asked)?;
            let named = !input.ids.is_empty();
            let fits = |item: &WorkItem| match input.types.as_slice() {
                [] => named || item.item_type != ItemType::Idea,
                types => types.contains(&item.item_type),
            };
            let mut items: Vec<Arc<WorkItem>> =
                snapshot.items().filter(|item| wanted.contains(&item.id) && fits(item)).cloned().collect();
            items.sort_by_key(|item| item.number);
            if items.is_empty() {
                return Err(ToolError::refused(
                    "nothing open matches; drop a filter, or see with pm33_query_backlog what there is",
                ));
            }
            let day = today(now);
            let by_item = by_item(&competitors, &threats(&competitors, day));
            let list = candidates(&snapshot, &items, |id| by_item.get(&id).copied(), |_| None);
            answer(&snapshot, &items, &list, &input, &weights, (slug, now), watch).ok_or(ToolError::Cancelled)
        })
        .await?
    }
}

fn answer(
    snapshot: &Snapshot,
    items: &[Arc<WorkItem>],
    list: &[Candidate],
    input: &Input,
    weights: &Weights,
    (workspace, now): (String, Timestamp),
    watch: &Watch,
) -> Option<Output> {
    let ranking = rank_weighted(input.method, weights, list);
    watch.tell(0.2).continue_value()?;
    let tiered = tiers(&ranking, list, &TierRules::standard(today(now)), |_| None);
    let flips = sensitivity(&ranking, list, TOP, &mut || watch.go_on())?;
    watch.tell(0.5).continue_value()?;
    let seed = Seed::of(list.iter().map(|one| u64::from(one.number)));
    let firm = stability(&ranking, list, TOP, seed, &mut |done| watch.tell(0.5 + 0.45 * done));
    watch.tell(0.95).continue_value()?;
    let key = |one: usize| snapshot.key(&items[one]).to_string();
    let shown: Vec<Shown> = ranking
        .items
        .iter()
        .zip(&tiered)
        .skip(input.skip)
        .take(input.limit)
        .map(|(ranked, tiered)| Shown {
            key: key(ranked.candidate),
            title: Arc::clone(&items[ranked.candidate].title),
            rank: ranked.rank,
            ranks: ranked.ranks,
            placed: ranked.placed,
            tier: tiered.tier,
            tier_reason: tiered.reason,
            score: ranked.score,
            middle: ranked.middle,
            inherited: ranked.inherited,
            // Of what nothing is known there is nothing to share out.
            shares: ranked
                .shares
                .iter()
                .filter(|_| ranked.placed)
                .map(|one| ShownShare { of: one.part, share: one.share })
                .collect(),
            inputs: ranked.inputs.clone(),
            missing: ranked.missing.clone(),
            above_own_blockers: ranked.above_blockers.iter().map(|&one| key(one)).collect(),
            stays_in_top: firm.as_ref().and_then(|firm| firm.stays.get(ranked.rank - 1).copied()),
        })
        .collect();
    let next = input.skip.saturating_add(shown.len());
    let split = split_advice(&ranking, list, &tiered);
    Some(Output {
        summary: summary(&ranking, items, snapshot, &flips, firm.as_ref().map(|firm| firm.tau))
            + &split_sentence(&split, key),
        workspace,
        method: input.method,
        factors: input.method.factors().collect(),
        weights: (!input.weights.is_empty())
            .then(|| input.method.factors().map(|one| weights.of(one)).collect()),
        total: ranking.items.len(),
        next_skip: (next < ranking.items.len()).then_some(next),
        items: shown,
        sensitivity: flips
            .iter()
            .take(50)
            .map(|flip| ShownFlip {
                key: key(flip.candidate),
                input: flip.factor,
                from: flip.from,
                to: flip.to,
                moves: key(flip.moved),
                change: flip.change,
            })
            .collect(),
        rank_stability: firm.map(|firm| firm.tau),
        split: split
            .iter()
            .take(20)
            .map(|one| ShownSplit {
                key: key(one.candidate),
                size: one.size,
                rank: one.rank,
                rank_of_half: one.rank_of_half,
            })
            .collect(),
        must_share: moscow_share(list).map(|share| share.must),
        circular: ranking.circular.iter().take(50).map(|&one| key(one)).collect(),
        as_of: now,
    })
}

/// Characters of a title in a summary.
const TITLE: usize = 60;

/// A title, cut where it is long.
fn short(title: &str) -> String {
    match title.char_indices().nth(TITLE) {
        Some((end, _)) => format!("{}…", title[..end].trim_end()),
        None => title.to_owned(),
    }
}

/// Which large item is better done in parts.
fn split_sentence(split: &[SplitAdvice], key: impl Fn(usize) -> String) -> String {
    let gains = split.iter().filter(|one| one.rank_of_half < one.rank);
    let most = gains.max_by_key(|one| (one.rank - one.rank_of_half, std::cmp::Reverse(one.rank)));
    most.map_or_else(String::new, |one| {
        format!(
            " Split {}: with {} points it is at place {}, and half of it with all the value would be at place {}.",
            key(one.candidate),
            one.size,
            one.rank,
            one.rank_of_half
        )
    })
}

fn summary(
    ranking: &Ranking,
    items: &[Arc<WorkItem>],
    snapshot: &Snapshot,
    flips: &[pm33_planning::priorities::Flip],
    tau: Option<f64>,
) -> String {
    let top: Vec<String> = ranking
        .items
        .iter()
        .filter(|ranked| ranked.placed)
        .take(TOP)
        .map(|ranked| {
            let item = &items[ranked.candidate];
            format!("{} ({})", snapshot.key(item), short(&item.title))
        })
        .collect();
    let all = ranking.items.len();
    let blank = ranking.items.iter().filter(|ranked| !ranked.placed).count();
    let lacking = ranking.items.iter().filter(|ranked| ranked.placed && !ranked.missing.is_empty()).count();
    if top.is_empty() {
        return format!(
            "Nothing is known of the value of the {all} items by this method, so this is no ranking: they are listed by \
             declared priority and due date. Fill `scoring` with pm33_update_work_item, the important ones first: `missing` \
             names the inputs."
        );
    }
    let mut sentences = vec![format!("Next by this method: {}.", top.join(", "))];
    if blank > 0 {
        sentences.push(format!(
            " Of {blank} of the {all} items nothing is known of their value: they come last and are in no tier but by a declared \
             critical priority or a near due date."
        ));
    }
    if lacking > 0 {
        sentences.push(format!(
            " {} some inputs, so their places are ranges; fill those first that could reach the top.",
            counted(lacking, "item lacks", "items lack")
        ));
    }
    if let Some(tau) = tau {
        let firm = if tau >= 0.8 {
            "firm"
        } else if tau >= 0.5 {
            "fairly firm"
        } else {
            "loose"
        };
        sentences.push(format!(
            " The order is {firm} (tau {tau:.2}); {} single steps would change the top five.",
            flips.len()
        ));
    }
    sentences.concat()
}
