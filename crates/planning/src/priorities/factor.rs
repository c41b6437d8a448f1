//! One input of a method: its scale, its range where it is missing, one step up or down.

use pm33_product::Moscow;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Candidate;

/// An input of a scoring method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// WSJF user-business value.
    BusinessValue,
    /// WSJF time criticality.
    TimeCriticality,
    /// WSJF risk reduction or opportunity enablement.
    RiskReduction,
    /// Job size: forecast duration where all have one, else job size, else story points.
    Size,
    /// RICE reach per period.
    Reach,
    /// RICE and ICE impact.
    Impact,
    /// RICE and ICE confidence.
    Confidence,
    /// RICE effort in person-months.
    Effort,
    /// ICE ease.
    Ease,
    /// MoSCoW class: must 8, should 4, could 2, won't 1.
    MoscowClass,
    /// Technical risk: chance of failure.
    Likelihood,
    /// Technical risk: how much breaks.
    BlastRadius,
    /// Technical risk: how fast it grows.
    Growth,
    /// Technical risk: how likely it is noticed before it harms.
    Detectability,
}

/// What is known of a number: it lies between these two, both included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Range {
    /// At least.
    pub low: f64,
    /// At most.
    pub high: f64,
}

impl Range {
    /// A number that is known.
    pub const fn exact(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// The middle that rankings are made by: the geometric one, which a change of unit leaves where it is; the
    /// arithmetic one where the low end is 0.
    pub fn middle(self) -> f64 {
        if self.low > 0.0 { (self.low * self.high).sqrt() } else { f64::midpoint(self.low, self.high) }
    }

    /// Whether the number is known.
    #[expect(clippy::float_cmp, reason = "an exact range is made of one number twice")]
    pub fn is_exact(self) -> bool {
        self.low == self.high
    }
}

const FIBONACCI: &[f64] = &[1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 20.0];
const TENTHS: &[f64] = &[0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
const TEN: &[f64] = &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0];
/// One step of an input without a scale.
const RATIO: f64 = 1.25;

impl Factor {
    /// Its name in arguments and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BusinessValue => "business_value",
            Self::TimeCriticality => "time_criticality",
            Self::RiskReduction => "risk_reduction",
            Self::Size => "size",
            Self::Reach => "reach",
            Self::Impact => "impact",
            Self::Confidence => "confidence",
            Self::Effort => "effort",
            Self::Ease => "ease",
            Self::MoscowClass => "moscow_class",
            Self::Likelihood => "likelihood",
            Self::BlastRadius => "blast_radius",
            Self::Growth => "growth",
            Self::Detectability => "detectability",
        }
    }

    /// The steps of its scale; empty where it has none.
    pub fn scale(self) -> &'static [f64] {
        match self {
            Self::BusinessValue | Self::TimeCriticality | Self::RiskReduction | Self::Size => FIBONACCI,
            Self::Reach | Self::Effort => &[],
            Self::Impact => &[0.25, 0.5, 1.0, 2.0, 3.0],
            Self::Confidence | Self::Likelihood => TENTHS,
            Self::Ease | Self::BlastRadius | Self::Detectability => TEN,
            Self::MoscowClass => &[1.0, 2.0, 4.0, 8.0],
            Self::Growth => &[1.0, 1.5, 2.0, 2.5, 3.0],
        }
    }

    /// One step up; the number itself at the top.
    pub fn above(self, value: f64) -> f64 {
        match self.scale() {
            [] => value * RATIO,
            scale => scale.iter().copied().find(|&step| step > value).unwrap_or(value),
        }
    }

    /// One step down; the number itself at the bottom.
    pub fn below(self, value: f64) -> f64 {
        match self.scale() {
            [] => value / RATIO,
            scale => scale.iter().rev().copied().find(|&step| step < value).unwrap_or(value),
        }
    }

    /// An item's input; `None` where it is missing or no usable number.
    pub fn of(self, one: &Candidate) -> Option<f64> {
        let scoring = &one.scoring;
        let (value, least) = match self {
            Self::BusinessValue => (scoring.business_value.map(f64::from), 1.0),
            Self::TimeCriticality => (scoring.time_criticality.map(f64::from), 1.0),
            Self::RiskReduction => (scoring.risk_reduction.map(f64::from), 1.0),
            // A size of 0 says that nobody has sized it, not that it is free.
            Self::Size => (scoring.job_size.map(f64::from).or(one.points), 1e-3),
            Self::Reach => (scoring.reach, 0.0),
            Self::Impact => (scoring.impact, 0.0),
            Self::Confidence => (scoring.confidence, 0.0),
            Self::Effort => (scoring.effort, 1e-6),
            Self::Ease => (scoring.ease, 1.0),
            Self::MoscowClass => (scoring.moscow.map(class), 1.0),
            Self::Likelihood => (scoring.risk_likelihood, 0.0),
            Self::BlastRadius => (scoring.blast_radius, 1.0),
            Self::Growth => (scoring.risk_growth, 1.0),
            Self::Detectability => (scoring.detectability, 1.0),
        };
        value.filter(|value| value.is_finite() && (least..=1e12).contains(value))
    }
}

fn class(class: Moscow) -> f64 {
    match class {
        Moscow::Must => 8.0,
        Moscow::Should => 4.0,
        Moscow::Could => 2.0,
        Moscow::Wont => 1.0,
    }
}
