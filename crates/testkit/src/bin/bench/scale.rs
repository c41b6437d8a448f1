//! Workspaces of growing size, each behind a server of its own and asked in rounds that interleave them.

use std::{path::PathBuf, time::Instant};

use anyhow::Context;
use serde::Serialize;
use serde_json::json;

use crate::{
    asker::Asker,
    process::{self, Machine, Process},
    spans::{Spans, median},
    tenants::{self, Many},
    workspace,
};

/// Rounds; a figure is the median of theirs.
const ROUNDS: usize = 5;
/// Calls of each kind in a round.
const QUERIES: usize = 400;
const WRITES: usize = 40;
const SEARCHES: usize = 20;
/// A page at the largest size over one at the size that it is held against, 99th percentile.
const PAGE_BAR: f64 = 3.0;
/// A write likewise, median.
const WRITE_BAR: f64 = 5.0;
/// Items of the size that larger ones are held against.
const REFERENCE: usize = 10_000;

/// What is measured.
#[derive(clap::Args)]
pub(crate) struct ScaleArguments {
    /// Folder of the built binaries.
    #[arg(long)]
    binaries: PathBuf,
    /// Where the report goes as JSON.
    #[arg(long)]
    out: PathBuf,
    /// Items of each workspace.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000, 100_000, 1_000_000])]
    sizes: Vec<usize>,
    /// Tenants under a bound of memory; none leaves that part out.
    #[arg(long, default_value_t = 10_000)]
    tenants: usize,
}

/// One workspace's figures.
#[derive(Debug, Serialize)]
struct Sized {
    items: usize,
    made_seconds: f64,
    /// The first query of a fresh server, which reads the workspace.
    cold_millis: f64,
    bytes_per_item: f64,
    page_p50_micros: f64,
    page_p99_micros: f64,
    write_p50_micros: f64,
    search_p50_micros: f64,
}

#[derive(Serialize)]
struct Report<'a> {
    cores: usize,
    sizes: &'a [Sized],
    tenants: Option<&'a Many>,
}

/// A server with its workspace, and what its rounds gave.
struct Subject {
    server: Process,
    key: String,
    sized: Sized,
    pages: Vec<(f64, f64)>,
    writes: Vec<f64>,
    searches: Vec<f64>,
}

/// Measures, prints and writes the report.
pub(crate) async fn run(arguments: &ScaleArguments, machine: Machine) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(arguments.out.parent().context("a folder for the report")?)?;
    let mut subjects = Vec::new();
    for items in &arguments.sizes {
        eprintln!("making {items} items");
        let data = folder.path().join(items.to_string());
        subjects.push(Subject::start(arguments, machine, data, *items).await?);
    }
    for round in 0..ROUNDS {
        eprintln!("round {} of {ROUNDS}", round + 1);
        for subject in &mut subjects {
            subject.round(round).await?;
        }
    }
    let sizes: Vec<Sized> = subjects.into_iter().map(Subject::finish).collect();
    let many = match arguments.tenants {
        0 => None,
        count => Some(tenants::measure(&folder.path().join("tenants"), count).await?),
    };
    print(&sizes, many.as_ref());
    let report = Report { cores: machine.cores, sizes: &sizes, tenants: many.as_ref() };
    std::fs::write(&arguments.out, serde_json::to_vec_pretty(&report)?)?;
    println!("\nwritten to {}", arguments.out.display());
    Ok(())
}

impl Subject {
    async fn start(
        arguments: &ScaleArguments,
        machine: Machine,
        data: PathBuf,
        items: usize,
    ) -> anyhow::Result<Self> {
        let begun = Instant::now();
        let key = workspace::make(&data, items).await?;
        let made_seconds = begun.elapsed().as_secs_f64();
        let environment = [
            ("PM33_LIMITS_CALLS_PER_MINUTE_KEY", "1000000"),
            ("PM33_LIMITS_CALLS_PER_MINUTE_TENANT", "10000000"),
            ("PM33_TELEMETRY_LOG_FILTER", "warn"),
            // The largest workspace's picture is kept whole.
            ("PM33_DATABASE_SNAPSHOT_MIB", "8192"),
        ];
        let folder = data.display().to_string();
        let words = ["--listen", "127.0.0.1:0", "--data-dir", &folder];
        let program = arguments.binaries.join("pm33-server");
        let server = Process::start(&program, words, environment, machine.pinning).await?;
        let before = process::memory(&server.child)?.own;
        let mut asker = Asker::new(&server, &key).await?;
        let begun = Instant::now();
        asker.ask("pm33_query_backlog", &page()).await?;
        let cold_millis = begun.elapsed().as_secs_f64() * 1e3;
        let grown = process::memory(&server.child)?.own.saturating_sub(before) * 1_024;
        #[expect(clippy::cast_precision_loss, reason = "millions")]
        let bytes_per_item = grown as f64 / items as f64;
        let sized = Sized {
            items,
            made_seconds,
            cold_millis,
            bytes_per_item,
            page_p50_micros: 0.0,
            page_p99_micros: 0.0,
            write_p50_micros: 0.0,
            search_p50_micros: 0.0,
        };
        Ok(Self { server, key, sized, pages: Vec::new(), writes: Vec::new(), searches: Vec::new() })
    }

