//! A server under steady load for hours: what it holds of memory and descriptors must not grow. The backlog does not grow
//! either: items are read, searched and changed, connections come and go, and sessions of older clients expire.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    asker::Asker,
    idle_sessions,
    process::{self, Machine, Process},
    workspace,
};

const CLIENTS: u32 = 16;
/// Calls of a connection until it is a new one.
const OF_A_CONNECTION: u64 = 500;
/// Calls of all clients until sessions are opened that nobody uses; a server ends them after a minute.
const BETWEEN_SESSIONS: u64 = 20_000;
const SESSIONS: usize = 50;
/// How long the rate is looked for that is the most.
const PEAK: Duration = Duration::from_secs(5);
/// Looks at the server.
const SAMPLES: u32 = 240;
/// The first of so many parts of the time warms up and is not judged.
const WARM: usize = 4;
/// Above so many standard errors a slope is no noise, if what it comes to is more than this share, and so much at least.
const ERRORS: f64 = 4.0;
const SHARE: f64 = 0.03;
const LEAST_KIB: f64 = 2_048.0;
const LEAST_DESCRIPTORS: f64 = 4.0;

/// What is soaked, and how long.
#[derive(clap::Args)]
pub(crate) struct SoakArguments {
    /// Folder of the built binaries.
    #[arg(long)]
    binaries: PathBuf,
    /// Where the report goes as JSON.
    #[arg(long)]
    out: PathBuf,
    /// Seconds; eight hours before a release.
    #[arg(long, default_value_t = 28_800)]
    seconds: u32,
    /// Calls a second at most, below half of what the server can: each leaves some 0.6 KB of audit log on the disk.
    #[arg(long, default_value_t = 400)]
    most: u32,
    /// Work items in the workspace.
    #[arg(long, default_value_t = 10_000)]
    items: usize,
}

/// A look at the server.
#[derive(Clone, Copy, Debug, Serialize)]
struct Sample {
    second: f64,
    resident_kib: f64,
    descriptors: f64,
}

/// A straight line through samples.
#[derive(Debug, Serialize)]
struct Slope {
    /// Per hour.
    per_hour: f64,
    /// Of that figure.
    standard_error: f64,
    /// Over the time that was judged.
    growth: f64,
    mean: f64,
    grows: bool,
}

#[derive(Serialize)]
struct Report {
    calls: u64,
    per_second: f64,
    resident_kib: Slope,
    descriptors: Slope,
    samples: Vec<Sample>,
}

/// Soaks, prints and writes the report.
pub(crate) async fn run(arguments: &SoakArguments, machine: Machine) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(arguments.out.parent().context("a folder for the report")?)?;
    let key = workspace::make(folder.path(), arguments.items).await?;
    let environment = [
        ("PM33_LIMITS_CALLS_PER_MINUTE_KEY", "1000000"),
        ("PM33_LIMITS_CALLS_PER_MINUTE_TENANT", "10000000"),
        ("PM33_LIMITS_SESSION_IDLE_MINUTES", "1"),
        ("PM33_TELEMETRY_LOG_FILTER", "warn"),
    ];
    let data = folder.path().display().to_string();
    let words = ["--listen", "127.0.0.1:0", "--data-dir", &data];
    let program = arguments.binaries.join("pm33-server");
    let server = Process::start(&program, words, environment, machine.pinning).await?;
    let load = Load { server: &server, key: &key, items: arguments.items, calls: AtomicU64::new(0) };
    let peak = load.run(PEAK, None, &mut Vec::new()).await?;
    let rate = (peak / 2.0).min(f64::from(arguments.most));
    eprintln!("{peak:.0} calls a second at most; {rate:.0} a second for {} seconds", arguments.seconds);
    let mut samples = Vec::new();
    let per_second =
        load.run(Duration::from_secs(arguments.seconds.into()), Some(rate), &mut samples).await?;
    let judged = samples.get(samples.len() / WARM..).unwrap_or_default();
    let report = Report {
        calls: load.calls.load(Relaxed),
        per_second,
        resident_kib: slope(judged, |one| one.resident_kib, LEAST_KIB),
        descriptors: slope(judged, |one| one.descriptors, LEAST_DESCRIPTORS),
        samples: samples.clone(),
    };
    std::fs::write(&arguments.out, serde_json::to_vec_pretty(&report)?)?;
    println!(
        "| of the server | mean | per hour | standard error | in all |  |\n|---|---:|---:|---:|---:|---|"
    );
    for (what, slope) in [("resident KiB", &report.resident_kib), ("descriptors", &report.descriptors)] {
        let word = if slope.grows { "GROWS" } else { "steady" };
        let Slope { per_hour, standard_error, growth, mean, .. } = slope;
        println!("| {what} | {mean:.0} | {per_hour:.1} | {standard_error:.1} | {growth:.1} | {word} |");
    }
    println!("\n{} calls, {per_second:.0} a second; written to {}", report.calls, arguments.out.display());
    if report.resident_kib.grows || report.descriptors.grows {
        bail!("what the server holds grows with its time");
    }
    Ok(())
}

/// The load on a server.
struct Load<'a> {
    server: &'a Process,
    key: &'a str,
    items: usize,
    calls: AtomicU64,
}

