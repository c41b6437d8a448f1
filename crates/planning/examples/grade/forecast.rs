//! Grades forecasts: rolling origin over whole histories, three horizons, both questions, nothing seen that came later.
//! Beside the product's forecast stand, on the same origins, each window without calibration, the usual method (independent
//! draws from the last 12 weeks) and the plain average.

use pm33_planning::{
    PlanningError, Seed,
    forecast::{Bootstrap, Question, TeamForecast, Window, crps, pinball, wilson},
};

use crate::{histories::History, table::Table};

const LEVELS: [f64; 4] = [0.5, 0.7, 0.85, 0.95];
const HORIZON_WEEKS: [u32; 3] = [2, 4, 8];
const DAYS_PER_WEEK: u8 = 5;
const TRIALS: u32 = 2_000;
/// Weeks of history before the first graded forecast.
const WARM_UP_WEEKS: usize = 12;
/// Bars hold for four weeks on histories longer than this.
const BAR_WEEKS: (u32, usize) = (4, 200);

/// Which of the two questions.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    HowMuch,
    When,
}

/// One graded forecast.
struct Graded {
    held: [bool; 4],
    pinball: [f64; 4],
    /// Where the outcome fell, 0 to 1.
    transform: f64,
    happened: f64,
    ours: f64,
    /// Uncalibrated: 12, 26 and 52 weeks, then the usual method.
    plain: [f64; 4],
    average: f64,
    /// The usual method's levels.
    plain_held: [bool; 4],
    /// Absolute normal score under the uncalibrated forecast of the chosen window.
    score: f64,
}

/// Grades every history and adds its rows.
pub(crate) fn grade(histories: &[History], only: Option<u32>, table: &mut Table) {
    for history in histories {
        for weeks in HORIZON_WEEKS.into_iter().filter(|weeks| only.is_none_or(|only| only == *weeks)) {
            let (much, when) = std::thread::scope(|scope| {
                let other = scope.spawn(|| roll(history, weeks, Kind::When));
                (roll(history, weeks, Kind::HowMuch), other.join().unwrap_or_default())
            });
            tell(history, weeks, "how much", &much, table);
            tell(history, weeks, "when", &when, table);
        }
    }
}

/// Prints the quantiles of absolute normal scores from which the pooled map is made: each history, horizon and question
/// with the same weight.
pub(crate) fn print_pooled(histories: &[History]) {
    let mut sums = [0.0; 7];
    let mut sets = 0.0;
    for history in histories {
        for weeks in HORIZON_WEEKS {
            for kind in [Kind::HowMuch, Kind::When] {
                let mut scores: Vec<f64> =
                    roll(history, weeks, kind).iter().map(|one| one.score.abs()).collect();
                scores.sort_by(f64::total_cmp);
                if scores.is_empty() {
                    continue;
                }
                sets += 1.0;
                for (index, sum) in sums.iter_mut().enumerate() {
                    // The share of absolute scores below this one in a normal distribution.
                    let share = [0.0, 0.3829, 0.6827, 0.8664, 0.9545, 0.9876, 0.9973][index];
                    *sum += scores[((share * scores.len() as f64) as usize).min(scores.len() - 1)];
                }
            }
        }
    }
    println!("{:?}", sums.map(|sum| sum / sets));
}

fn roll(history: &History, weeks: u32, kind: Kind) -> Vec<Graded> {
    let step = usize::from(DAYS_PER_WEEK);
    (WARM_UP_WEEKS * step..history.counts.len())
        .step_by(step)
        .filter_map(|origin| graded(&history.counts, origin, weeks, kind).ok().flatten())
        .collect()
}

fn graded(counts: &[u32], origin: usize, weeks: u32, kind: Kind) -> Result<Option<Graded>, PlanningError> {
    let (past, future) = counts.split_at(origin);
    let days = weeks * u32::from(DAYS_PER_WEEK);
    let mean = |counts: &[u32]| f64::from(counts.iter().sum::<u32>()) / counts.len().max(1) as f64;
    let recent = mean(&past[past.len().saturating_sub(130)..]);
    let (question, happened) = match kind {
        Kind::HowMuch => {
            let Some(window) = future.get(..days as usize) else { return Ok(None) };
            (Question::HowMuch { days }, window.iter().sum::<u32>())
        }
        Kind::When => {
            let items = ((recent * f64::from(days)).round() as u32).max(1);
            let mut sum = 0;
            let Some(last) = future.iter().position(|count| {
                sum += count;
                sum >= items
            }) else {
                return Ok(None);
            };
            (Question::When { items }, last as u32 + 1)
        }
    };
    let forecast = TeamForecast::make(past, question, DAYS_PER_WEEK, TRIALS)?;
    let predictive = forecast.predictive();
    let stated = LEVELS.map(|level| predictive.stated(question, level));
    let held = |stated: u32| match kind {
        Kind::HowMuch => happened >= stated,
        Kind::When => happened <= stated,
    };
    let within = Seed::of([origin as u64, u64::from(weeks)]).as_u64() as f64 / u64::MAX as f64;
    let (low, high) = (
        happened.checked_sub(1).map_or(0.0, |below| predictive.chance_up_to(below)),
        predictive.chance_up_to(happened),
    );
    let mut plain = [0.0; 4];
    let mut usual = Vec::new();
    let score = forecast.ensemble.score(f64::from(happened) + within - 0.5);
    for (index, place) in plain.iter_mut().enumerate() {
        let window = Window::ALL.get(index).copied();
        let length = window.unwrap_or(Window::Quarter).weeks() as usize * usize::from(DAYS_PER_WEEK);
        let seen = &past[past.len().saturating_sub(length)..];
        let block = if window.is_some() { 3.0 * f64::from(DAYS_PER_WEEK) } else { 1.0 };
        usual = plainly(seen, block, question, Seed::of([origin as u64, index as u64]));
        *place = crps(&usual, f64::from(happened));
    }
    let plain_held = LEVELS.map(|level| {
        let at = |chance: f64| usual[((chance * usual.len() as f64) as usize).min(usual.len() - 1)];
        match kind {
            Kind::HowMuch => f64::from(happened) >= at(1.0 - level),
            Kind::When => f64::from(happened) <= at(level),
        }
    });
    let whole = mean(past);
    let expected = match question {
        Question::HowMuch { days } => whole * f64::from(days),
        Question::When { items } => f64::from(items) / whole,
    };
    Ok(Some(Graded {
        held: stated.map(held),
        pinball: std::array::from_fn(|index| {
            let level = if kind == Kind::HowMuch { 1.0 - LEVELS[index] } else { LEVELS[index] };
            pinball(level, f64::from(stated[index]), f64::from(happened))
        }),
        transform: low + within * (high - low),
        happened: f64::from(happened),
        ours: predictive.crps(happened),
        plain,
        average: (expected - f64::from(happened)).abs(),
        plain_held,
        score,
    }))
}

