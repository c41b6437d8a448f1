//! Answer times of one measurement, and what is told of them.

use std::time::Duration;

/// Answer times.
#[derive(Default)]
pub(crate) struct Spans(Vec<u32>);

impl Spans {
    /// Notes one.
    pub(crate) fn note(&mut self, span: Duration) {
        self.0.push(u32::try_from(span.as_nanos()).unwrap_or(u32::MAX));
    }

    /// Takes over another's.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that this share of the answers took at most, in microseconds.
    pub(crate) fn percentile(&mut self, percent: usize) -> f64 {
        if self.0.is_empty() {
            return f64::NAN;
        }
        let rank = (self.0.len() * percent).div_ceil(100).clamp(1, self.0.len()) - 1;
        let (_, nanos, _) = self.0.select_nth_unstable(rank);
        f64::from(*nanos) / 1_000.0
    }
}

/// The middle of some numbers; NaN of none.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    match numbers.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => numbers[length / 2],
        length => f64::midpoint(numbers[length / 2 - 1], numbers[length / 2]),
    }
}
