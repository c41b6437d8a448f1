//! The HTTP(S) server for many tenants.
#![expect(
    clippy::print_stdout,
    reason = "the person who starts the server reads its address and the demo's key"
)]

use std::path::PathBuf;

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

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut flags = Vec::new();
    if let Some(folder) = arguments.data_dir {
        flags.push(("data.dir", "--data-dir", folder));
    }
    if let Some(address) = arguments.listen {
        flags.push(("server.listen", "--listen", address));
    }
    let (settings, _) = load(arguments.config.as_deref(), pm33_app::environment(), &flags)?;
    log_to_stderr(&settings.telemetry);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")?;
    runtime.block_on(async {
        let stop = stop_signal().context("watching for signals")?;
        let foundation = found(&settings).await?;
        let bound = bind_http(&settings, &foundation).await?;
        if arguments.demo {
            let local = open_local(&foundation, Start::Sample).await?;
            let key = mint_local_key(&foundation, &local).await?;
            println!("listening on {}", bound.url);
            println!("key: {}\n", key.expose_secret());
            println!("{}", client_config(&bound.url, key.expose_secret()));
        } else {
            println!("listening on {}", bound.url);
        }
        bound.run(&foundation, stop).await?;
        anyhow::Ok(())
    })
}
