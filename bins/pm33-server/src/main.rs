//! The HTTP(S) server for many tenants.
#![expect(clippy::print_stderr, reason = "the person who starts the server reads why it does not start")]

use std::{io::Write, path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Parser;
use pm33_app::{
    Start, bind_http, client_config, found, load, log_to_stderr, mint_local_key, open_local, stop_signal,
};
use secrecy::ExposeSecret;

/// PM33 MCP server: product management over the Model Context Protocol.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Settings file (TOML).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the embedded database and of generated secrets.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Make a sample workspace (once), mint a key and print client configuration.
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

/// Tasks that a thread polls before it looks for new events; calls are long tasks, and what came in meanwhile should not wait
/// behind sixty of them.
const EVENT_INTERVAL: u32 = 24;

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let mut flags = Vec::new();
    if let Some(folder) = arguments.data_dir {
        flags.push(("data.dir", "--data-dir", folder));
    }
    if let Some(address) = arguments.listen {
        flags.push(("server.listen", "--listen", address));
    }
    let (mut settings, _) = load(arguments.config.as_deref(), pm33_app::environment(), &flags)?;
    if arguments.demo {
        settings.ai.on_own_machine(&pm33_app::environment());
    }
    log_to_stderr(&settings.telemetry);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .event_interval(EVENT_INTERVAL)
        .build()
        .context("starting the runtime")?;
    runtime.block_on(async {
        let stop = stop_signal().context("watching for signals")?;
        let foundation = found(&settings).await?;
        let bound = bind_http(&settings, &foundation).await?;
        let url = &bound.url;
        let told = if arguments.demo {
            let local = open_local(&foundation, Start::Sample).await?;
            let key = mint_local_key(&foundation, &local).await?;
            let key = key.expose_secret();
            format!("listening on {url}\nkey: {key}\n\n{}", client_config(url, key))
        } else {
            format!("listening on {url}\n")
        };
        // Whoever reads may have seen enough and closed the pipe; the server serves all the same.
        let _ = std::io::stdout().write_all(told.as_bytes());
        bound.run(&foundation, stop).await?;
        anyhow::Ok(())
    })
}
