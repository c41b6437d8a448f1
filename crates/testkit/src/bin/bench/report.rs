//! The report: medians over rounds, ratios of the same round, and which bars are met; as a table and as JSON.

use std::path::Path;

use serde::Serialize;

use crate::{
    RunArguments,
    plan::{BARS, SESSION_BYTES, SLOWEST},
    planning::{Answered, Beside, CEILING_MILLIS, SLOWED},
    process::{Machine, Pinning},
    spans::median,
};

/// One measurement of one row.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Point {
    /// The row.
    pub(crate) row: &'static str,
    /// Connections, or requests in flight.
    pub(crate) at: usize,
    /// Answers per second.
    pub(crate) per_second: f64,
    /// Median answer time.
    pub(crate) p50_micros: f64,
    /// 99th percentile of the answer times.
    pub(crate) p99_micros: f64,
    /// Processor time of the server per answer.
    pub(crate) processor_micros: f64,
    /// Processor time of the server per answer after the last one, until it rested.
    pub(crate) afterwards_micros: f64,
    /// Memory of the server afterwards.
    pub(crate) resident_mib: f64,
}

#[derive(Serialize)]
struct Verdict {
    what: String,
    measured: f64,
    bar: f64,
    is_met: bool,
}

/// Everything that was measured.
#[derive(Serialize)]
pub(crate) struct Report {
    build: String,
    rounds: usize,
    millis: u64,
    items: usize,
    cores: usize,
    pinning: Pinning,
    /// The disk's syncs alone, by round: median and 99th percentile in microseconds.
    pub(crate) syncs: Vec<(f64, f64)>,
    /// Bytes of an idle legacy session.
    pub(crate) session_bytes: Option<f64>,
    /// Questions of planning.
    pub(crate) planning: Vec<Answered>,
    /// Small calls beside a schedule.
    pub(crate) beside: Option<Beside>,
    /// By round.
    points: Vec<(usize, Point)>,
    bars: Vec<Verdict>,
}

impl Report {
    /// An empty report.
    pub(crate) fn new(arguments: &RunArguments, machine: Machine) -> Self {
        Self {
            build: arguments.build.clone(),
            rounds: arguments.rounds,
            millis: arguments.millis,
            items: arguments.items,
            cores: machine.cores,
            pinning: machine.pinning,
            syncs: Vec::new(),
            session_bytes: None,
            planning: Vec::new(),
            beside: None,
            points: Vec::new(),
            bars: Vec::new(),
        }
    }

    /// Adds a measurement.
    pub(crate) fn add(&mut self, round: usize, point: Point) {
        self.points.push((round, point));
    }

    fn median(&self, row: &str, at: usize, of: impl Fn(&Point) -> f64) -> f64 {
        let chosen = self.points.iter().filter(|(_, point)| point.row == row && point.at == at);
        median(chosen.map(|(_, point)| of(point)).collect())
    }

    /// Median over rounds of a row's figure over another's in the same round.
    fn ratio(&self, row: &str, with: &str, at: usize, of: impl Fn(&Point) -> f64) -> f64 {
        let find = |name: &str, round: usize| {
            let mut points = self.points.iter();
            points
                .find(|(of, point)| *of == round && point.row == name && point.at == at)
                .map(|(_, point)| of(point))
        };
        let rounds = (0..self.rounds).filter_map(|round| Some(find(row, round)? / find(with, round)?));
        median(rounds.collect())
    }

