//! Running programs, and places on this machine.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, bail};

/// The workspace's folder.
pub(crate) fn root() -> anyhow::Result<PathBuf> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    Ok(here.parent().context("xtask lies in the workspace")?.to_owned())
}

/// A folder of ours in the user's cache; tools are kept there, not under `target`.
pub(crate) fn cache(name: &str) -> anyhow::Result<PathBuf> {
    let base = match variable("XDG_CACHE_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(variable("HOME").context("HOME is not set")?).join(".cache"),
    };
    let folder = base.join("pm33").join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// An environment variable, if it is set to something.
#[expect(clippy::disallowed_methods, reason = "a development tool is steered by its environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// Whether this is a run that nobody watches.
pub(crate) fn is_ci() -> bool {
    variable("CI").is_some()
}

/// Whether the machine is ours.
pub(crate) fn is_root() -> bool {
    read(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Installs a package with the system's package manager.
pub(crate) fn install(package: &str) -> anyhow::Result<()> {
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get").args(["install", "-y", "-qq", "--no-install-recommends", package]))
}

/// A program of the system's package of the same name, installed when it is not there and may be.
pub(crate) fn system(program: &str) -> anyhow::Result<()> {
    let is_there = || read(Command::new(program).arg("-V")).is_ok();
    if !is_there() && is_root() {
        install(program)?;
    }
    if is_there() { Ok(()) } else { bail!("{program} is not installed") }
}

/// How many threads run at once.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Does a part of a check and tells how long it took.
#[expect(clippy::disallowed_methods, reason = "a development tool looks at the clock")]
pub(crate) fn timed<T>(part: &str, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    println!("==== {part}: {} s ====", begun.elapsed().as_secs());
    done
}

/// Runs a program to its end, its output shown.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    println!("$ {}", words(command));
    let status = command.status().with_context(|| format!("starting {}", words(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", words(command));
    }
    Ok(())
}

/// Runs a program to its end, its output alone shown, so that another program can read it.
pub(crate) fn run_bare(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("starting {}", words(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", words(command));
    }
    Ok(())
}

/// Runs a program quietly; its standard output.
pub(crate) fn read(command: &mut Command) -> anyhow::Result<String> {
    let output =
        command.stderr(Stdio::piped()).output().with_context(|| format!("starting {}", words(command)))?;
    if !output.status.success() {
        let shown = String::from_utf8_lossy(&output.stderr);
        bail!("{} ended with {}: {}", words(command), output.status, shown.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Cargo, the one that runs us. Where nobody debugs and nothing is built a second time, it writes neither what debuggers
/// read nor what the next build would.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(variable("CARGO").unwrap_or_else(|| "cargo".to_owned()));
    if is_ci() {
        cargo.envs([
            ("CARGO_INCREMENTAL", "0"),
            ("CARGO_PROFILE_DEV_DEBUG", "0"),
            ("CARGO_PROFILE_TEST_DEBUG", "0"),
        ]);
    }
    cargo
}

/// Builds a program of the workspace and says where it is. The whole workspace is named, so that dependencies keep the
/// features that tests build them with and are not built a second time.
pub(crate) fn build(program: &str) -> anyhow::Result<PathBuf> {
    run(cargo().args(["build", "--quiet", "--locked", "--workspace", "--bin", program]))?;
    let target = variable("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    Ok(target.join("debug").join(program))
}

fn words(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for word in command.get_args() {
        text.push(' ');
        text.push_str(&word.to_string_lossy());
    }
    text
}
