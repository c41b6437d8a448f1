//! Lints what deploys the server, which no machine of the tests runs: the image's recipe, the systemd unit, the compose
//! file.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};

use crate::{shell, tools};

const COMPOSE: &str = "deploy/compose.yaml";
const DOCKERFILE: &str = "deploy/Dockerfile";
const UNIT: &str = "deploy/pm33-server.service";
/// Highest exposure of the unit that systemd may find, in tenths of its scale of ten.
const EXPOSURE: &str = "20";
/// Tells every complaint about a Dockerfile on a line of its own.
const READ_DOCKERFILE: &str = "const { validate } = require('dockerfile-utils'); \
     const text = require('fs').readFileSync(process.argv[1], 'utf8'); \
     for (const found of validate(text)) console.log(`line ${found.range.start.line + 1}: ${found.message}`);";

/// A linter that is not there, or what it found.
enum Verdict {
    Missing(anyhow::Error),
    Judged(anyhow::Result<()>),
}

/// Runs the linters; what could not be run, and what they found.
pub(crate) fn run() -> (Vec<String>, Vec<String>) {
    let (mut missing, mut failed) = (Vec::new(), Vec::new());
    for (what, verdict) in [(COMPOSE, compose()), (DOCKERFILE, dockerfile()), (UNIT, unit())] {
        match verdict {
            Verdict::Missing(error) => missing.push(format!("{what}: {error:#}")),
            Verdict::Judged(Err(error)) => failed.push(format!("{what}: {error:#}")),
            Verdict::Judged(Ok(())) => println!("{what} is in order"),
        }
    }
    (missing, failed)
}

/// Runs them by themselves.
pub(crate) fn alone() -> anyhow::Result<()> {
    let (missing, failed) = run();
    for words in &missing {
        println!("COULD NOT RUN  {words}");
    }
    if failed.is_empty() { Ok(()) } else { bail!("{}", failed.join("\n")) }
}

/// Against the schema of compose files, which comes with the linter.
fn compose() -> Verdict {
    let program = || -> anyhow::Result<PathBuf> {
        let folder = shell::cache("check-jsonschema-0.39.0")?;
        let program = folder.join("bin/check-jsonschema");
        if !program.is_file() {
            shell::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
            let pip = folder.join("bin/pip");
            shell::run(Command::new(pip).args(["install", "--quiet", "check-jsonschema==0.39.0"]))?;
        }
        Ok(program)
    };
    match program() {
        Err(error) => Verdict::Missing(error),
        Ok(program) => Verdict::Judged(
            shell::read(Command::new(program).args(["--builtin-schema", "vendor.compose-spec", COMPOSE]))
                .map(drop),
        ),
    }
}

fn dockerfile() -> Verdict {
    let node = tools::node().and_then(|node| {
        Ok((node, tools::packages("dockerfile-utils-0.16.3", &["dockerfile-utils@0.16.3"])?))
    });
    let (node, folder) = match node {
        Ok(found) => found,
        Err(error) => return Verdict::Missing(error),
    };
    let judged = shell::read(
        Command::new(node)
            .args(["-e", READ_DOCKERFILE, DOCKERFILE])
            .env("NODE_PATH", folder.join("node_modules")),
    );
    Verdict::Judged(judged.and_then(|told| if told.is_empty() { Ok(()) } else { bail!("{}", told.trim()) }))
}

/// systemd's own checks: that it understands every line, and how much of the machine the unit lays open. The program
/// itself is not installed here, so another stands in for it.
fn unit() -> Verdict {
    if shell::read(Command::new("systemd-analyze").arg("--version")).is_err() {
        return Verdict::Missing(anyhow::anyhow!("systemd-analyze is not installed"));
    }
    Verdict::Judged(check_unit())
}

fn check_unit() -> anyhow::Result<()> {
    let text = std::fs::read_to_string(UNIT)?;
    let folder = shell::cache("unit")?;
    let copy = folder.join(Path::new(UNIT).file_name().context("a file")?);
    std::fs::write(&copy, text.replace("/usr/local/bin/pm33-server", "/bin/true"))?;
    // It tells of what it does not know on stderr and still succeeds.
    let verified = Command::new("systemd-analyze").arg("verify").arg(&copy).output()?;
    let told = String::from_utf8_lossy(&verified.stderr);
    if !verified.status.success() || !told.trim().is_empty() {
        bail!("{}", told.trim());
    }
    let threshold = format!("--threshold={EXPOSURE}");
    shell::read(Command::new("systemd-analyze").args(["security", "--offline=true", &threshold]).arg(&copy))?;
    Ok(())
}
