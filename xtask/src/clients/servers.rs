//! The real server and the real stdio program over the sample workspace, for clients to talk to.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::Context;

use crate::shell;

/// A running server and a folder for the stdio program; both end with the value.
pub(crate) struct Servers {
    process: Child,
    folder: PathBuf,
    /// Where the server listens.
    pub url: String,
    /// A key that it minted.
    pub key: String,
    /// The stdio program with its arguments.
    pub stdio: Vec<String>,
}

/// The value behind a prefix, in the next line that has it.
fn next(lines: &mut impl Iterator<Item = std::io::Result<String>>, prefix: &str) -> anyhow::Result<String> {
    for line in lines {
        if let Some(rest) = line?.strip_prefix(prefix) {
            return Ok(rest.to_owned());
        }
    }
    anyhow::bail!("the server did not print {prefix:?}")
}

impl Servers {
    /// Builds the programs, seeds a folder for each, and starts the server. The name keeps the folders of two apart.
    pub(crate) fn start(name: &str) -> anyhow::Result<Self> {
        Self::start_with(name, &[])
    }

    /// As [`Servers::start`], the server with further variables.
    pub(crate) fn start_with(name: &str, variables: &[(&str, &str)]) -> anyhow::Result<Self> {
        let server = shell::build("pm33-server")?;
        let stdio_program = std::path::absolute(shell::build("pm33-stdio")?)?;
        let folder = std::env::temp_dir().join(format!("pm33-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let stdio_folder = folder.join("stdio");
        // Its input is closed at once: it seeds the folder and ends.
        let seeded = Command::new(&stdio_program)
            .args(["--demo", "--data-dir"])
            .arg(&stdio_folder)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .context("seeding the stdio program's folder")?;
        anyhow::ensure!(seeded.success(), "pm33-stdio --demo ended with {seeded}");
        // Clients come faster than people: the limits have their own tests.
        let mut process = Command::new(server)
            .args(["--demo", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder.join("server"))
            .env("PM33_LIMITS_CALLS_PER_MINUTE_KEY", "100000")
            .env("PM33_LIMITS_CALLS_PER_MINUTE_TENANT", "100000")
            .env("PM33_TELEMETRY_LOG_FILTER", "error")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting pm33-server")?;
        let output = process.stdout.take().context("the server's output")?;
        let mut servers = Self {
            process,
            folder,
            url: String::new(),
            key: String::new(),
            stdio: vec![
                stdio_program.display().to_string(),
                "--data-dir".to_owned(),
                stdio_folder.display().to_string(),
            ],
        };
        let mut lines = BufReader::new(output).lines();
        servers.url = next(&mut lines, "listening on ")?;
        servers.key = next(&mut lines, "key: ")?;
        // What it prints later must not block it.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(servers)
    }
}

impl Servers {
    /// A folder that a client may take for its home.
    pub(super) fn home(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
