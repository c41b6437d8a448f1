//! Writes the generated documents: `docgen FOLDER`.

mod pins;
mod schemas;
mod tools;

use std::path::PathBuf;

use anyhow::Context;
use pm33_app::{catalogue, reference};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).context("usage: docgen FOLDER")?);
    std::fs::write(folder.join("configuration.md"), reference())?;
    std::fs::write(folder.join("tools.md"), tools::tools(&catalogue()?)?)?;
    std::fs::write(folder.join("tool-hashes.txt"), pins::pins(&catalogue()?))?;
    schemas::write(&folder.join("schemas")).await
}
