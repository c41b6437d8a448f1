//! A kept forecast as planning wrote it, and what has become of it.

use std::collections::BTreeSet;

use pm33_planning::{
    forecast::{AskedQuestion, Delivery, Happened, Outcome, Percentile, Recipe, judge},
    workspace::{calendar, containers},
};
use pm33_product::{
    BacklogFilter, ForecastId, ItemId, Mode, SavedForecast, Snapshot, Sort, Status, WorkItem,
};
use pm33_tenancy::{Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    competitive_threats::today,
    delivery_question::{About, Input},
    scope::ITEMS_MAX,
};
use crate::ToolError;

/// What was asked, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Question {
    asked: Input,
    about: About,
}

/// A forecast with all that it was made from.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) asked: Input,
    pub(super) about: About,
    pub(super) recipe: Recipe,
    pub(super) answer: Delivery,
}

impl Kept {
    /// As it is stored.
    pub(super) fn saved(
        &self,
        name: &str,
        author: UserId,
        now: Timestamp,
    ) -> Result<SavedForecast, ToolError> {
        let question = Question { asked: self.asked.again(), about: self.about.clone() };
        let kept = SavedForecast {
            id: ForecastId::new(now),
            name: name.trim().to_owned(),
            saved: now,
            as_of: self.answer.as_of,
            author: Some(author),
            question: text(&question)?,
            recipe: text(&self.recipe)?,
            answer: text(&self.answer)?,
        };
        kept.check()?;
        Ok(kept)
    }

    /// As it was stored.
    pub(super) fn read(saved: &SavedForecast) -> Result<Self, ToolError> {
        let Question { asked, about } = value(&saved.question)?;
        Ok(Self { asked, about, recipe: value(&saved.recipe)?, answer: value(&saved.answer)? })
    }

    /// What has happened since, and what that says of it.
    pub(super) fn outcome(&self, snapshot: &Snapshot, now: Timestamp) -> Result<Outcome, ToolError> {
        let happened = match self.answer.question {
            AskedQuestion::When => self.finish(snapshot)?,
            AskedQuestion::HowMuch { until } => {
                let holds = containers(snapshot);
                let mut done = 0;
                for item in snapshot.items().filter(|item| !holds.contains(&item.id)) {
                    let Some(at) = item.finished.filter(|at| *at > self.answer.as_of) else { continue };
                    let ours = item.status == Status::Done && self.about.teams.contains(&item.team);
                    done += u32::from(ours && day(snapshot, item, at)? <= until);
                }
                Happened::Items(done)
            }
        };
        Ok(judge(&self.answer, happened, today(now)))
    }

    /// When everything that was asked about was finished.
    fn finish(&self, snapshot: &Snapshot) -> Result<Happened, ToolError> {
        let asked: BTreeSet<ItemId> = match self.about.epic {
            Some(epic) => {
                let filter =
                    BacklogFilter { mode: Mode::Full, under: vec![epic], ..BacklogFilter::default() };
                snapshot.page(&filter, Sort::Key, None, ITEMS_MAX).items.iter().map(|item| item.id).collect()
            }
            None => self.about.items.iter().copied().collect(),
        };
        let holds = containers(snapshot);
        let mut last = None;
        for item in asked.iter().filter(|id| !holds.contains(id)).filter_map(|id| snapshot.get(*id)) {
            if item.is_active() {
                return Ok(Happened::StillOpen);
            }
            if let Some(at) =
                item.finished.filter(|at| item.status == Status::Done && *at > self.answer.as_of)
            {
                last = last.max(Some(day(snapshot, item, at)?));
            }
        }
        Ok(last.map_or(Happened::Dropped, Happened::FinishedOn))
    }
}

/// The day of a time where an item's team is.
fn day(snapshot: &Snapshot, item: &WorkItem, at: Timestamp) -> Result<jiff::civil::Date, ToolError> {
    Ok(calendar(item.team.and_then(|id| snapshot.team(id)))?.date(at))
}

fn text(value: &impl Serialize) -> Result<String, ToolError> {
    serde_json::to_string(value).map_err(broken)
}

fn value<T: DeserializeOwned>(text: &str) -> Result<T, ToolError> {
    serde_json::from_str(text).map_err(broken)
}

fn broken(cause: serde_json::Error) -> ToolError {
    ToolError::Unavailable {
        message: "a kept forecast could not be read or written".to_owned(),
        cause: cause.into(),
    }
}

/// A kept forecast as it is shown.
#[derive(Serialize, JsonSchema)]
pub(super) struct Shown {
    /// Its name; `now` for the question asked again.
    pub(super) name: String,
    /// Its id; absent for the question asked again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<ForecastId>,
    /// When it was saved; absent for the question asked again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) saved: Option<Timestamp>,
    /// The time of its data.
    pub(super) as_of: Timestamp,
    /// What was asked.
    pub(super) question: AskedQuestion,
    /// Items that remained then, of all teams.
    pub(super) remaining: u32,
    /// What was answered at 50, 70, 85 and 95 %.
    pub(super) percentiles: Vec<Percentile>,
    /// Weeks of history that it looked back at.
    pub(super) window_weeks: u32,
    /// Its seed.
    pub(super) seed: String,
    /// How it did.
    pub(super) outcome: Outcome,
}

impl Shown {
    /// A kept forecast, and how it did.
    pub(super) fn of(
        kept: &Kept,
        saved: Option<&SavedForecast>,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Result<Self, ToolError> {
        Ok(Self {
            name: saved.map_or_else(|| "now".to_owned(), |saved| saved.name.clone()),
            id: saved.map(|saved| saved.id),
            saved: saved.map(|saved| saved.saved),
            as_of: kept.answer.as_of,
            question: kept.answer.question,
            remaining: kept.answer.teams.iter().map(|team| team.remaining).sum(),
            percentiles: kept.answer.percentiles.clone(),
            window_weeks: kept.answer.teams.first().map_or(0, |team| team.window_weeks),
            seed: kept.answer.seed.clone(),
            outcome: kept.outcome(snapshot, now)?,
        })
    }

    /// How it did, in a sentence.
    pub(super) fn sentence(&self) -> String {
        let Self { name, outcome, .. } = self;
        let judged: Vec<_> = outcome.verdicts.iter().filter_map(|one| Some((one.level, one.held?))).collect();
        let happened = match outcome.happened {
            Happened::FinishedOn(day) => format!("all of it was finished on {day}"),
            Happened::StillOpen => "it is not finished yet".to_owned(),
            Happened::Dropped => {
                return format!("{name:?}: nothing of what it was about is left to be judged.");
            }
            Happened::Items(done) => format!("{done} items have been finished since"),
        };
        let levels = |held: bool| {
            let all = judged.iter().filter(|one| one.1 == held).map(|one| format!("{:.0} %", 100.0 * one.0));
            all.collect::<Vec<_>>().join(", ")
        };
        match (levels(true), levels(false)) {
            (held, missed) if held.is_empty() && missed.is_empty() => {
                format!("{name:?}: {happened}, and none of its dates has passed.")
            }
            (held, missed) if missed.is_empty() => {
                format!("{name:?}: {happened}; its statements at {held} held.")
            }
            (held, missed) if held.is_empty() => {
                format!("{name:?}: {happened}; its statements at {missed} did not hold.")
            }
            (held, missed) => {
                format!("{name:?}: {happened}; its statements at {held} held, those at {missed} did not.")
            }
        }
    }
}