impl Load<'_> {
    /// Asks for some time, at a rate in all or as fast as it can, and looks at the server meanwhile; calls a second.
    async fn run(&self, time: Duration, rate: Option<f64>, samples: &mut Vec<Sample>) -> anyhow::Result<f64> {
        let (begun, before, stop) = (Instant::now(), self.calls.load(Relaxed), AtomicBool::new(false));
        let looking = async {
            for number in 1..=SAMPLES {
                let at = begun + time * number / SAMPLES;
                tokio::time::sleep(at.saturating_duration_since(Instant::now())).await;
                samples.push(look(self.server, begun)?);
            }
            stop.store(true, Relaxed);
            anyhow::Ok(())
        };
        let clients = (0..CLIENTS).map(|number| self.client(number, rate, &stop));
        let asking = async {
            let asked = futures_util::future::try_join_all(clients).await;
            // A client that fails ends the run.
            asked.map(drop)
        };
        tokio::try_join!(looking, asking)?;
        #[expect(clippy::cast_precision_loss, reason = "millions")]
        let calls = (self.calls.load(Relaxed) - before) as f64;
        Ok(calls / begun.elapsed().as_secs_f64())
    }

    async fn client(&self, number: u32, rate: Option<f64>, stop: &AtomicBool) -> anyhow::Result<()> {
        let pace = rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(f64::from(CLIENTS) / rate));
        let mut next = Instant::now();
        let mut step = u64::from(number);
        while !stop.load(Relaxed) {
            let mut asker = Asker::new(self.server, self.key).await?;
            for _ in 0..OF_A_CONNECTION {
                if stop.load(Relaxed) {
                    break;
                }
                tokio::time::sleep(next.saturating_duration_since(Instant::now())).await;
                next = (next + pace).max(Instant::now().checked_sub(pace).unwrap_or(next));
                let (tool, arguments) = self.question(step);
                asker.ask(tool, &arguments).await?;
                step += u64::from(CLIENTS);
                if self.calls.fetch_add(1, Relaxed) % BETWEEN_SESSIONS == BETWEEN_SESSIONS - 1 {
                    idle_sessions::open(&self.server.address, self.key, SESSIONS).await?;
                }
            }
        }
        Ok(())
    }

    /// What is asked: mostly items and pages, some changes and searches, now and then a forecast.
    fn question(&self, step: u64) -> (&'static str, Value) {
        let key = format!("PM-{}", step * 7_919 % self.items as u64 + 1);
        match step / u64::from(CLIENTS) % 40 {
            0 => ("pm33_query_backlog", json!({ "text": "retry webhook", "limit": 25 })),
            1 | 2 => ("pm33_query_backlog", json!({ "status": ["backlog", "planned"], "limit": 25 })),
            3 | 4 => ("pm33_update_work_item", json!({ "item": key, "story_points": step % 13 })),
            5 if step.is_multiple_of(5) => ("pm33_analyze_velocity", json!({})),
            _ => ("pm33_query_backlog", json!({ "ids": [key], "columns": "summary" })),
        }
    }
}

fn look(server: &Process, begun: Instant) -> anyhow::Result<Sample> {
    let id = server.child.id().context("the server has ended")?;
    let open = std::fs::read_dir(format!("/proc/{id}/fd"))?.count();
    let resident = process::memory(&server.child)?.resident;
    Ok(Sample {
        second: begun.elapsed().as_secs_f64(),
        resident_kib: f64::from(u32::try_from(resident)?),
        descriptors: f64::from(u32::try_from(open)?),
    })
}

/// Least squares: the slope, and its standard error from what is left over.
fn slope(samples: &[Sample], figure: fn(&Sample) -> f64, least: f64) -> Slope {
    let count = samples.iter().map(|_| 1.0).sum::<f64>().max(1.0);
    let mean_of = |of: &dyn Fn(&Sample) -> f64| samples.iter().map(of).sum::<f64>() / count;
    let (at, mean) = (mean_of(&|one| one.second), mean_of(&figure));
    let spread = samples.iter().map(|one| (one.second - at).powi(2)).sum::<f64>().max(f64::MIN_POSITIVE);
    let slope = samples.iter().map(|one| (one.second - at) * (figure(one) - mean)).sum::<f64>() / spread;
    let left =
        samples.iter().map(|one| (figure(one) - mean - slope * (one.second - at)).powi(2)).sum::<f64>();
    let standard_error = (left / (count - 2.0).max(1.0) / spread).sqrt();
    let time = samples.last().map_or(0.0, |last| last.second) - samples.first().map_or(0.0, |one| one.second);
    let growth = slope * time;
    let grows = slope > ERRORS * standard_error && growth > least.max(SHARE * mean);
    Slope { per_hour: slope * 3_600.0, standard_error: standard_error * 3_600.0, growth, mean, grows }
}

#[cfg(test)]
mod tests {
    use super::{LEAST_KIB, Sample, slope};

    fn samples(figure: impl Fn(f64) -> f64) -> Vec<Sample> {
        let at = (0..180_u32).map(|number| f64::from(number) * 120.0);
        at.map(|second| Sample { second, resident_kib: figure(second), descriptors: 40.0 }).collect()
    }

    #[test]
    fn what_goes_up_and_down_is_steady_and_what_leaks_grows() {
        let wave = |second: f64| 80_000.0 + 3_000.0 * (second / 700.0).sin();
        let judged = |samples: &[Sample]| slope(samples, |one| one.resident_kib, LEAST_KIB).grows;
        assert!(!judged(&samples(wave)));
        assert!(judged(&samples(|second| wave(second) + second / 4.0)), "900 KiB an hour");
        assert!(!slope(&samples(wave), |one| one.descriptors, 4.0).grows);
    }

    #[test]
    fn the_line_through_a_line_is_itself() {
        let line = slope(&samples(|second| 10.0 + second / 36.0), |one| one.resident_kib, LEAST_KIB);
        assert!((line.per_hour - 100.0).abs() < 1e-6 && line.standard_error < 1e-6, "{line:?}");
    }
}
