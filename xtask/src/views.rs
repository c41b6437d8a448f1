//! Views in a real browser: the real server serves them, a host's page of the tests shows them in a sandboxed frame.
//! Pictures of every scene are left under `target/views`.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};

use crate::{clients::Servers, peers::Aimock, shell, tools};

/// What the browser is driven with, what shows the views, what judges them.
const PACKAGES: [&str; 7] = [
    "puppeteer-core@25.16.0",
    "axe-core@4.14.1",
    "esbuild@0.25.12",
    "@modelcontextprotocol/ext-apps@2.0.4",
    "@modelcontextprotocol/client@2.4.0",
    "@modelcontextprotocol/core@2.4.0",
    "zod@4.6.7",
];
const FOLDER: &str = "views-2.0.4";
const SCRIPT: &str = "crates/testkit/views/drive.mjs";
const PICTURES: &str = "target/views";
/// What a model says in the scenes.
const SAID: &str = "crates/testkit/views/model.json";

/// How it went.
pub(crate) enum Verdict {
    /// The browser or its tools could not be had.
    Missing(anyhow::Error),
    /// They could.
    Judged(anyhow::Result<()>),
}

/// Runs the scenes whose name holds `only`.
pub(crate) fn run(only: &str) -> Verdict {
    let needed = || {
        Ok((
            chromium()?,
            tools::node()?,
            tools::packages(FOLDER, &PACKAGES)?,
            Aimock::start(Path::new(SAID))?,
        ))
    };
    match needed() {
        Err(error) => Verdict::Missing(error),
        Ok((chromium, node, packages, model)) => {
            Verdict::Judged(drive(&chromium, &node, &packages, &model, only))
        }
    }
}

/// Runs them alone, for a person.
pub(crate) fn alone(only: &str) -> anyhow::Result<()> {
    match run(only) {
        Verdict::Missing(error) => Err(error.context("the views could not be shown")),
        Verdict::Judged(judged) => judged,
    }
}

/// The system's browser, installed with its package manager when it is not there.
fn chromium() -> anyhow::Result<PathBuf> {
    let found = || {
        let path = shell::variable("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = path.split(':').map(PathBuf::from).collect();
        ["chromium", "chromium-browser", "google-chrome-stable"]
            .iter()
            .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
            .find(|program| program.is_file())
    };
    if found().is_none() && shell::read(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0") {
        shell::run(Command::new("apt-get").args(["update", "-qq"]))?;
        shell::run(Command::new("apt-get").args([
            "install",
            "-y",
            "-qq",
            "--no-install-recommends",
            "chromium",
        ]))?;
    }
    found().context("no Chromium is installed; install the package chromium")
}

fn drive(chromium: &Path, node: &Path, packages: &Path, model: &Aimock, only: &str) -> anyhow::Result<()> {
    // One with the sample workspace as it is, one that is filled with what is hard to show, one that asks a model.
    let (demo, large) = (Servers::start("views")?, Servers::start("views-large")?);
    let asks = [
        ("PM33_AI_PROVIDERS", "anthropic"),
        ("PM33_AI_ANTHROPIC_URL", model.url.as_str()),
        ("ANTHROPIC_API_KEY", "sk-test"),
    ];
    let written = Servers::start_with("views-written", &asks)?;
    let mut command = Command::new(node);
    command
        .arg(SCRIPT)
        .arg(packages)
        .arg(chromium)
        .args([PICTURES, &demo.url, &large.url, &written.url, only])
        .env("PM33_KEY", &demo.key)
        .env("PM33_WRITTEN_KEY", &written.key)
        .env("PM33_LARGE_KEY", &large.key);
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}{}", String::from_utf8_lossy(&output.stderr));
    if !output.status.success() || !said.trim_end().ends_with("scenes") {
        bail!("the views ended with {}; pictures are in {PICTURES}", output.status);
    }
    Ok(())
}
