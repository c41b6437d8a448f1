//! Why a calculation was refused, in words that say what is missing and what to do next.

/// A refusal. Planning never answers with a made-up number, so each way of having too little is a variant.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlanningError {
    /// An argument breaks a rule.
    #[error("{field}: {rule}")]
    Invalid {
        /// The argument, as callers know it.
        field: &'static str,
        /// The rule, in words.
        rule: String,
    },
    /// One team's part was refused.
    #[error("{team}: {cause}")]
    Team {
        /// The team.
        team: String,
        /// Why.
        cause: Box<PlanningError>,
    },
    /// Nobody waits for the answer any more.
    #[error("the calculation was stopped")]
    Stopped,
    /// There is too little history to say anything.
    #[error("not enough data: {have} {what}, at least {need} are needed; {next}")]
    NotEnough {
        /// What is counted, in the plural.
        what: &'static str,
        /// How many there are.
        have: usize,
        /// How many are needed.
        need: usize,
        /// What to do next.
        next: &'static str,
    },
}

impl PlanningError {
    /// A broken rule.
    pub fn invalid(field: &'static str, rule: impl Into<String>) -> Self {
        Self::Invalid { field, rule: rule.into() }
    }

    /// The same refusal, naming the team that it is about.
    #[must_use]
    pub fn of_team(self, team: &str) -> Self {
        Self::Team { team: team.to_owned(), cause: self.into() }
    }
}
