//! The house's guards: what no compiler checks.

mod files;
mod layers;
mod links;
mod named_tests;
mod prose;
mod registered;

use anyhow::bail;

/// Something that is not as it must be.
#[derive(Debug)]
pub(crate) struct Finding {
    /// Where.
    pub(crate) place: String,
    /// What is wrong, and what to do.
    pub(crate) words: String,
}

impl Finding {
    pub(crate) fn new(place: impl Into<String>, words: impl Into<String>) -> Self {
        Self { place: place.into(), words: words.into() }
    }
}

/// Runs every guard.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut findings = layers::check()?;
    let (more, median) = files::check()?;
    findings.extend(more);
    findings.extend(registered::check()?);
    findings.extend(links::check()?);
    findings.extend(named_tests::check()?);
    for finding in &findings {
        eprintln!("{}: {}", finding.place, finding.words);
    }
    if !findings.is_empty() {
        bail!("tidy: {} findings", findings.len());
    }
    println!("tidy: layers, files (median {median} lines), tools, links and named tests are in order");
    Ok(())
}
