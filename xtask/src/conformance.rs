//! The protocol's conformance suite against the fixture server: both revisions' required scenarios, and the scenarios
//! beyond them that this server offers. No failed check is accepted.

use std::{
    fmt,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, bail};

use crate::{shell, tools};

const SUITE: &str = "@modelcontextprotocol/conformance@0.2.0-alpha.12";
/// Scenarios beyond the required ones, with the revision that each is run at.
const BEYOND: [(&str, &str); 5] = [
    ("json-schema-2020-12", "2026-07-28"),
    ("http-header-validation", "2026-07-28"),
    ("http-custom-header-server-validation", "2026-07-28"),
    ("server-session-lifecycle", "2025-11-25"),
    ("server-sse-polling", "2025-11-25"),
];

/// Scenarios of the tasks extension, which no revision's timeline has. The tenth, `tasks-status-notifications`, checks
/// nothing yet: the suite skips it.
const TASKS: [&str; 9] = [
    "tasks-lifecycle",
    "tasks-capability-negotiation",
    "tasks-wire-fields",
    "tasks-request-state-removal",
    "tasks-mrtr-input",
    "tasks-request-headers",
    "tasks-dispatch-and-envelope",
    "tasks-required-task-error",
    "tasks-mrtr-composition",
];

/// The suite could not be had.
#[derive(Debug)]
pub(crate) struct CouldNotRun(String);

impl fmt::Display for CouldNotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CouldNotRun {}

struct Fixture {
    process: Child,
    url: String,
}

impl Fixture {
    fn start() -> anyhow::Result<Self> {
        let binary = shell::build("conformance_fixture")?;
        let mut process = Command::new(binary).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let output = process.stdout.take().context("the fixture's output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .context("the fixture did not say where it listens")?
            .to_owned();
        Ok(Self { process, url })
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs the suite.
pub(crate) fn run() -> anyhow::Result<()> {
    let could_not = |error: anyhow::Error| CouldNotRun(format!("{error:#}"));
    let node = tools::node().map_err(could_not)?;
    let folder = shell::cache("conformance-0.2.0-alpha.12").map_err(could_not)?;
    let suite = folder.join("node_modules/@modelcontextprotocol/conformance");
    if !suite.is_dir() {
        tools::install(&folder, &[SUITE]).map_err(could_not)?;
    }
    let entry = entry(&suite).map_err(could_not)?;
    let fixture = Fixture::start()?;
    let mut failed = Vec::new();
    let mut leg = |name: String, arguments: &[&str]| -> anyhow::Result<()> {
        let output = Command::new(&node)
            .arg(&entry)
            .args(["server", "--url", &fixture.url])
            .args(arguments)
            .output()?;
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let bad: Vec<_> = text.lines().filter(|line| line.contains('\u{2717}')).collect();
        let passed = text.lines().filter(|line| line.contains('\u{2713}')).count();
        // A single scenario tells its checks in one line.
        let single = text.lines().find(|line| line.starts_with("Passed: "));
        let passed = passed.max(usize::from(single.is_some_and(|line| !line.starts_with("Passed: 0/"))));
        let whole = single.is_none_or(|line| line.contains(", 0 failed"));
        println!("{}", single.unwrap_or_default());
        println!("conformance {name}: {passed} lines passed, {} failed, {}", bad.len(), output.status);
        if !output.status.success() || !bad.is_empty() || passed == 0 || !whole {
            for line in &bad {
                println!("  {line}");
            }
            if bad.is_empty() {
                println!("{text}");
            }
            failed.push(name);
        }
        Ok(())
    };
    for revision in ["2025-11-25", "2026-07-28"] {
        leg(format!("required {revision}"), &["--requirements", revision])?;
    }
    for (scenario, revision) in BEYOND {
        leg(scenario.to_owned(), &["--scenario", scenario, "--spec-version", revision])?;
    }
    for scenario in TASKS {
        leg(scenario.to_owned(), &["--scenario", scenario, "--spec-version", "2026-07-28", "--force"])?;
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// The suite's program, as its package names it.
fn entry(suite: &Path) -> anyhow::Result<std::path::PathBuf> {
    let manifest: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(suite.join("package.json"))?)?;
    let bin = &manifest["bin"];
    let path = bin
        .as_str()
        .or_else(|| bin.as_object()?.values().next()?.as_str())
        .context("the suite has no program")?;
    if !suite.join(path).is_file() {
        bail!("the suite's program is missing");
    }
    Ok(suite.join(path))
}
