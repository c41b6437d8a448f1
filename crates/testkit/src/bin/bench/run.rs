//! One run: servers started side by side, rows measured in rounds that interleave them, then the report.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::Context;
use tokio::process::Child;

use crate::{
    RunArguments, disk, http_load,
    http_load::{Load, Measured},
    idle_sessions,
    plan::{IN_FLIGHT, ROWS, STDIO_ROWS, Server},
    planning, portfolio,
    process::{self, Machine, Pinning, Process},
    report::{Point, Report},
    stdio_load::Pipes,
    template::Template,
    workspace,
};

/// What lets more through than any load here asks for.
const SETTINGS: &[(&str, &str)] = &[
    ("PM33_LIMITS_CALLS_PER_MINUTE_KEY", "1000000"),
    ("PM33_LIMITS_CALLS_PER_MINUTE_TENANT", "10000000"),
    ("PM33_LIMITS_SESSIONS_MAX", "100000"),
    ("PM33_TELEMETRY_LOG_FILTER", "warn"),
];

/// Measures everything and reports.
pub(crate) async fn run(arguments: &RunArguments, machine: Machine) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(arguments.out.parent().context("a folder for the report")?)?;
    let made = folder.path().join("made");
    eprintln!("making {} items", arguments.items);
    let key = workspace::make(&made, arguments.items).await?;
    let bench = Bench { arguments, pinning: machine.pinning, key, items: arguments.items };
    let mut report = Report::new(arguments, machine);
    bench.http(folder.path(), &made, &mut report).await?;
    bench.stdio(folder.path(), &made, &mut report).await?;
    if arguments.sessions > 0 {
        let server = bench.ours(&copy(folder.path(), &made, "sessions")?, "each_call").await?;
        report.session_bytes =
            Some(idle_sessions::bytes_per_session(&server, &bench.key, arguments.sessions).await?);
    }
    if bench.is_wanted("planning") {
        let data = folder.path().join("planned");
        eprintln!("making a portfolio");
        let key = portfolio::make(&data).await?;
        // Planning has a core of its own beside the calls, so this server is not pinned to one.
        let server = bench.ours_on(&data, "each_call", Pinning::NotPossible).await?;
        report.planning = planning::measure(&server, &key).await?;
        report.beside = Some(planning::beside(&server, &key).await?);
    }
    report.print();
    report.write(&arguments.out)
}

struct Bench<'a> {
    arguments: &'a RunArguments,
    pinning: Pinning,
    key: String,
    items: usize,
}

