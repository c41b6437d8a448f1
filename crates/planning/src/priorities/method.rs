//! The five methods: which inputs make the value, which the cost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Candidate, Factor, Range, Weights};

/// A scoring method. A score is value over cost; the value is a sum or a product of inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Weighted shortest job first (SAFe): (user-business value + time criticality + risk reduction) / job size.
    #[default]
    Wsjf,
    /// Reach × impact × confidence / effort.
    Rice,
    /// The geometric mean of impact (0.25 to 3), confidence (0 to 1) and ease (1 to 10): the cube root of their product.
    Ice,
    /// Must 8, should 4, could 2, won't 1; inside a class by declared priority, due date and number.
    Moscow,
    /// Likelihood × blast radius × growth / (detectability × size).
    TechnicalRisk,
}

impl Method {
    /// The inputs that raise the score.
    pub const fn values(self) -> &'static [Factor] {
        match self {
            Self::Wsjf => &[Factor::BusinessValue, Factor::TimeCriticality, Factor::RiskReduction],
            Self::Rice => &[Factor::Reach, Factor::Impact, Factor::Confidence],
            Self::Ice => &[Factor::Impact, Factor::Confidence, Factor::Ease],
            Self::Moscow => &[Factor::MoscowClass],
            Self::TechnicalRisk => &[Factor::Likelihood, Factor::BlastRadius, Factor::Growth],
        }
    }

    /// The inputs that the value is divided by.
    pub const fn costs(self) -> &'static [Factor] {
        match self {
            Self::Wsjf => &[Factor::Size],
            Self::Rice => &[Factor::Effort],
            Self::Ice | Self::Moscow => &[],
            Self::TechnicalRisk => &[Factor::Detectability, Factor::Size],
        }
    }

    /// All inputs, values first.
    pub fn factors(self) -> impl Iterator<Item = Factor> {
        self.values().iter().chain(self.costs()).copied()
    }

    /// Whether the value is a sum of its inputs; otherwise it is a product.
    pub const fn is_sum(self) -> bool {
        matches!(self, Self::Wsjf)
    }

    /// The value of inputs, in the order of [`Self::values`].
    pub(super) fn value(self, inputs: impl Iterator<Item = f64>) -> f64 {
        if self.is_sum() { inputs.sum() } else { inputs.product() }
    }

    /// The score of a value and a cost.
    pub(super) fn score(self, value: f64, cost: f64) -> f64 {
        match self {
            Self::Ice => value.max(0.0).cbrt(),
            _ => value / cost,
        }
    }
}

/// Ranges of every input of every candidate, in the order of [`Method::factors`].
#[derive(Clone, Debug)]
pub(super) struct Inputs {
    pub(super) method: Method,
    /// The weight of each input, in the order of [`Method::factors`].
    pub(super) weights: Vec<f64>,
    /// Candidate after candidate.
    ranges: Vec<Range>,
    /// Whether the candidate itself lacks it, in the order of `ranges`: where all others say the same number, a missing
    /// input's range is a single one too.
    absent: Vec<bool>,
    width: usize,
    /// Per candidate: it lacks an input for which there is neither a scale nor anybody's number.
    pub(super) unscorable: Vec<bool>,
    /// Per candidate: some input of its value is known.
    pub(super) valued: Vec<bool>,
}

impl Inputs {
    /// Reads the inputs of all candidates.
    pub(super) fn of(method: Method, weights: &Weights, candidates: &[Candidate]) -> Self {
        let width = method.factors().count();
        // Durations and sizes have different units, so one of them serves for all.
        let by_duration = candidates.iter().all(|one| one.duration_days.is_some_and(usable));
        let read = |factor: Factor, one: &Candidate| match factor {
            Factor::Size if by_duration => one.duration_days,
            other => other.of(one),
        };
        let seen: Vec<Option<Range>> = method.factors().map(|factor| missing(factor, candidates)).collect();
        let mut ranges = Vec::with_capacity(candidates.len() * width);
        let mut absent = Vec::with_capacity(candidates.len() * width);
        let mut unscorable = vec![false; candidates.len()];
        let weights: Vec<f64> = method.factors().map(|factor| weights.of(factor)).collect();
        let counted: Vec<Factor> = method
            .values()
            .iter()
            .zip(&weights)
            .filter(|(_, weight)| **weight > 0.0)
            .map(|(value, _)| *value)
            .collect();
        let valued =
            candidates.iter().map(|one| counted.iter().any(|value| value.of(one).is_some())).collect();
        for (place, one) in candidates.iter().enumerate() {
            for ((factor, seen), weight) in method.factors().zip(&seen).zip(&weights) {
                let own = read(factor, one).map(Range::exact);
                absent.push(own.is_none());
                let range = own.or(*seen);
                unscorable[place] |= range.is_none() && *weight > 0.0;
                ranges.push(range.unwrap_or(Range::exact(0.0)));
            }
        }
        Self { method, weights, ranges, absent, width, unscorable, valued }
    }

    /// The inputs of one candidate.
    pub(super) fn ranges(&self, one: usize) -> &[Range] {
        &self.ranges[one * self.width..(one + 1) * self.width]
    }

    /// The inputs that count and that one candidate lacks.
    pub(super) fn missing(&self, one: usize) -> Vec<Factor> {
        let absent = &self.absent[one * self.width..(one + 1) * self.width];
        let counted = self.method.factors().zip(absent.iter().zip(&self.weights));
        counted.filter(|(_, (absent, weight))| **absent && **weight > 0.0).map(|(factor, _)| factor).collect()
    }

    /// Value and cost from one candidate's inputs. In a sum an input's weight multiplies it, in a product and in the cost it
    /// is its exponent: 1 changes nothing, 0 leaves the input out.
    pub(super) fn parts(&self, one: usize, mut pick: impl FnMut(usize, Range) -> f64) -> (f64, f64) {
        let split = self.method.values().len();
        let mut weighted = |place: usize, range: Range, sums: Sums| {
            let (number, weight) = (pick(place, range), self.weights[place]);
            match sums {
                Sums::Yes => number * weight,
                // What counts fully is the number itself, to the last bit.
                Sums::No if weight.to_bits() == 1.0_f64.to_bits() => number,
                Sums::No => number.powf(weight),
            }
        };
        let sums = if self.method.is_sum() { Sums::Yes } else { Sums::No };
        let (values, costs) = self.ranges(one).split_at(split);
        let value =
            self.method.value(values.iter().enumerate().map(|(place, &range)| weighted(place, range, sums)));
        let cost = costs.iter().enumerate().map(|(at, &range)| weighted(split + at, range, Sums::No));
        (value, cost.product())
    }
}

/// Whether inputs are summed.
#[derive(Clone, Copy)]
enum Sums {
    Yes,
    No,
}

fn usable(days: f64) -> bool {
    days.is_finite() && days > 0.0 && days <= 1e6
}

/// The range of a missing input: the whole scale; without a scale, what the other candidates have.
fn missing(factor: Factor, candidates: &[Candidate]) -> Option<Range> {
    if let (Some(&low), Some(&high)) = (factor.scale().first(), factor.scale().last()) {
        return Some(Range { low, high });
    }
    let known = candidates.iter().filter_map(|one| factor.of(one));
    known.fold(None, |range: Option<Range>, value| {
        let range = range.unwrap_or(Range::exact(value));
        Some(Range { low: range.low.min(value), high: range.high.max(value) })
    })
}
