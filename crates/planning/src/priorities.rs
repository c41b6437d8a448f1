//! Priorities: five scoring methods with intervals for what is missing, inherited value, tiers by declared rule,
//! sensitivity and stability. A ranking depends on its items alone, never on their order or on the time of day.

mod advice;
mod candidate;
mod factor;
mod inherit;
mod inputs;
mod method;
mod rank;
mod sensitivity;
mod stability;
mod tiers;
mod weights;

pub use advice::{MoscowShare, SplitAdvice, moscow_share, split_advice};
pub use candidate::Candidate;
pub use factor::{Factor, Range};
pub use inputs::{alignment, candidates};
pub use method::Method;
pub use rank::{Ranked, Ranking, Share, SharePart, rank, rank_weighted};
pub use sensitivity::{Change, Flip, sensitivity};
pub use stability::{Stability, stability};
pub use tiers::{Tier, TierReason, TierRules, Tiered, tiers};
pub use weights::{WEIGHT_MAX, Weights};
