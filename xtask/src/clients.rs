//! Foreign clients against the real programs, in every era over both transports, with a real key: one line each.

mod inspector;
mod sdk;
mod servers;

use std::fmt;

use anyhow::bail;

pub(crate) use servers::Servers;

/// A client that could not be had.
#[derive(Debug)]
pub(crate) struct Missing {
    what: &'static str,
    why: anyhow::Error,
}

impl Missing {
    fn of<E: Into<anyhow::Error>>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |why| Self { what, why: why.into() }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:#}", self.what, self.why)
    }
}

/// How it went for one client, era and transport.
struct Verdict {
    name: String,
    is_good: bool,
    words: String,
}

impl Verdict {
    fn good(name: String, words: String) -> Self {
        Self { name, is_good: true, words }
    }

    fn bad(name: String, words: String) -> Self {
        Self { name, is_good: false, words }
    }
}

/// Runs them all; those that could not be had.
pub(crate) fn run() -> anyhow::Result<Vec<Missing>> {
    let servers = Servers::start("clients")?;
    let mut missing = Vec::new();
    let mut failed = Vec::new();
    for client in [sdk::typescript, sdk::python, inspector::run] {
        match client(&servers) {
            Ok(verdicts) => {
                for verdict in verdicts {
                    let sign = if verdict.is_good { "ok" } else { "FAILED" };
                    println!("client {}: {sign}, {}", verdict.name, verdict.words);
                    if !verdict.is_good {
                        failed.push(verdict.name);
                    }
                }
            }
            Err(one) => missing.push(one),
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(missing)
}

/// Runs them alone, for a person.
pub(crate) fn alone() -> anyhow::Result<()> {
    let missing = run()?;
    for one in &missing {
        println!("COULD NOT RUN  {one}");
    }
    if missing.is_empty() { Ok(()) } else { bail!("{} could not run", missing.len()) }
}
