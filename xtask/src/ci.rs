//! Everything that must pass before a change lands, cheap things first.

use crate::{
    codegen, deny, fuzz, grade,
    shell::{self, timed},
    tests, tidy,
};

/// Seconds that each fuzz target runs.
const FUZZ_SECONDS: u32 = 20;

/// Runs it all.
pub(crate) fn run() -> anyhow::Result<()> {
    timed("format", || shell::run(shell::cargo().args(["fmt", "--all", "--check"])))?;
    timed("tidy", tidy::run)?;
    timed("clippy", || {
        let mut clippy = shell::cargo();
        clippy.args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]);
        shell::run(&mut clippy)
    })?;
    timed("deny", deny::run)?;
    timed("generated files", || codegen::run(codegen::Mode::Check))?;
    timed("tests", || tests::run(tests::Length::Short))?;
    timed("grade", grade::run_where_possible)?;
    timed("fuzz", || fuzz::run(FUZZ_SECONDS, ""))?;
    timed("docs", || {
        let mut docs = shell::cargo();
        docs.args(["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-D warnings");
        shell::run(&mut docs)
    })
}
