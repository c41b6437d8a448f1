//! Asking before something ends or goes away.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::bail;
use clap::Args;

/// Whether a person has to be asked.
#[derive(Args)]
pub(crate) struct Yes {
    /// Do it without asking.
    #[arg(long, short = 'y')]
    yes: bool,
}

impl Yes {
    /// Goes on when `--yes` was given or the person at the terminal types `yes`. Where nobody can be asked, nothing is
    /// done.
    pub(crate) fn to(&self, what: &str) -> anyhow::Result<()> {
        if self.yes {
            return Ok(());
        }
        let mut input = std::io::stdin().lock();
        if !input.is_terminal() {
            bail!("{what}: nothing was done; say --yes to do it");
        }
        eprint!("{what}. Type yes to go on: ");
        std::io::stderr().flush()?;
        let mut answer = String::new();
        input.read_line(&mut answer)?;
        if answer.trim() == "yes" { Ok(()) } else { bail!("nothing was done") }
    }
}
