//! Individuals and moving range charts (XmR): is the pace stable? Shewhart 1931; limits and rules as in Wheeler,
//! "Understanding Variation", 2nd edition 2000.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// 3 / d2 for ranges of two values.
const LIMIT: f64 = 2.66;
/// D4 for ranges of two values.
const RANGE_LIMIT: f64 = 3.268;
/// Values on one side of the centre that are a signal.
const RUN: usize = 8;

/// Natural process limits and what falls out of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Xmr {
    /// Mean of the values.
    pub centre: f64,
    /// Centre minus 2.66 mean moving ranges, at least 0.
    pub lower: f64,
    /// Centre plus 2.66 mean moving ranges.
    pub upper: f64,
    /// Mean of the distances between neighbours.
    pub mean_moving_range: f64,
    /// 3.268 mean moving ranges: a larger jump between neighbours is a signal.
    pub range_upper: f64,
    /// Signals in words; none means that the pace varies no more than it always has.
    pub signals: Vec<String>,
}

/// The chart of values in the order of time, named for the signals; `None` of fewer than two values.
pub fn xmr(values: &[(String, f64)]) -> Option<Xmr> {
    let count = values.len() as f64;
    if values.len() < 2 {
        return None;
    }
    let centre = values.iter().map(|(_, value)| value).sum::<f64>() / count;
    let ranges: Vec<f64> = values.windows(2).map(|pair| (pair[1].1 - pair[0].1).abs()).collect();
    let mean_moving_range = ranges.iter().sum::<f64>() / ranges.len() as f64;
    let (lower, upper) = ((centre - LIMIT * mean_moving_range).max(0.0), centre + LIMIT * mean_moving_range);
    let mut chart = Xmr {
        centre,
        lower,
        upper,
        mean_moving_range,
        range_upper: RANGE_LIMIT * mean_moving_range,
        signals: Vec::new(),
    };
    chart.signals = signals(values, &ranges, &chart);
    Some(chart)
}

fn signals(values: &[(String, f64)], ranges: &[f64], chart: &Xmr) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in values {
        if *value > chart.upper {
            found.push(format!(
                "{name}: {value:.1} is above the upper limit {:.1}; something unusual helped",
                chart.upper
            ));
        } else if *value < chart.lower {
            found.push(format!(
                "{name}: {value:.1} is below the lower limit {:.1}; something unusual hindered",
                chart.lower
            ));
        }
    }
    for (range, pair) in ranges.iter().zip(values.windows(2)) {
        if *range > chart.range_upper {
            found.push(format!(
                "{} to {}: a jump of {range:.1}, more than {:.1}, the most that usual variation makes",
                pair[0].0, pair[1].0, chart.range_upper
            ));
        }
    }
    found.extend(run(values, chart.centre));
    found.extend(near_limit(values, chart));
    found
}

/// The first and longest stretch of eight or more on one side of the centre, for each side.
fn run(values: &[(String, f64)], centre: f64) -> Vec<String> {
    let mut found = Vec::new();
    for (word, side) in [("above", 1.0), ("below", -1.0)] {
        let mut best: Option<(usize, usize)> = None;
        let mut start = 0;
        for end in 0..=values.len() {
            let on_side = values.get(end).is_some_and(|(_, value)| (value - centre) * side > 0.0);
            if on_side {
                continue;
            }
            if end - start >= RUN && best.is_none_or(|(from, to)| end - start > to - from) {
                best = Some((start, end));
            }
            start = end + 1;
        }
        if let Some((from, to)) = best {
            found.push(format!(
                "{} to {}: {} in a row {word} the mean {centre:.1}; the level has shifted",
                values[from].0,
                values[to - 1].0,
                to - from
            ));
        }
    }
    found
}

/// Three of four neighbours nearer to a limit than to the centre: the first such group.
fn near_limit(values: &[(String, f64)], chart: &Xmr) -> Option<String> {
    for (word, half) in [
        ("upper", f64::midpoint(chart.centre, chart.upper)),
        ("lower", f64::midpoint(chart.centre, chart.lower)),
    ] {
        let near = |value: f64| if word == "upper" { value > half } else { value < half };
        if chart.mean_moving_range <= 0.0 {
            return None;
        }
        for group in values.windows(4) {
            if group.iter().filter(|(_, value)| near(*value)).count() >= 3 {
                return Some(format!(
                    "{} to {}: three of four nearer to the {word} limit than to the mean; a shift may have begun",
                    group[0].0, group[3].0
                ));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(values: &[f64]) -> Vec<(String, f64)> {
        values.iter().enumerate().map(|(index, value)| (format!("S{}", index + 1), *value)).collect()
    }

    #[test]
    fn limits_follow_the_moving_range() {
        // Moving ranges 2, 1, 3, 2: mean 2; mean of values 11.
        let chart = xmr(&named(&[10.0, 12.0, 11.0, 12.0 - 4.0 + 0.0, 14.0])).expect("a chart");
        assert!((chart.centre - 11.0).abs() < 1e-12);
        assert!((chart.upper - (11.0 + 2.66 * chart.mean_moving_range)).abs() < 1e-12);
        assert!(chart.signals.is_empty(), "{chart:?}");
        assert!(xmr(&named(&[1.0])).is_none());
    }

    #[test]
    fn a_spike_a_jump_and_a_shift_are_told() {
        let mut values = vec![10.0, 11.0, 10.0, 11.0, 10.0, 11.0, 10.0, 11.0, 10.0, 11.0, 10.0, 11.0];
        values.push(40.0);
        let chart = xmr(&named(&values)).expect("a chart");
        assert!(
            chart.signals.iter().any(|words| words.starts_with("S13: 40.0 is above the upper limit")),
            "{chart:?}"
        );
        assert!(chart.signals.iter().any(|words| words.contains("a jump of 29.0")), "{chart:?}");
        let shifted = [
            vec![10.0, 11.0, 9.0, 10.0, 11.0, 9.0, 10.0, 9.5],
            vec![14.0, 15.0, 13.0, 14.0, 15.0, 13.0, 14.0, 14.5],
        ]
        .concat();
        let chart = xmr(&named(&shifted)).expect("a chart");
        assert!(chart.signals.iter().any(|words| words.contains("8 in a row above the mean")), "{chart:?}");
        assert!(chart.signals.iter().any(|words| words.contains("8 in a row below the mean")), "{chart:?}");
    }

    proptest! {
        #[test]
        fn limits_scale_with_the_values(values in prop::collection::vec(0.0_f64..100.0, 2..40), factor in 0.1_f64..10.0) {
            let one = xmr(&named(&values)).expect("a chart");
            let scaled: Vec<f64> = values.iter().map(|value| value * factor).collect();
            let other = xmr(&named(&scaled)).expect("a chart");
            prop_assert!((one.upper * factor - other.upper).abs() < 1e-6);
            prop_assert!(one.lower <= one.centre && one.centre <= one.upper && one.lower >= 0.0);
        }
    }
}
