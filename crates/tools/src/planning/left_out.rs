//! What a forecast cannot count, of which team, and what to do about it.

use pm33_planning::{PlanningError, forecast::TeamWork, workspace::NO_TEAM};
use schemars::JsonSchema;
use serde::Serialize;

use crate::words::{counted, listed};

/// Keys that are named of a team's items.
const KEYS: usize = 10;
/// Teams whose items are named, and teams that are named, where something holds for several.
const DETAILED: usize = 3;
const TEAMS: usize = 8;

/// Items that a forecast does not count: their team's past does not allow one, or nobody has written down their work.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct LeftOut {
    /// The team; `(no team)` for items that have none.
    pub(super) team: String,
    /// Its open items that were asked for.
    pub(super) items: usize,
    /// Keys of the first ten of them.
    keys: Vec<String>,
    /// What is missing, and what to do about it.
    why: String,
    /// Items that the team finished at an unknown time.
    #[serde(skip)]
    undated: u32,
    /// Days of its last year on which it finished something, where they are too few.
    #[serde(skip)]
    days: Option<usize>,
}

impl LeftOut {
    /// Items that are left out for a reason of their own.
    pub(super) fn new(team: String, mut keys: Vec<String>, why: &str) -> Self {
        let items = keys.len();
        keys.truncate(KEYS);
        Self { team, items, keys, why: why.to_owned(), undated: 0, days: None }
    }

    /// Items of a team whose past tells no pace.
    pub(super) fn of(team: TeamWork, keys: Vec<String>, error: &PlanningError) -> Self {
        let why = missing(&team, error);
        let days = match error {
            PlanningError::NotEnough { have, .. } if team.team != NO_TEAM => Some(*have),
            _ => None,
        };
        Self { undated: team.undated, days, ..Self::new(team.team, keys, &why) }
    }

    /// The same, of items that others wait for.
    pub(super) fn waited_for(self) -> Self {
        Self {
            why: format!("it must be finished first, and its time is not in the dates: {}", self.why),
            ..self
        }
    }

    /// Whose items they are, how many, which, and how little is known of the team's past.
    fn in_detail(&self) -> String {
        let mut details = Vec::new();
        if !self.keys.is_empty() {
            let more = if self.items > self.keys.len() { " …" } else { "" };
            details.push(format!("{}{more}", self.keys.join(", ")));
        }
        details
            .extend(self.days.map(|days| format!("something finished on {}", counted(days, "day", "days"))));
        details.extend(self.unknown());
        self.who(&details)
    }

    /// Whose items they are, and how many.
    fn in_short(&self) -> String {
        self.who(&Vec::from_iter(self.unknown()))
    }

    fn unknown(&self) -> Option<String> {
        let undated = counted(self.undated as usize, "item", "items");
        (self.undated > 0).then(|| format!("{undated} finished at an unknown time"))
    }

    fn who(&self, details: &[String]) -> String {
        let details = if details.is_empty() { String::new() } else { format!(" ({})", details.join("; ")) };
        let items = counted(self.items, "open item", "open items");
        if self.team == NO_TEAM {
            return format!("{items} without a team{details}");
        }
        format!("{} with {items}{details}", self.team)
    }
}

/// What is left out, a sentence for each reason, the teams that it holds for together, those with the most items first.
pub(super) fn sentences(left_out: &[LeftOut]) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<&LeftOut>)> = Vec::new();
    for one in left_out {
        match reasons.iter_mut().find(|(why, _)| *why == one.why) {
            Some((_, same)) => same.push(one),
            None => reasons.push((&one.why, vec![one])),
        }
    }
    let sentence = |(why, mut same): (&str, Vec<&LeftOut>)| {
        same.sort_by(|one, other| other.items.cmp(&one.items).then_with(|| one.team.cmp(&other.team)));
        let who = if same.len() <= DETAILED { LeftOut::in_detail } else { LeftOut::in_short };
        let mut who: Vec<_> = same.iter().take(TEAMS).map(|one| who(one)).collect();
        if same.len() > TEAMS {
            let items = same[TEAMS..].iter().map(|one| one.items).sum();
            let teams = counted(same.len() - TEAMS, "other team", "other teams");
            who.push(format!("{teams} with {}", counted(items, "open item", "open items")));
        }
        let who: Vec<&str> = who.iter().map(String::as_str).collect();
        format!("{}: {why}", listed(&who))
    };
    reasons.into_iter().map(sentence).collect()
}

/// What is missing for a team, and what to call.
fn missing(team: &TeamWork, error: &PlanningError) -> String {
    match error {
        PlanningError::NotEnough { .. } if team.team == NO_TEAM => {
            "nobody's pace applies to items without a team; give them one with pm33_update_work_item (field team)"
                .to_owned()
        }
        PlanningError::NotEnough { need, .. } => format!(
            "on fewer than {need} days of the last year something was finished; import the history with \
             pm33_import_work_items, times of finish too, or ask again when more is finished"
        ),
        other => other.to_string(),
    }
}
