//! Histories to grade forecasts on: real finish times from CSV files, and simulated ones.

use std::path::Path;

use jiff::tz::TimeZone;
use pm33_planning::{Seed, calendar::Calendar, forecast::throughput};
use pm33_tenancy::Timestamp;
use rand_core::Rng;

/// Finished items per working day of one team.
pub(crate) struct History {
    pub(crate) name: String,
    pub(crate) counts: Vec<u32>,
}

impl History {
    pub(crate) fn weeks(&self) -> usize {
        self.counts.len() / 5
    }
}

/// Reads every `throughput_*.csv` of a folder, by name.
pub(crate) fn read(folder: &Path) -> Result<Vec<History>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut histories = Vec::new();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(name) = name.strip_prefix("throughput_").and_then(|name| name.strip_suffix(".csv")) else {
            continue;
        };
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        histories.push(History { name: name.to_owned(), counts: counts(&text, name)? });
    }
    Ok(histories)
}

fn counts(text: &str, name: &str) -> Result<Vec<u32>, String> {
    let mut lines = text.lines();
    let header = lines.next().unwrap_or_default();
    let column = header
        .split(',')
        .position(|name| name.trim() == "finished_at")
        .ok_or_else(|| format!("{name}: no column finished_at"))?;
    let mut finished = Vec::new();
    for (index, line) in lines.enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let cell = line.split(',').nth(column).unwrap_or_default().trim();
        let at: Timestamp = cell.parse().map_err(|error| format!("{name}, line {}: {error}", index + 2))?;
        finished.push(at);
    }
    let last = finished.iter().max().copied().ok_or_else(|| format!("{name}: no rows"))?;
    let as_of = last.plus(std::time::Duration::from_hours(24));
    Ok(throughput(&Calendar::monday_to_friday(TimeZone::UTC), &finished, as_of).counts)
}

/// Histories with known vices, from two to nine years: overdispersed counts under a rate that moves.
pub(crate) fn simulated() -> Vec<History> {
    let mut histories = Vec::new();
    for (shape, name) in ["plain", "trend", "shifts", "seasons", "bursts", "walk"].into_iter().enumerate() {
        for (weeks, rate) in [(104, 1.5), (260, 0.6), (450, 1.2)] {
            let seed = Seed::of([shape as u64, weeks as u64]);
            histories.push(History {
                name: format!("simulated {name}, {weeks} weeks"),
                counts: simulate(name, weeks, rate, seed),
            });
        }
    }
    histories
}

fn simulate(shape: &str, weeks: usize, rate: f64, seed: Seed) -> Vec<u32> {
    let days = weeks * 5;
    let mut random = seed.stream();
    let mut uniform = move || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let up = if uniform() < 0.5 { 1.0 } else { -1.0 };
    let (mut level, mut burst) = (1.0_f64, 0);
    (0..days)
        .map(|day| {
            let part = day as f64 / days as f64;
            let factor = match shape {
                "trend" => (1.4 * up * (part - 0.5)).exp(),
                "shifts" => {
                    if uniform() < 1.0 / 300.0 {
                        level = (level * [0.5, 0.67, 1.5, 2.0][(uniform() * 4.0) as usize]).clamp(0.2, 5.0);
                    }
                    level
                }
                "seasons" => {
                    let wave = 1.0 + 0.5 * (day as f64 / 65.0 * std::f64::consts::TAU).sin();
                    if day % 260 > 245 { 0.2 * wave } else { wave }
                }
                "bursts" => {
                    burst = if uniform() < 0.03 { 4 } else { (burst - 1).max(0) };
                    if burst > 0 { 4.0 } else { 1.0 }
                }
                "walk" => {
                    level = (level * (0.07 * (uniform() - 0.5) * 2.0).exp()).clamp(0.1, 8.0);
                    level
                }
                _ => 1.0,
            };
            negative_binomial(rate * factor, &mut uniform)
        })
        .collect()
}

/// A count with this mean and a variance of mean + 2 mean², as a Poisson count under a gamma rate of shape one half (a
/// squared normal).
fn negative_binomial(mean: f64, uniform: &mut impl FnMut() -> f64) -> u32 {
    let normal = (-2.0 * uniform().max(1e-300).ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos();
    let (limit, mut product, mut count) = ((-(mean * normal * normal).min(500.0)).exp(), uniform(), 0);
    while product > limit {
        product *= uniform();
        count += 1;
    }
    count
}
