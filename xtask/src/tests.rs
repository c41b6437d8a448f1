//! All tests, with what they need from outside: PostgreSQL, strace, nginx, peers that speak the providers' wires, the conformance suite, foreign
//! clients, a browser. What could not be
//! had is told loudly, and is a failure where nobody watches.

use std::process::Command;

use anyhow::bail;

use crate::{
    clients, conformance, deploy, nginx,
    peers::{self, LiteLlm},
    postgres::Postgres,
    shell::{self, timed},
    tools, views,
};

/// How much of the tests that repeat themselves is run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// Enough for every change.
    Short,
    /// All that is promised.
    Whole,
}

/// Runs them.
pub(crate) fn run(length: Length) -> anyhow::Result<()> {
    let mut missing = Vec::new();
    let mut failed = Vec::new();
    let postgres = match Postgres::start() {
        Ok(postgres) => Some(postgres),
        Err(error) => {
            missing.push(format!("PostgreSQL: {error:#}"));
            None
        }
    };
    // Tests watch system calls with it and let them fail.
    if let Err(error) = shell::system("strace") {
        missing.push(format!("strace: {error:#}"));
    }
    let aimock = peers::aimock().unwrap_or_else(|error| {
        missing.push(format!("aimock: {error:#}"));
        Default::default()
    });
    let nginx = nginx::binary().unwrap_or_else(|error| {
        missing.push(format!("nginx: {error:#}"));
        std::path::PathBuf::new()
    });
    // It is large: half a gigabyte, once, and 20 seconds until it listens.
    let mut litellm = None;
    let mut left_out = Vec::new();
    if length == Length::Whole || shell::is_ci() {
        match LiteLlm::start() {
            Ok(running) => litellm = Some(running),
            Err(error) => missing.push(format!("LiteLLM: {error:#}")),
        }
    } else {
        left_out.push("LiteLLM, the second peer that speaks the providers' wires: with --long and in CI");
    }
    let runner = Runner::found();
    let mut command = runner.command(length);
    if let Some(postgres) = &postgres {
        command.env("PM33_TEST_POSTGRES_URL", &postgres.url);
    }
    let brought = [("PM33_TEST_NGINX", nginx.display().to_string())].into_iter().chain(aimock);
    command.envs(brought.filter(|(name, _)| !name.is_empty()));
    if let Some(litellm) = &litellm {
        command.env("PM33_TEST_LITELLM_URL", &litellm.url);
    }
    if let Err(error) = timed("cargo's tests", || shell::run(&mut command)) {
        failed.push(format!("tests: {error:#}"));
    }
    drop((postgres, litellm));
    if runner == Runner::Nextest {
        // It leaves the examples of the documentation out.
        let mut examples = shell::cargo();
        examples.args(["test", "--workspace", "--doc", "--locked", "--quiet"]);
        if let Err(error) = timed("examples of the documentation", || shell::run(&mut examples)) {
            failed.push(format!("examples of the documentation: {error:#}"));
        }
    }
    foreign(&mut missing, &mut failed);
    let (absent, broken) = timed("deploy", deploy::run);
    missing.extend(absent);
    failed.extend(broken);
    println!("\n==== summary ====");
    for words in &left_out {
        println!("LEFT OUT       {words}");
    }
    for words in &missing {
        println!("COULD NOT RUN  {words}");
    }
    for words in &failed {
        println!("FAILED         {words}");
    }
    if !failed.is_empty() || (shell::is_ci() && !missing.is_empty()) {
        bail!("{} failed, {} could not run", failed.len(), missing.len());
    }
    println!("all that could run passed");
    Ok(())
}

/// Programs of others against ours: the conformance suite, clients, a browser. All at once, since each mostly waits for the
/// next process to start.
fn foreign(missing: &mut Vec<String>, failed: &mut Vec<String>) {
    // All need it, and only one may install it; who cannot have it says so below.
    let _ = tools::node();
    let (conformance, clients, views) = std::thread::scope(|scope| {
        let conformance = scope.spawn(|| timed("conformance", conformance::run));
        let clients = scope.spawn(|| timed("clients", clients::run));
        let views = timed("views", || views::run(""));
        (conformance.join(), clients.join(), views)
    });
    match conformance.unwrap_or_else(|_| bail!("it panicked")) {
        Ok(()) => {}
        Err(error) if error.is::<conformance::CouldNotRun>() => {
            missing.push(format!("conformance: {error:#}"));
        }
        Err(error) => failed.push(format!("conformance: {error:#}")),
    }
    match clients.unwrap_or_else(|_| bail!("it panicked")) {
        Ok(absent) => missing.extend(absent.iter().map(|one| format!("clients: {one}"))),
        Err(error) => failed.push(format!("clients: {error:#}")),
    }
    match views {
        views::Verdict::Missing(error) => missing.push(format!("views: {error:#}")),
        views::Verdict::Judged(Err(error)) => failed.push(format!("views: {error:#}")),
        views::Verdict::Judged(Ok(())) => {}
    }
}

/// What runs the tests of all crates.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Runner {
    Nextest,
    /// Without time limits for single tests.
    Cargo,
}

impl Runner {
    fn found() -> Self {
        match shell::read(shell::cargo().args(["nextest", "--version"])) {
            Ok(_) => Self::Nextest,
            Err(_) => Self::Cargo,
        }
    }

    fn command(self, length: Length) -> Command {
        let mut command = shell::cargo();
        match self {
            Self::Nextest => {
                command.args(["nextest", "run", "--workspace", "--locked"]);
                if length == Length::Whole {
                    command.args(["--profile", "long"]);
                } else if shell::is_ci() {
                    // As `.config/nextest.toml` says of this profile.
                    let threads = 2 * shell::cores() + 1;
                    command.args(["--profile", "ci", "--test-threads", &threads.to_string()]);
                }
            }
            Self::Cargo => {
                println!("cargo-nextest is not there: cargo test runs instead, without its time limits");
                command.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
            }
        }
        match length {
            Length::Whole => {
                command.env("PM33_TEST_LONG", "1");
            }
            // The same inputs each time: a change is judged by itself. New ones are looked for with `--long` and by fuzzing.
            Length::Short if shell::variable("PROPTEST_RNG_SEED").is_none() => {
                command.env("PROPTEST_RNG_SEED", "33");
            }
            Length::Short => {}
        }
        command
    }
}
