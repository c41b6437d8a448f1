//! How fast the sampler draws days, beside a vectorised numpy version of the same sampler, both on one core. A draw is one
//! sampled day of one trial, whether its count is read alone or, as both versions do, as part of a block's sum.

use std::{path::Path, process::Command};

use pm33_planning::{Seed, forecast::Bootstrap};

use crate::table::Table;

const WINDOW: usize = 260;
const DAYS: u32 = 60;
const TRIALS: u32 = 10_000;
const PASSES: u32 = 100;
const BLOCK: f64 = 15.0;
/// Rounds of both, one after the other.
const ROUNDS: usize = 5;
const BAR: f64 = 5.0;

/// The same sampler on arrays: day by day for all trials at once, and block by block with running sums; the faster counts.
const NUMPY: &str = "
import time, numpy as np
W, H, T, M, N = 260, 60, 10000, 15.0, 5
r = np.random.default_rng(1)
x = (np.arange(W) * 7919 % 5).astype(np.uint32)
s = np.concatenate([[0], np.cumsum(np.tile(x, 8))]).astype(np.uint32)
def days():
    start = r.integers(0, W, (H, T), dtype=np.uint32)
    new = r.random((H, T), dtype=np.float32) < 1 / M
    at = start[0]; total = x[at].copy()
    for day in range(1, H):
        at = np.where(new[day], start[day], (at + 1) % W)
        total += x[at]
    return total
def blocks():
    left = np.full(T, H, dtype=np.int64); total = np.zeros(T, dtype=np.uint32); live = np.arange(T)
    while live.size:
        start = r.integers(0, W, live.size); length = np.minimum(r.geometric(1 / M, live.size), left[live])
        total[live] += s[start + length] - s[start]
        left[live] -= length; live = live[left[live] > 0]
    return total
def rate(f):
    f(); best = 1e9
    for _ in range(N):
        t = time.perf_counter(); f(); best = min(best, time.perf_counter() - t)
    return H * T / best
print(max(rate(days), rate(blocks)))
";

/// Measures both in turn, so that a moment in which the machine is busy weighs on one round and not on one side, and judges
/// the median round.
pub(crate) fn grade(python: &Path, table: &mut Table) {
    let subject = "forecast sampler";
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let ours = ours();
        let Some(numpy) = numpy(python) else {
            table.tell(subject, "days drawn a second", format!("{:.0} million", ours / 1e6));
            table.absent("forecast sampler against numpy", "there is no Python with numpy");
            return;
        };
        rounds.push((ours / numpy, ours, numpy));
    }
    rounds.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (ratio, ours, numpy) = rounds[ROUNDS / 2];
    table.tell(subject, "days drawn a second", format!("{:.0} million", ours / 1e6));
    table.judge(
        subject,
        "against numpy, median of 5 rounds",
        format!(
            "{ratio:.1} times ({:.0} million a second; rounds {:.1} to {:.1})",
            numpy / 1e6,
            rounds[0].0,
            rounds[ROUNDS - 1].0
        ),
        "at least 5 times",
        ratio >= BAR,
    );
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn ours() -> f64 {
    let counts: Vec<u32> = (0..WINDOW).map(|day| (day * 7919 % 5) as u32).collect();
    let Some(sampler) = Bootstrap::new(&counts, BLOCK) else { return 0.0 };
    let mut random = Seed::from_u64(1).stream();
    let (mut best, mut sum) = (f64::INFINITY, 0_u64);
    for _ in 0..PASSES {
        let start = std::time::Instant::now();
        let drawn = sampler.trials_in(DAYS, TRIALS, &mut random);
        best = best.min(start.elapsed().as_secs_f64());
        sum += drawn.iter().map(|items| u64::from(*items)).sum::<u64>();
    }
    std::hint::black_box(sum);
    f64::from(DAYS) * f64::from(TRIALS) / best
}

fn numpy(python: &Path) -> Option<f64> {
    let output = Command::new(python).args(["-c", NUMPY]).output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}
