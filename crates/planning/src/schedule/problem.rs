//! The problem: activities with alternative modes, renewable resources with capacity over time, finish-start links.

/// A scheduling problem. Time is counted in whole units from 0; what a unit is (a day, a week) is the caller's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Problem {
    /// What there is a limited amount of at each time.
    pub resources: Vec<Resource>,
    /// Working times that lengths may be counted in.
    pub calendars: Vec<Calendar>,
    /// What is to be placed.
    pub activities: Vec<Activity>,
    /// What must be finished before what.
    pub links: Vec<Link>,
    /// No activity finishes after this time.
    pub horizon: usize,
}

/// A renewable resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Amount available in each unit of time; the last value goes on for ever.
    pub capacity: Vec<u32>,
}

/// Working time: how much work one unit of time holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Work that fits into each unit of time; after the last one there is none.
    pub rate: Vec<u32>,
}

/// An activity; it runs in one of its modes, without a break other than its calendar's.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// Alternatives; exactly one is chosen.
    pub modes: Vec<Mode>,
    /// Not to be started before.
    pub release: usize,
    /// To be finished by; later is tardy.
    pub due: Option<usize>,
    /// Cost of delay per unit of time, 0 or more.
    pub weight: f64,
    /// It has begun: it is placed before whatever has not, and links do not hold it back.
    pub under_way: bool,
}

/// One way to do an activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mode {
    /// How long it takes.
    pub length: Length,
    /// What it occupies from start to finish.
    pub demands: Vec<Demand>,
}

/// How long a mode takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Units of time, whatever the calendar.
    Elapsed(usize),
    /// An amount of work, done at the calendar's rate.
    Working {
        /// Index of the calendar.
        calendar: usize,
        /// Amount of work.
        amount: u64,
    },
}

/// An amount of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Index of the resource.
    pub resource: usize,
    /// How much of it.
    pub amount: u32,
}

/// A finish-start link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Must be finished first.
    pub from: usize,
    /// Starts after it.
    pub to: usize,
    /// Units of time between that finish and this start; negative is a lead.
    pub lag: isize,
}

/// Why there is no schedule: the smallest set of facts that rules every schedule out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProblemError {
    /// A number is out of range, or an index points nowhere.
    #[error("{0}")]
    Malformed(String),
    /// Activities wait for each other in a circle.
    #[error("activities wait for each other in a circle of {}", .activities.len())]
    Cycle {
        /// The circle, each waiting for the one before it, the first for the last.
        activities: Vec<usize>,
    },
    /// No mode of the activity can ever run.
    #[error(
        "activity {activity} fits nowhere: no mode has its resources and working time inside the horizon"
    )]
    Unplaceable {
        /// The activity.
        activity: usize,
    },
    /// The horizon ends before everything is placed.
    #[error("the horizon of {horizon} units is too short: activity {activity} did not fit")]
    Horizon {
        /// The horizon.
        horizon: usize,
        /// The first activity that did not fit.
        activity: usize,
    },
}

impl Problem {
    /// Most activities of one problem.
    pub const ACTIVITIES_MAX: usize = 5_000;
    /// Longest horizon.
    pub const HORIZON_MAX: usize = 100_000;

    /// Checks numbers and indexes.
    ///
    /// # Errors
    /// [`ProblemError::Malformed`] for the first that is wrong.
    pub fn check(&self) -> Result<(), ProblemError> {
        let fail = |text: String| Err(ProblemError::Malformed(text));
        if self.activities.len() > Self::ACTIVITIES_MAX {
            return fail(format!(
                "{} activities are too many: at most {}; schedule a part of them",
                self.activities.len(),
                Self::ACTIVITIES_MAX
            ));
        }
        if self.horizon > Self::HORIZON_MAX {
            return fail(format!("a horizon of {} is too long: at most {}", self.horizon, Self::HORIZON_MAX));
        }
        for (index, activity) in self.activities.iter().enumerate() {
            if activity.modes.is_empty() {
                return Err(ProblemError::Unplaceable { activity: index });
            }
            if !activity.weight.is_finite() || activity.weight < 0.0 {
                return fail(format!("the weight of activity {index} must be a finite number, 0 or more"));
            }
            for mode in &activity.modes {
                self.check_mode(index, mode)?;
            }
        }
        for link in &self.links {
            if link.from >= self.activities.len() || link.to >= self.activities.len() {
                return fail(format!(
                    "the link {} to {} names an activity that is not there",
                    link.from, link.to
                ));
            }
            if link.lag.unsigned_abs() > Self::HORIZON_MAX {
                return fail(format!("the lag of the link {} to {} is too long", link.from, link.to));
            }
        }
        Ok(())
    }

    fn check_mode(&self, activity: usize, mode: &Mode) -> Result<(), ProblemError> {
        let known = match mode.length {
            Length::Elapsed(_) => true,
            Length::Working { calendar, .. } => calendar < self.calendars.len(),
        };
        let resources = mode.demands.iter().all(|demand| demand.resource < self.resources.len());
        let twice = (1..mode.demands.len())
            .any(|at| mode.demands[..at].iter().any(|one| one.resource == mode.demands[at].resource));
        if twice {
            return Err(ProblemError::Malformed(format!(
                "a mode of activity {activity} names a resource twice; add its amounts up"
            )));
        }
        if known && resources {
            return Ok(());
        }
        Err(ProblemError::Malformed(format!(
            "activity {activity} names a resource or calendar that is not there"
        )))
    }
}
