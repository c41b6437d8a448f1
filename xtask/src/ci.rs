//! Everything that must pass before a change lands, cheap things first.

use crate::{codegen, deny, grade, shell, tests, tidy};

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
    shell::run(
        shell::cargo()
            .args(["doc", "--workspace", "--no-deps", "--locked"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}
