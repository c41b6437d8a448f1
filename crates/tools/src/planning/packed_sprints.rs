//! Stories in the coming sprints, as `pm33_schedule_portfolio` shows them on request.

use jiff::civil::Date;
use pm33_planning::schedule::{LeftOver, PackedStories};
use pm33_product::{ItemId, Snapshot};
use schemars::JsonSchema;
use serde::Serialize;

use crate::words::counted;

/// Keys that are shown of a sprint, and of each sort of what is left over.
const KEYS: usize = 25;

/// Stories packed into sprints.
#[derive(Serialize, JsonSchema)]
pub(super) struct ShownPacking {
    /// Open stories with points, in a sprint or not.
    total: usize,
    /// By team and time.
    sprints: Vec<ShownSprint>,
    /// Stories that are in no sprint, by reason.
    left_over: Vec<ShownLeftOver>,
}

/// A sprint with its stories.
#[derive(Serialize, JsonSchema)]
struct ShownSprint {
    /// Team.
    team: String,
    /// Name; absent where it is not written down yet and continues the team's rhythm.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// First day.
    #[schemars(with = "String")]
    start: Date,
    /// Last day.
    #[schemars(with = "String")]
    end: Date,
    /// Points that fit by capacity and calendar, from the plan's start on.
    room: f64,
    /// Points that are still free.
    free: f64,
    /// Keys of its stories, best first; at most 25. What they are tells `pm33_query_backlog` with `ids`.
    stories: Vec<String>,
    /// All its stories.
    count: usize,
}

/// Stories that are in no sprint, for one reason.
#[derive(Serialize, JsonSchema)]
struct ShownLeftOver {
    /// Why, and what helps.
    why: &'static str,
    /// Their keys, best first; at most 25.
    stories: Vec<String>,
    /// All of them.
    count: usize,
}

impl ShownPacking {
    pub(super) fn of(packed: &PackedStories, snapshot: &Snapshot) -> Self {
        let key = |id: &ItemId| snapshot.get(*id).map(|item| snapshot.key(item).to_string());
        let sprints = packed.sprints.iter().map(|one| ShownSprint {
            team: one.team.clone(),
            name: one.name.clone(),
            start: one.start,
            end: one.end,
            room: tidy(one.room),
            free: tidy(one.free),
            stories: one.stories.iter().filter_map(key).take(KEYS).collect(),
            count: one.stories.len(),
        });
        let reasons = [
            (LeftOver::NoRoom, "the sprints are full; ask for more `sprints`"),
            (LeftOver::TooLarge, "larger than any of the team's sprints; split it"),
            (
                LeftOver::Waits,
                "waits for something that is in no sprint; size what it waits for with pm33_update_work_item, or ask for more `sprints`",
            ),
            (
                LeftOver::NoTeam,
                "no team with a capacity; give it one with pm33_update_work_item, or the team a capacity with pm33_manage_team",
            ),
        ];
        let left_over = reasons.into_iter().filter_map(|(reason, why)| {
            let of_it: Vec<&ItemId> =
                packed.left_over.iter().filter(|(_, left)| *left == reason).map(|(id, _)| id).collect();
            let stories = of_it.iter().filter_map(|id| key(id)).take(KEYS).collect();
            (!of_it.is_empty()).then_some(ShownLeftOver { why, stories, count: of_it.len() })
        });
        Self { total: packed.total, sprints: sprints.collect(), left_over: left_over.collect() }
    }

    /// What a person should take from it.
    pub(super) fn sentence(&self) -> String {
        let placed: usize = self.sprints.iter().map(|one| one.count).sum();
        let place = counted(self.sprints.len(), "coming sprint takes", "coming sprints take");
        let rest: Vec<String> =
            self.left_over.iter().map(|left| format!("{} ({})", left.count, left.why)).collect();
        let rest =
            if rest.is_empty() { String::new() } else { format!(" In none of them: {}.", rest.join("; ")) };
        format!(
            " {place} {placed} of {}.{rest}",
            counted(self.total, "story with points", "stories with points")
        )
    }
}

/// Points as people write them.
fn tidy(points: f64) -> f64 {
    (points * 100.0).round() / 100.0
}