impl Bench<'_> {
    fn program(&self, name: &str) -> std::path::PathBuf {
        self.arguments.binaries.join(name)
    }

    fn spans(&self) -> (Duration, Duration) {
        let span = Duration::from_millis(self.arguments.millis);
        (span / 5, span)
    }

    fn is_wanted(&self, name: &str) -> bool {
        self.arguments.only.as_deref().is_none_or(|part| name.contains(part))
    }

    async fn peer(&self, name: &str) -> anyhow::Result<Process> {
        Process::start(&self.program("bench"), [name], [], self.pinning).await
    }

    async fn ours(&self, folder: &Path, audit_reads: &str) -> anyhow::Result<Process> {
        self.ours_on(folder, audit_reads, self.pinning).await
    }

    async fn ours_on(&self, folder: &Path, audit_reads: &str, pinning: Pinning) -> anyhow::Result<Process> {
        let program = self.program("pm33-server");
        let environment = SETTINGS.iter().copied().chain([("PM33_AUDIT_READS", audit_reads)]);
        let folder = folder.display().to_string();
        let words = ["--listen", "127.0.0.1:0", "--data-dir", &folder];
        Process::start(&program, words, environment, pinning).await
    }

    async fn http(&self, folder: &Path, made: &Path, report: &mut Report) -> anyhow::Result<()> {
        let servers = [
            (Server::Echo, self.peer("echo").await?),
            (Server::Rmcp, self.peer("rmcp-http").await?),
            (Server::Ours, self.ours(&copy(folder, made, "ours")?, "each_call").await?),
            (Server::Batched, self.ours(&copy(folder, made, "batched")?, "batched").await?),
        ];
        let (warm, span) = self.spans();
        for round in 0..self.arguments.rounds {
            eprintln!("round {} of {}", round + 1, self.arguments.rounds);
            let mut syncs = disk::syncs(folder)?;
            report.syncs.push((syncs.percentile(50), syncs.percentile(99)));
            for connections in &self.arguments.connections {
                for row in ROWS.iter().filter(|row| self.is_wanted(row.name)) {
                    let (_, server) = servers
                        .iter()
                        .find(|(kind, _)| *kind == row.server)
                        .context("a server of this kind")?;
                    let load = Load {
                        address: &server.address,
                        question: row.question,
                        template: Template::http(row.question, self.items, &server.address, &self.key)?,
                        connections: *connections,
                        warm,
                        span,
                    };
                    let measured = http_load::measure(load, &server.child).await.context(row.name)?;
                    report.add(round, point(row.name, *connections, measured, &server.child).await?);
                }
            }
        }
        Ok(())
    }

    async fn stdio(&self, folder: &Path, made: &Path, report: &mut Report) -> anyhow::Result<()> {
        let data = copy(folder, made, "stdio")?;
        let (warm, span) = self.spans();
        for round in 0..self.arguments.rounds {
            // Processes of its own for each round: a minute of it is more calls than a key may have.
            let mut servers = Vec::new();
            for row in STDIO_ROWS.iter().filter(|row| self.is_wanted(row.name)) {
                let mut command = match row.server {
                    Server::Rmcp => process::command(&self.program("bench"), self.pinning),
                    _ => process::command(&self.program("pm33-stdio"), self.pinning),
                };
                match row.server {
                    Server::Rmcp => command.arg("rmcp-stdio"),
                    _ => command.arg("--data-dir").arg(&data).envs(SETTINGS.iter().copied()),
                };
                let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
                let pipes = Pipes::new(&mut child, self.items)?;
                servers.push((row, child, pipes));
            }
            for in_flight in IN_FLIGHT {
                for (row, child, pipes) in &mut servers {
                    let measured = pipes.measure(child, *in_flight, warm, span).await.context(row.name)?;
                    report.add(round, point(row.name, *in_flight, measured, child).await?);
                }
            }
            for (_, mut child, pipes) in servers {
                drop(pipes);
                // The end of its input ends it; whoever goes on is ended with the value.
                let _ = tokio::time::timeout(Duration::from_secs(10), child.wait()).await;
            }
        }
        Ok(())
    }
}

async fn point(
    row: &'static str,
    at: usize,
    mut measured: Measured,
    server: &Child,
) -> anyhow::Result<Point> {
    let memory = process::memory(server)?;
    let afterwards = process::rest(server).await?;
    #[expect(clippy::cast_precision_loss, reason = "millions")]
    let (answers, resident) = (measured.spans.count() as f64, memory.resident as f64);
    Ok(Point {
        row,
        at,
        per_second: answers / measured.time.as_secs_f64(),
        p50_micros: measured.spans.percentile(50),
        p99_micros: measured.spans.percentile(99),
        processor_micros: measured.processor.as_secs_f64() * 1e6 / answers,
        afterwards_micros: afterwards.as_secs_f64() * 1e6 / answers,
        resident_mib: resident / 1_024.0,
    })
}

/// A copy of the made folder.
fn copy(folder: &Path, made: &Path, name: &str) -> anyhow::Result<std::path::PathBuf> {
    let target = folder.join(name);
    std::fs::create_dir(&target)?;
    for entry in std::fs::read_dir(made)? {
        let entry = entry?;
        std::fs::copy(entry.path(), target.join(entry.file_name()))?;
    }
    Ok(target)
}
