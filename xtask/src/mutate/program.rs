//! The store's tests as one program in which each condition is marked, so that any of them can be taken out of the program
//! itself: one build for all, and the sources are as they were before the first test runs.

use std::{
    collections::BTreeMap,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use super::{
    changed::Changed,
    conditions::{Condition, SOURCES},
};
use crate::shell;

/// What stands behind a condition: a comment to the database.
fn mark(number: usize) -> String {
    format!("/*without {number:04} OR 1 = 1*/")
}

/// The same without the condition, as long as the mark: always true.
fn taken_out(number: usize) -> String {
    format!("/*without {number:04}*/ OR 1 = 1")
}

/// The tests' program.
pub(super) struct Program {
    path: PathBuf,
    bytes: Vec<u8>,
}

/// A copy of the program without some conditions; it goes with the value.
pub(super) struct Without {
    pub(super) path: PathBuf,
}

impl Drop for Without {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Program {
    /// Builds it with marks; each group of conditions is taken out together, and its place is its number.
    pub(super) fn build(groups: &[Vec<Condition>]) -> anyhow::Result<Self> {
        let mut files: BTreeMap<&str, Vec<(&Condition, usize)>> = BTreeMap::new();
        for (number, group) in groups.iter().enumerate() {
            for one in group {
                files.entry(&one.file).or_default().push((one, number));
            }
        }
        let mut changed = Vec::new();
        for (file, mut conditions) in files {
            conditions.sort_by_key(|(one, _)| std::cmp::Reverse(one.at.start));
            changed.push(Changed::of(&Path::new(SOURCES).join(file), |text| {
                for (one, number) in conditions {
                    text.replace_range(one.at.clone(), &format!("({} {})", one.text, mark(number)));
                }
                Ok(())
            })?);
        }
        let path = build()?;
        drop(changed);
        let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
        Ok(Self { path, bytes })
    }

    /// Where it is, with all conditions.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A copy without a group of conditions.
    pub(super) fn without(&self, number: usize) -> anyhow::Result<Without> {
        let (from, to) = (mark(number), taken_out(number));
        ensure!(from.len() == to.len(), "the mark and what takes its place differ in length");
        let mut bytes = self.bytes.clone();
        let mut places = 0;
        let mut at = 0;
        while let Some(next) = position(&bytes[at..], from.as_bytes()) {
            bytes[at + next..][..to.len()].copy_from_slice(to.as_bytes());
            at += next + to.len();
            places += 1;
        }
        ensure!(
            places > 0,
            "the condition is not in the program: nothing runs it, or it is put together otherwise"
        );
        let path = self.path.with_extension("without");
        std::fs::write(&path, bytes)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
        Ok(Without { path })
    }
}

/// Where a text begins; most bytes are not its first.
fn position(bytes: &[u8], text: &[u8]) -> Option<usize> {
    let first = *text.first()?;
    let mut from = 0;
    loop {
        let at = from + bytes.get(from..)?.iter().position(|byte| *byte == first)?;
        if bytes[at..].starts_with(text) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// Builds the store's tests as the sources are; where their program is.
pub(super) fn build() -> anyhow::Result<PathBuf> {
    let mut command = shell::cargo();
    command.args([
        "test",
        "--locked",
        "-p",
        "pm33-store",
        "--test",
        "it",
        "--no-run",
        "--message-format=json",
    ]);
    let output = command.output().context("starting cargo")?;
    if !output.status.success() {
        // What does not build tells nothing.
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    let told = String::from_utf8_lossy(&output.stdout);
    let messages = told.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut programs = messages.filter(|one| one["target"]["name"] == "it" && one["executable"].is_string());
    programs
        .next_back()
        .and_then(|one| one["executable"].as_str().map(PathBuf::from))
        .context("cargo names no program")
}

/// Which of the store's tests are run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tests {
    /// Those of tenants whose rows have the same ids: most conditions are missed by them.
    OfTwins,
    /// All but those of load, which take a minute each.
    All,
}

const TWINS: &str = "twin";
const LOAD: [&str; 2] = ["bank::", "many_writers::"];

/// Which tests miss on SQLite what a program is without: the few that are quick, or all; none when no test does.
pub(super) fn missing(program: &Path, server: &str) -> anyhow::Result<Option<Tests>> {
    for tests in [Tests::OfTwins, Tests::All] {
        if !failing(program, "sqlite", server, tests)?.is_empty() {
            return Ok(Some(tests));
        }
    }
    Ok(None)
}

/// Runs tests of the store's contract on one engine; those that failed.
pub(super) fn failing(
    program: &Path,
    engine: &str,
    server: &str,
    tests: Tests,
) -> anyhow::Result<Vec<String>> {
    let mut command = Command::new(program);
    let other = if engine == "sqlite" { "::postgres" } else { "::sqlite" };
    match tests {
        Tests::OfTwins => command.args([TWINS, "--skip", other]),
        Tests::All if engine == "postgres" => command.args(["::postgres", "postgres_", "shared_"]),
        Tests::All => command.arg("::sqlite"),
    };
    command.args(LOAD.iter().flat_map(|name| ["--skip", name]));
    // They wait for disks and clocks more than they reckon.
    command.args(["--test-threads", "8"]).env("PM33_TEST_POSTGRES_URL", server).current_dir("crates/store");
    let output = command.output().with_context(|| program.display().to_string())?;
    let told = String::from_utf8_lossy(&output.stdout);
    let count = told.lines().filter(|line| line.starts_with("test ") && line.contains(" ... ")).count();
    ensure!(told.contains("test result") && count > 0, "{told}{}", String::from_utf8_lossy(&output.stderr));
    let named = told.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
    let failed: Vec<String> = named.map(str::to_owned).collect();
    ensure!(output.status.success() == failed.is_empty(), "failed tests without a name:\n{told}");
    let names: Vec<_> = failed.iter().take(3).map(String::as_str).collect();
    let more = if failed.len() > names.len() { ", …" } else { "" };
    println!(
        "  {engine}: {} of {count} tests fail{}{}{more}",
        failed.len(),
        if names.is_empty() { "" } else { ": " },
        names.join(", ")
    );
    Ok(failed)
}
