//! The stdio server beside an IDE: one local tenant in one file.
#![expect(clippy::print_stderr, reason = "the person who starts it reads why it does not start")]

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Parser;
use pm33_app::{Rights, Start, compose_stdio, found, load, log_to_stderr, open_local, stop_signal};
use pm33_transport::{serve_stdio, standard_input, standard_output};

/// PM33 MCP server on stdin and stdout, for one person on this machine.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Settings file (TOML).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the database and of generated secrets.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// Let the client read only.
    #[arg(long)]
    read_only: bool,
    /// Start with the sample workspace instead of an empty one (first use only).
    #[arg(long)]
    demo: bool,
}

/// Answers are allocated on one thread and freed on another, which this one is good at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let mut flags = Vec::new();
    if let Some(folder) = arguments.data_dir {
        flags.push(("data.dir", "--data-dir", folder));
    }
    let (mut settings, _) = load(arguments.config.as_deref(), pm33_app::environment(), &flags)?;
    settings.ai.on_own_machine(&pm33_app::environment());
    settings.audit.on_own_machine();
    log_to_stderr(&settings.telemetry);
    // One person's calls: handing each from thread to thread would take longer than the call. Planning and hashing have
    // threads of their own.
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting the runtime")?;
    let outcome = runtime.block_on(async {
        let stop = stop_signal().context("watching for signals")?;
        let foundation = found(&settings).await?;
        let start = if arguments.demo { Start::Sample } else { Start::Empty };
        let local = open_local(&foundation, start).await?;
        let rights = if arguments.read_only { Rights::ReadOnly } else { Rights::Full };
        let server = compose_stdio(&settings, &foundation, &local, rights)?;
        let background = tokio_util::sync::CancellationToken::new();
        let noticing = tokio_util::task::TaskTracker::new().spawn(pm33_app::run_background(
            foundation.store.clone(),
            std::sync::Arc::clone(&foundation.keys),
            server.clone(),
            std::sync::Arc::clone(&foundation.clock),
            background.clone(),
        ));
        let options = settings.stdio.options();
        serve_stdio(standard_input()?, standard_output()?, std::sync::Arc::new(server), options, stop)
            .await?;
        background.cancel();
        noticing.await.context("ending background work")?;
        foundation.store.close().await;
        anyhow::Ok(())
    });
    // A blocked read of stdin must not hold the process.
    runtime.shutdown_background();
    outcome
}
