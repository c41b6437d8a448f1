//! What the shell knows of this program: completions and manual pages.

use std::path::Path;

use anyhow::Context;
use clap::Command;
use clap_complete::Shell;

use crate::{Setup, output};

/// Prints a shell's completions.
pub(crate) fn completions(mut command: Command, shell: Shell) {
    // Written to a pipe that is closed, the generator would panic.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "pm33-admin", &mut script);
    output::text(&String::from_utf8_lossy(&script));
}

/// Writes a page for the program and for each of its commands.
pub(crate) fn pages(setup: &Setup, command: Command, folder: &Path) -> anyhow::Result<()> {
    let written = || format!("writing {}", folder.display());
    std::fs::create_dir_all(folder).with_context(written)?;
    clap_mangen::generate_to(command, folder).with_context(written)?;
    let count = std::fs::read_dir(folder).with_context(written)?.count();
    output::done(setup, &[("folder", folder.display().to_string()), ("pages", count.to_string())]);
    Ok(())
}
