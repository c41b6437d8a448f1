//! Grades planning on real data: `cargo xtask grade [--data DIR] [--json]` runs this in release. One table: what was
//! measured, its bar, pass or fail; the exit code says whether every bar holds.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to its person")]
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of a grading run are small"
)]

mod forecast;
mod histories;
mod place;
mod retrieval;
mod schedule;
mod similar;
mod speed;
mod table;
mod titles;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, ValueEnum};

use table::Table;

/// Grades planning on real data.
#[derive(Parser)]
struct Arguments {
    /// Folder with `throughput_*.csv` (columns `item_id`, `finished_at`), `psplib_*.jsonl`,
    /// `storypoints_bamboo.csv` (column `title`) and `rust_goals*.json`.
    #[arg(long, default_value = "../shared/data")]
    data: PathBuf,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
    /// Grade forecasts on simulated histories too: trends, shifts of level, seasons, bursts.
    #[arg(long)]
    simulated: bool,
    /// Grade only this horizon, in weeks: 2, 4 or 8.
    #[arg(long)]
    weeks: Option<u32>,
    /// A Python with numpy, which the sampler is measured against.
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// Do one thing only.
    #[arg(long)]
    only: Option<Only>,
}

/// A part of the work.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Only {
    /// Grade the search for near-duplicates.
    Similar,
    /// Grade the objectives that are proposed for an item.
    Retrieval,
    /// Measure the sampler's speed.
    Speed,
    /// Measure what the pooled map of recalibration is made from.
    Pooled,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut histories = match histories::read(&arguments.data) {
        Ok(histories) => histories,
        Err(words) => {
            eprintln!("{words}");
            return ExitCode::from(2);
        }
    };
    if arguments.simulated {
        histories.extend(histories::simulated());
    }
    if arguments.only == Some(Only::Pooled) {
        forecast::print_pooled(&histories);
        return ExitCode::SUCCESS;
    }
    let mut table = Table::default();
    let wanted = |part| arguments.only.is_none_or(|only| only == part);
    if wanted(Only::Similar) {
        similar::grade(&arguments.data, &mut table);
    }
    if wanted(Only::Retrieval) {
        retrieval::grade(&arguments.data, &mut table);
    }
    if arguments.only.is_none() {
        forecast::grade(&histories, arguments.weeks, &mut table);
        if histories.is_empty() {
            table.absent("forecast", "no throughput_*.csv in the data folder");
        }
        schedule::grade(&arguments.data, &mut table);
    }
    if wanted(Only::Speed) {
        speed::grade(&arguments.python, &mut table);
    }
    if arguments.json {
        println!("{}", table.json());
    } else {
        println!("{table}");
    }
    if table.failed() > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
