//! Scheduling under scarce resources: the general problem with several renewable resources, and team lanes on it.
//!
//! Serial schedule generation by latest finish, forward-backward improvement, then a genetic search over activity
//! lists; lower bounds from critical path and resource load. Effort counts schedules, never
//! seconds: the same problem, seed and effort give the same schedule.

mod balance;
mod bound;
mod decode;
mod draw;
mod evolve;
mod exchange;
mod justify;
mod lanes;
mod left;
mod model;
mod packing;
mod portfolio;
mod problem;
mod reason;
mod redundant;
mod risk;
mod sample;
mod skyline;
mod solve;
mod sorter;
mod stories;
mod units;
mod value;
mod work;

pub use bound::{Bound, BoundKind};
pub use lanes::{Epic, Lane, LanePlan, Placement, PlanError, Portfolio, day_of, plan, plan_like};
pub use packing::{Need, Packed, SprintRoom, Story, pack};
pub use portfolio::{WorkspacePortfolio, portfolio, portfolio_of, priority_weight};
pub use problem::{Activity, Calendar, Demand, Length, Link, Mode, Problem, ProblemError, Resource};
pub use reason::{LaneReason, StartReason};
pub use risk::{EpicRisk, Trials, trials};
pub use solve::{Limits, Progress, Solution, solve};
pub use stories::{LeftOver, PackedSprint, PackedStories, packed_stories};
pub use value::Value;
