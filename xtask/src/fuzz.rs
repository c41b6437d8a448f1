//! Fuzzing with the one toolchain: libFuzzer and coverage by LLVM's own pass, which need neither nightly nor
//! cargo-fuzz. Sanitizers do; without `unsafe` there is little for them to find.

use std::{
    fmt::Write,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, bail};

use crate::shell;

/// What is fuzzed: binaries of the package `fuzz`.
const TARGETS: [&str; 19] = [
    "message",
    "key",
    "handle",
    "text",
    "prompt",
    "stream",
    "audit_line",
    "import_github_json",
    "import_jira_csv",
    "import_jira_json",
    "import_linear_csv",
    "import_azure_devops_csv",
    "import_shortcut_csv",
    "import_asana_csv",
    "import_lighthouse_csv",
    "import_found_csv",
    "import_mapped_csv",
    "import_mapping",
    "import_archive",
];

/// What makes LLVM count which code an input reaches.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// Builds the targets and runs each whose name holds `only` for so many seconds, from seeds and from what earlier runs
/// found.
pub(crate) fn run(seconds: u32, only: &str) -> anyhow::Result<()> {
    let targets: Vec<_> = TARGETS.into_iter().filter(|target| target.contains(only)).collect();
    if targets.is_empty() {
        bail!("no target {only:?}; there are: {}", TARGETS.join(", "));
    }
    let version = shell::read(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc tells no host")?;
    let place = shell::root()?.join("target/fuzz");
    // With a target of its own, programs that run while building are not measured.
    let mut build = shell::cargo();
    build
        .args(["build", "--release", "--locked", "--manifest-path", "fuzz/Cargo.toml", "--target", host])
        .arg("--target-dir")
        .arg(&place)
        .env("RUSTFLAGS", COVERAGE);
    if shell::is_ci() {
        // Twenty seconds of fuzzing do not pay for minutes of optimising.
        build.envs([("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"), ("CARGO_PROFILE_RELEASE_DEBUG", "0")]);
    }
    shell::run(&mut build)?;
    let mut summary = String::new();
    // One on each core: libFuzzer has one thread.
    for beside in targets.chunks(shell::cores()) {
        let ran: Vec<_> = std::thread::scope(|scope| {
            let run = |target: &'static str| {
                let program = place.join(host).join("release").join(target);
                let place = &place;
                scope.spawn(move || one(&program, target, place, seconds))
            };
            let running: Vec<_> = beside.iter().map(|target| run(target)).collect();
            running.into_iter().map(|run| run.join().unwrap_or_else(|_| bail!("its thread ended"))).collect()
        });
        for (target, ran) in beside.iter().zip(ran) {
            writeln!(summary, "{target:>24}  {} inputs in {seconds} s, nothing found", ran?)?;
        }
    }
    print!("\n{summary}");
    Ok(())
}

/// Runs a target; how many inputs it was given.
fn one(program: &Path, target: &str, place: &Path, seconds: u32) -> anyhow::Result<u64> {
    let corpus = place.join("corpus").join(target);
    let found = place.join("found");
    std::fs::create_dir_all(&corpus)?;
    std::fs::create_dir_all(&found)?;
    let mut child = Command::new(program)
        .arg(&corpus)
        .args(["-max_len=4096", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"])
        .arg(format!("-max_total_time={seconds}"))
        // 0 is a new one each time; a change is judged by the same.
        .arg(format!("-seed={}", if shell::is_ci() { 33 } else { 0 }))
        .arg(format!("-artifact_prefix={}/{target}-", found.display()))
        .env("PM33_FUZZ_SEEDS", &corpus)
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {}", program.display()))?;
    let lines = BufReader::new(child.stderr.take().context("its output")?).lines().map_while(Result::ok);
    let (mut ran, mut tail) = (None, Vec::new());
    for line in lines {
        if let Some(count) = line.strip_prefix("stat::number_of_executed_units:") {
            ran = count.trim().parse().ok();
        }
        if !line.starts_with('#') {
            tail.push(line);
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("{target}: {status}; the input is in {}\n{}", found.display(), tail.join("\n"));
    }
    ran.with_context(|| format!("{target} told no count"))
}
