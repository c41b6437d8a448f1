//! aimock, a foreign peer that speaks the wires of Anthropic and OpenAI, with a journal of what it was asked. Each value is a
//! process of its own on a free port of loopback. `cargo xtask test` brings it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use anyhow::Context;
use serde_json::Value;

/// A running peer; it ends with the value.
pub struct Aimock {
    /// Where it listens, without a path.
    pub url: String,
    process: Child,
    _folder: tempfile::TempDir,
}

/// Where a variable of the test run says that something is; without it, tests that need it are left out, loudly, and fail
/// where nobody watches.
///
/// # Panics
/// Where `CI=true`.
#[expect(clippy::print_stderr, clippy::disallowed_methods, reason = "a skipped test is to be seen")]
pub fn brought(variable: &str) -> Option<String> {
    let found = std::env::var(variable).ok().filter(|text| !text.is_empty());
    if found.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{variable} must be set where CI=true");
        eprintln!("SKIPPED: {variable} is not set; cargo xtask test sets it");
    }
    found
}

impl Aimock {
    /// Starts one that answers by fixtures of its own form; `None` where this machine has none.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(fixtures: &[Value]) -> anyhow::Result<Option<Self>> {
        let (Some(node), Some(program)) = (brought("PM33_TEST_NODE"), brought("PM33_TEST_AIMOCK")) else {
            return Ok(None);
        };
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("fixtures.json");
        std::fs::write(&file, serde_json::json!({ "fixtures": fixtures }).to_string())?;
        let mut process = Command::new(node)
            .arg(program)
            .args(["--port", "0", "--host", "127.0.0.1", "--strict", "--validate-on-load"])
            .args(["--journal-max", "0", "--fixtures"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("starting aimock")?;
        let (output, errors) = (process.stdout.take().context("output")?, process.stderr.take());
        let mut peer = Self { url: String::new(), process, _folder: folder };
        let mut said = String::new();
        let mut lines = BufReader::new(output).lines();
        for line in &mut lines {
            let line = line?;
            if let Some((_, url)) = line.split_once("listening on ") {
                url.trim().clone_into(&mut peer.url);
                break;
            }
            said.push_str(&line);
        }
        if peer.url.is_empty() {
            errors.context("errors")?.read_to_string(&mut said)?;
            anyhow::bail!("aimock did not start: {said}");
        }
        // What it says later must not block it.
        std::thread::spawn(move || lines.for_each(drop));
        std::thread::spawn(move || errors.map(|mut errors| std::io::copy(&mut errors, &mut std::io::sink())));
        Ok(Some(peer))
    }

    /// What it was asked, in order: `path`, `body` (in one shape for all surfaces) and `response`.
    ///
    /// # Errors
    /// When it does not tell.
    pub fn journal(&self) -> anyhow::Result<Vec<Value>> {
        let place = self.url.strip_prefix("http://").context("a URL")?;
        let mut socket = TcpStream::connect(place)?;
        // 1.0, so that the body comes without chunks.
        write!(socket, "GET /__aimock/journal HTTP/1.0\r\nhost: {place}\r\n\r\n")?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").context("an answer")?;
        Ok(serde_json::from_str(body)?)
    }
}

impl Drop for Aimock {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
