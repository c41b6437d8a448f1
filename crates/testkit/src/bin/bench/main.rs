//! The benchmark: peers, load and report in one program. `cargo xtask bench` builds it with the servers and starts it.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and talks to its person"
)]

mod answer;
mod asker;
mod disk;
mod echo;
mod http_load;
mod idle_sessions;
mod plan;
mod planning;
mod portfolio;
mod process;
mod report;
mod rmcp_peer;
mod run;
mod scale;
mod soak;
mod spans;
mod stdio_load;
mod template;
mod tenants;
mod workspace;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Peers, load and report.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures everything and reports.
    Run(RunArguments),
    /// Measures workspaces of growing size, and many tenants under a bound of memory.
    Scale(scale::ScaleArguments),
    /// Keeps a server under load and looks whether what it holds grows.
    Soak(soak::SoakArguments),
    /// Serves JSON-RPC by echoing parameters: the least that an HTTP server does.
    Echo,
    /// Serves one trivial tool over Streamable HTTP on rmcp.
    RmcpHttp,
    /// Serves one trivial tool on stdin and stdout on rmcp.
    RmcpStdio,
}

/// What is measured, and for how long.
#[derive(clap::Args)]
struct RunArguments {
    /// Folder of the built binaries.
    #[arg(long)]
    binaries: PathBuf,
    /// Where the report goes as JSON.
    #[arg(long)]
    out: PathBuf,
    /// How the binaries were built; told in the report.
    #[arg(long, default_value = "release")]
    build: String,
    /// Rounds; every ratio is the median of theirs.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Milliseconds of load per row, number of connections and round, after a warm-up of a fifth of it.
    #[arg(long, default_value_t = 2_000)]
    millis: u64,
    /// Work items in the workspace.
    #[arg(long, default_value_t = 10_000)]
    items: usize,
    /// Idle legacy sessions that are opened.
    #[arg(long, default_value_t = 20_000)]
    sessions: usize,
    /// Only rows whose name contains this.
    #[arg(long)]
    only: Option<String>,
    /// Numbers of connections.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64])]
    connections: Vec<usize>,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Run(arguments) => {
            let machine = process::settle();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let local = tokio::task::LocalSet::new();
            local.block_on(&runtime, run::run(&arguments, machine))
        }
        Command::Scale(arguments) => {
            let machine = process::settle();
            runtime()?.block_on(scale::run(&arguments, machine))
        }
        Command::Soak(arguments) => {
            let machine = process::settle();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let local = tokio::task::LocalSet::new();
            local.block_on(&runtime, soak::run(&arguments, machine))
        }
        // As most servers are built: with a runtime of as many threads as there are cores for it.
        Command::Echo => runtime()?.block_on(echo::serve()),
        Command::RmcpHttp => runtime()?.block_on(rmcp_peer::serve_http()),
        Command::RmcpStdio => runtime()?.block_on(rmcp_peer::serve_stdio()),
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
