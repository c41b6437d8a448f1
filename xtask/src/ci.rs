//! Everything that must pass before a change lands, cheap things first.

use crate::{codegen, deny, fuzz, grade, shell, tests, tidy};

/// Seconds that each fuzz target runs.
const FUZZ_SECONDS: u32 = 20;

/// Runs it all.
pub(crate) fn run() -> anyhow::Result<()> {
    shell::run(shell::cargo().args(["fmt", "--all", "--check"]))?;
    tidy::run()?;
    shell::run(shell::cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))?;
    deny::run()?;
    codegen::run(codegen::Mode::Check)?;
    tests::run(tests::Length::Short)?;
    grade::run_where_possible()?;
    fuzz::run(FUZZ_SECONDS, "")?;
    shell::run(
        shell::cargo()
            .args(["doc", "--workspace", "--no-deps", "--locked"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}