    async fn round(&mut self, round: usize) -> anyhow::Result<()> {
        let mut asker = Asker::new(&self.server, &self.key).await?;
        let mut pages = Spans::default();
        for _ in 0..QUERIES {
            let begun = Instant::now();
            asker.ask("pm33_query_backlog", &page()).await?;
            pages.note(begun.elapsed());
        }
        self.pages.push((pages.percentile(50), pages.percentile(99)));
        let mut writes = Spans::default();
        for number in 0..WRITES {
            let arguments = json!({
                "type": "task", "title": format!("Measure write {round}-{number}"), "on_duplicate": "create",
                "idempotency_key": format!("scale-{round}-{number}"),
            });
            let begun = Instant::now();
            asker.ask("pm33_create_work_item", &arguments).await?;
            writes.note(begun.elapsed());
        }
        self.writes.push(writes.percentile(50));
        let mut searches = Spans::default();
        for number in 0..SEARCHES {
            // A number of most digits begins few words; a common word would measure how much is found.
            let text = (self.sized.items - 1 - (number * 7 + round)).to_string();
            let begun = Instant::now();
            asker.ask("pm33_query_backlog", &json!({ "text": text, "limit": 25 })).await?;
            searches.note(begun.elapsed());
        }
        self.searches.push(searches.percentile(50));
        Ok(())
    }

    fn finish(self) -> Sized {
        let of = |figure: fn(&(f64, f64)) -> f64| median(self.pages.iter().map(figure).collect());
        Sized {
            page_p50_micros: of(|page| page.0),
            page_p99_micros: of(|page| page.1),
            write_p50_micros: median(self.writes.clone()),
            search_p50_micros: median(self.searches.clone()),
            ..self.sized
        }
    }
}

/// Status open, first page, 25 items.
fn page() -> serde_json::Value {
    json!({ "status": ["backlog", "planned", "in_progress", "in_review", "blocked"], "limit": 25 })
}

fn print(sizes: &[Sized], many: Option<&Many>) {
    println!(
        "| items | made s | cold ms | bytes an item | page p50 µs | page p99 µs | write p50 µs | search p50 µs |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|");
    for one in sizes {
        println!(
            "| {} | {:.1} | {:.1} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} |",
            one.items,
            one.made_seconds,
            one.cold_millis,
            one.bytes_per_item,
            one.page_p50_micros,
            one.page_p99_micros,
            one.write_p50_micros,
            one.search_p50_micros
        );
    }
    let reference = sizes.iter().find(|one| one.items == REFERENCE);
    let largest = sizes.iter().max_by_key(|one| one.items).filter(|one| one.items > REFERENCE);
    if let (Some(reference), Some(largest)) = (reference, largest) {
        let verdict = |what: &str, ratio: f64, bar: f64| {
            let word = if ratio <= bar { "met" } else { "MISSED" };
            println!("| {what} at {} / at {REFERENCE} | {ratio:.2} | {bar} | {word} |", largest.items);
        };
        println!("\n| bar | measured | bar | |\n|---|---:|---:|---|");
        verdict("page p99", largest.page_p99_micros / reference.page_p99_micros, PAGE_BAR);
        verdict("write p50", largest.write_p50_micros / reference.write_p50_micros, WRITE_BAR);
    }
    if let Some(many) = many {
        println!(
            "\n{} tenants of {} items, pictures bounded to {} MiB: memory grew by {:.0} MiB; a picture that is kept \
             took {:.2} µs, one that has to be read {:.0} µs",
            many.tenants, many.items, many.bound_mib, many.grown_mib, many.kept_micros, many.read_micros
        );
    }
}