    fn judge(&mut self) {
        let mut bars = Vec::new();
        for bar in BARS {
            let measured = self.ratio(bar.row, bar.with, bar.at, |point| point.per_second);
            let what =
                format!("{} / {} at {}, answers per second (goal {})", bar.row, bar.with, bar.at, bar.goal);
            bars.push(Verdict { what, measured, bar: bar.least, is_met: measured >= bar.least });
        }
        for (row, with) in SLOWEST {
            let measured = self.ratio(row, with, 64, |point| point.p99_micros);
            let what = format!("{row} / {with} at 64, p99");
            bars.push(Verdict { what, measured, bar: 1.0, is_met: measured <= 1.0 });
        }
        if let Some(measured) = self.session_bytes {
            let what = "bytes of an idle legacy session".to_owned();
            bars.push(Verdict { what, measured, bar: SESSION_BYTES, is_met: measured <= SESSION_BYTES });
        }
        for one in &self.planning {
            let what = format!("planning: {}, ms (a sanity ceiling)", one.row);
            let is_met = one.p50_millis <= CEILING_MILLIS;
            bars.push(Verdict { what, measured: one.p50_millis, bar: CEILING_MILLIS, is_met });
        }
        if let Some(Beside { slowed: measured, .. }) = self.beside {
            let what = "small calls while a schedule runs / alone, p99".to_owned();
            bars.push(Verdict { what, measured, bar: SLOWED, is_met: measured <= SLOWED });
        }
        // What was left out of this run has no verdict.
        bars.retain(|verdict| verdict.measured.is_finite());
        self.bars = bars;
    }

    /// Prints the tables.
    pub(crate) fn print(&mut self) {
        self.judge();
        let mut shown: Vec<(&str, usize)> = Vec::new();
        for (_, point) in &self.points {
            if !shown.contains(&(point.row, point.at)) {
                shown.push((point.row, point.at));
            }
        }
        println!(
            "{} rounds of {} ms, {} items, {} build, {} cores, {}\n",
            self.rounds,
            self.millis,
            self.items,
            self.build,
            self.cores,
            match self.pinning {
                Pinning::Pinned => "server on one core and load on another",
                Pinning::NotPossible => "servers and load NOT pinned to cores of their own",
            }
        );
        println!("| row | in flight | answers/s | p50 µs | p99 µs | CPU µs | afterwards µs | MiB |");
        println!("|---|---:|---:|---:|---:|---:|---:|---:|");
        for (row, at) in shown {
            let of = |figure: fn(&Point) -> f64| self.median(row, at, figure);
            println!(
                "| {row} | {at} | {:.0} | {:.0} | {:.0} | {:.1} | {:.1} | {:.0} |",
                of(|point| point.per_second),
                of(|point| point.p50_micros),
                of(|point| point.p99_micros),
                of(|point| point.processor_micros),
                of(|point| point.afterwards_micros),
                of(|point| point.resident_mib)
            );
        }
        let of = |figure: fn(&(f64, f64)) -> f64| median(self.syncs.iter().map(figure).collect());
        println!(
            "\na sync of the disk alone: p50 {:.0} µs, p99 {:.0} µs",
            of(|syncs| syncs.0),
            of(|syncs| syncs.1)
        );
        if !self.planning.is_empty() {
            println!("\n| planning | p50 ms | worst ms |\n|---|---:|---:|");
            for one in &self.planning {
                println!("| {} | {:.0} | {:.0} |", one.row, one.p50_millis, one.worst_millis);
            }
        }
        if let Some(beside) = self.beside {
            println!(
                "\nsmall calls, p99: {:.0} µs alone, {:.0} µs beside a loop that does nothing, {:.0} µs beside schedules",
                beside.quiet_micros, beside.loop_micros, beside.busy_micros
            );
        }
        println!("\n| bar | measured | bar | |\n|---|---:|---:|---|");
        for verdict in &self.bars {
            let word = if verdict.is_met { "met" } else { "MISSED" };
            println!("| {} | {:.2} | {} | {word} |", verdict.what, verdict.measured, verdict.bar);
        }
    }

    /// Writes the report.
    pub(crate) fn write(&self, to: &Path) -> anyhow::Result<()> {
        std::fs::write(to, serde_json::to_vec_pretty(self)?)?;
        println!("\nwritten to {}", to.display());
        Ok(())
    }
}
