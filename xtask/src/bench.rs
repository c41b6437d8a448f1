//! The benchmark: builds the servers and the bench program as they are released, and starts it.

use std::path::{Path, PathBuf};

use crate::shell;

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Length {
    /// What is reported.
    Full,
    /// A look: one short round, and few sessions.
    Quick,
}

/// Runs the benchmark; `words` go on to its program.
pub(crate) fn run(length: Length, words: &[String]) -> anyhow::Result<()> {
    let (binaries, folder) = programs()?;
    let mut command = std::process::Command::new(binaries.join("bench"));
    command.arg("run").arg("--binaries").arg(&binaries).arg("--out").arg(folder.join("report.json"));
    command.arg("--build").arg(build());
    if let Length::Quick = length {
        command.args(["--rounds", "1", "--millis", "500", "--sessions", "4000"]);
    }
    shell::run(command.args(words))
}

/// Measures workspaces of growing size; `words` go on to its program.
pub(crate) fn scale(words: &[String]) -> anyhow::Result<()> {
    let (binaries, folder) = programs()?;
    let mut command = std::process::Command::new(binaries.join("bench"));
    command.arg("scale").arg("--binaries").arg(&binaries).arg("--out").arg(folder.join("scale.json"));
    shell::run(command.args(words))
}

/// Keeps a server under load for so many seconds.
pub(crate) fn soak(seconds: u32) -> anyhow::Result<()> {
    let (binaries, folder) = programs()?;
    let mut command = std::process::Command::new(binaries.join("bench"));
    command.arg("soak").arg("--binaries").arg(&binaries).arg("--out").arg(folder.join("soak.json"));
    shell::run(command.args(["--seconds", &seconds.to_string()]))
}

/// Measures the ledger beside the engine alone.
pub(crate) fn ledger() -> anyhow::Result<()> {
    let target = shell::variable("CARGO_TARGET_DIR").unwrap_or_else(|| "target".to_owned());
    let folder = Path::new(&target).join("bench");
    std::fs::create_dir_all(&folder)?;
    println!("build: {}", build());
    let program =
        ["run", "--release", "--locked", "--package", "pm33-store", "--example", "ledger_rate", "--"];
    shell::run(shell::cargo().args(program).arg(folder))
}

/// Builds the programs; their folder, and the folder of reports.
fn programs() -> anyhow::Result<(PathBuf, PathBuf)> {
    let packages = ["--package", "pm33-server", "--package", "pm33-stdio", "--package", "pm33-testkit"];
    let programs = ["--bin", "pm33-server", "--bin", "pm33-stdio", "--bin", "bench"];
    shell::run(shell::cargo().args(["build", "--release", "--locked"]).args(packages).args(programs))?;
    let target = shell::variable("CARGO_TARGET_DIR").unwrap_or_else(|| "target".to_owned());
    let binaries = Path::new(&target).join("release");
    let folder = Path::new(&target).join("bench");
    std::fs::create_dir_all(&folder)?;
    Ok((binaries, folder))
}

/// What the release profile was changed by.
fn build() -> String {
    let changes = ["CARGO_PROFILE_RELEASE_LTO", "CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "RUSTFLAGS"];
    let changed = changes.iter().filter_map(|name| Some(format!(" {name}={}", shell::variable(name)?)));
    "release".to_owned() + &changed.collect::<String>()
}
