//! Node and Python with their packages, privately in the user's cache: nothing is installed for the whole machine.

use std::{path::PathBuf, process::Command};

use anyhow::Context;

use crate::shell;

/// Oldest Node that the conformance suite and the Inspector run on.
const NODE: u32 = 22;

/// A Node that is new enough: the machine's, or one from the registry's package `node`.
pub(crate) fn node() -> anyhow::Result<PathBuf> {
    let version = shell::read(Command::new("node").arg("--version")).unwrap_or_default();
    let major =
        version.trim().trim_start_matches('v').split('.').next().and_then(|text| text.parse::<u32>().ok());
    if major.is_some_and(|major| major >= NODE) {
        return Ok(PathBuf::from("node"));
    }
    let folder = shell::cache("node22")?;
    let binary = folder.join("node_modules/node/bin/node");
    if !binary.is_file() {
        install(&folder, &["node@22"])?;
    }
    binary.is_file().then_some(binary).context("the package node@22 brought no binary")
}

/// A folder of ours with packages installed; the name is for these packages at these versions.
pub(crate) fn packages(name: &str, packages: &[&str]) -> anyhow::Result<PathBuf> {
    let folder = shell::cache(name)?;
    let is_there = |package: &&str| {
        let name = package.rsplit_once('@').map_or(*package, |(name, _)| name);
        folder.join("node_modules").join(name).join("package.json").is_file()
    };
    if !packages.iter().all(is_there) {
        install(&folder, packages)?;
    }
    Ok(folder)
}

/// Installs packages into a folder of ours.
pub(crate) fn install(folder: &std::path::Path, packages: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new("npm");
    command
        .args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"])
        .arg(folder)
        .args(packages);
    shell::run(&mut command)
}

/// The Python of a virtual environment of ours with one requirement (`name==version`), whose `module` it can import.
pub(crate) fn python(requirement: &str, module: &str) -> anyhow::Result<PathBuf> {
    pinned(&format!("python-{}", requirement.replace("==", "-")), &[requirement], module)
}

/// The Python of a virtual environment of ours with pinned requirements; the name is for these at these versions. Nothing is
/// built for it, and so nothing of a package runs before it is imported.
pub(crate) fn pinned(name: &str, requirements: &[&str], module: &str) -> anyhow::Result<PathBuf> {
    let folder = shell::cache(name)?;
    let python = folder.join("bin/python");
    let import = format!("import {module}");
    if shell::read(Command::new(&python).args(["-c", &import])).is_err() {
        shell::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        let arguments =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"];
        shell::run(Command::new(&python).args(arguments).args(requirements))?;
    }
    Ok(python)
}
