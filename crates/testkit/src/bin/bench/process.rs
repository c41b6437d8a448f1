//! A server under measurement: started on one core, its processor time and memory read from the kernel.

use std::{ffi::OsStr, path::Path, time::Duration};

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// Core of the servers and core of the load.
const SERVER_CORE: &str = "0";
const LOAD_CORE: &str = "1";

/// Whether servers and load have cores of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Pinning {
    /// They have.
    Pinned,
    /// There is one core only, or nobody to pin them.
    NotPossible,
}

/// What it is measured on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Machine {
    /// Cores.
    pub(crate) cores: usize,
    /// How they are used.
    pub(crate) pinning: Pinning,
}

/// Puts this process on the load's core.
pub(crate) fn settle() -> Machine {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let own = std::process::id().to_string();
    let pinned = cores > 1
        && std::process::Command::new("taskset")
            .args(["-c", "-p", LOAD_CORE, &own])
            .output()
            .is_ok_and(|output| output.status.success());
    Machine { cores, pinning: if pinned { Pinning::Pinned } else { Pinning::NotPossible } }
}

/// A server process; ended with the value.
pub(crate) struct Process {
    pub(crate) child: Child,
    /// Where it listens, for a server on HTTP.
    pub(crate) address: String,
}

/// A command on the servers' core.
pub(crate) fn command(program: &Path, pinning: Pinning) -> Command {
    let mut command = match pinning {
        Pinning::Pinned => {
            let mut command = Command::new("taskset");
            command.args(["-c", SERVER_CORE]).arg(program);
            command
        }
        Pinning::NotPossible => Command::new(program),
    };
    command.kill_on_drop(true);
    command
}

impl Process {
    /// Starts a server that prints `listening on URL`, and waits for that line.
    pub(crate) async fn start(
        program: &Path,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
        environment: impl IntoIterator<Item = (&str, &str)>,
        pinning: Pinning,
    ) -> anyhow::Result<Self> {
        let mut child = command(program, pinning)
            .args(arguments)
            .envs(environment)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let mut lines = BufReader::new(child.stdout.take().context("its output")?).lines();
        while let Some(line) = lines.next_line().await? {
            let Some(url) = line.strip_prefix("listening on http://") else { continue };
            let address = url.split('/').next().unwrap_or_default().to_owned();
            return Ok(Self { child, address });
        }
        bail!("{} did not say where it listens", program.display());
    }
}

fn kernel(child: &Child, file: &str) -> anyhow::Result<String> {
    let id = child.id().context("the server has ended")?;
    Ok(std::fs::read_to_string(format!("/proc/{id}/{file}"))?)
}

/// Processor time of a process so far; the kernel counts hundredths of a second.
pub(crate) fn processor_time(child: &Child) -> anyhow::Result<Duration> {
    let text = kernel(child, "stat")?;
    let (_, fields) = text.rsplit_once(')').context("an unknown form of /proc/…/stat")?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = || fields.next().and_then(|field| field.parse::<u64>().ok()).context("no ticks");
    Ok(Duration::from_millis((ticks()? + ticks()?) * 10))
}

/// Waits until a server does nothing any more, so that it takes nothing from whoever is measured next; the processor time
/// that it took for that.
pub(crate) async fn rest(child: &Child) -> anyhow::Result<Duration> {
    const LOOK: Duration = Duration::from_millis(150);
    /// What a server that rests may take: two of the kernel's hundredths.
    const NOTHING: Duration = Duration::from_millis(20);
    /// Looks one after the other that find it at rest: it begins what is left to do a quarter of a second later.
    const ENOUGH: u32 = 4;
    let begun = processor_time(child)?;
    let (mut before, mut quiet) = (begun, 0);
    // A minute at most.
    for _ in 0..400 {
        tokio::time::sleep(LOOK).await;
        let now = processor_time(child)?;
        quiet = if now.saturating_sub(before) < NOTHING { quiet + 1 } else { 0 };
        if quiet == ENOUGH {
            break;
        }
        before = now;
    }
    Ok(before.saturating_sub(begun))
}

/// Memory of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// Resident KiB in all.
    pub(crate) resident: u64,
    /// Resident KiB that are not a file's.
    pub(crate) own: u64,
}

/// Memory of a process now.
pub(crate) fn memory(child: &Child) -> anyhow::Result<Memory> {
    let text = kernel(child, "status")?;
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).context("no memory field")?;
        line.split_whitespace().next().and_then(|word| word.parse().ok()).context("no number")
    };
    Ok(Memory { resident: field("VmRSS:")?, own: field("RssAnon:")? })
}