/// Uncalibrated trials in ascending order.
fn plainly(seen: &[u32], block: f64, question: Question, seed: Seed) -> Vec<f64> {
    let Some(sampler) = Bootstrap::new(seen, block) else { return vec![0.0] };
    let mut random = seed.stream();
    let mut trials: Vec<u32> = (0..TRIALS)
        .map(|_| match question {
            Question::HowMuch { days } => sampler.items_in(days, &mut random),
            Question::When { items } => sampler.days_until(items, 2_600, &mut random),
        })
        .collect();
    trials.sort_unstable();
    trials.into_iter().map(f64::from).collect()
}

fn tell(history: &History, weeks: u32, kind: &str, graded: &[Graded], table: &mut Table) {
    let subject = format!("{} ({} weeks), {kind}, {weeks} weeks", history.name, history.weeks());
    let count = graded.len() as f64;
    if graded.is_empty() {
        table.absent(&subject, "too short a history for this horizon");
        return;
    }
    let barred = weeks == BAR_WEEKS.0 && history.weeks() > BAR_WEEKS.1;
    let independent = count / f64::from(weeks);
    let mean = |value: &dyn Fn(&Graded) -> f64| graded.iter().map(value).sum::<f64>() / count;
    if history.weeks() <= BAR_WEEKS.1 {
        table.tell(&subject, "state", format!("uncalibrated, n = {}", graded.len()));
    }
    for (index, level) in LEVELS.into_iter().enumerate() {
        let held = mean(&|one| f64::from(u8::from(one.held[index])));
        let usual = mean(&|one| f64::from(u8::from(one.plain_held[index])));
        let interval = wilson(held, independent)
            .map_or(String::new(), |share| format!(" [{:.1}, {:.1}]", 100.0 * share.low, 100.0 * share.high));
        let words = format!("{:.1} %{interval}, usual method {:.1} %", 100.0 * held, 100.0 * usual);
        let measure = format!("coverage at {:.0}", 100.0 * level);
        if barred && level > 0.8 {
            table.judge(&subject, measure, words, "within 4 points", (held - level).abs() <= 0.04);
        } else {
            table.tell(&subject, measure, words);
        }
    }
    let ours = mean(&|one| one.ours);
    let plain: [f64; 4] = std::array::from_fn(|index| mean(&|one| one.plain[index]));
    let best = plain.into_iter().fold(f64::INFINITY, f64::min);
    let outcome = mean(&|one| one.happened);
    let ratio = ours / best;
    let words = format!(
        "{:.3} of the mean; {ratio:.3} of the best uncalibrated (12, 26, 52 weeks {:.3} {:.3} {:.3}; usual method {:.3}; plain average {:.3})",
        ours / outcome,
        plain[0] / best,
        plain[1] / best,
        plain[2] / best,
        plain[3] / best,
        mean(&|one| one.average) / best,
    );
    if barred {
        table.judge(&subject, "CRPS", words, "at most 1.03", ratio <= 1.03);
    } else {
        table.tell(&subject, "CRPS", words);
    }
    let losses: Vec<String> = (0..4).map(|index| format!("{:.2}", mean(&|one| one.pinball[index]))).collect();
    table.tell(&subject, "pinball loss at 50, 70, 85, 95", losses.join(", "));
    let mut bins = [0_u32; 10];
    for one in graded {
        bins[((one.transform * 10.0) as usize).min(9)] += 1;
    }
    let bins: Vec<String> =
        bins.iter().map(|bin| format!("{:.0}", 100.0 * f64::from(*bin) / count)).collect();
    table.tell(&subject, "PIT histogram, % per tenth", format!("{}; n = {}", bins.join(" "), graded.len()));
}
