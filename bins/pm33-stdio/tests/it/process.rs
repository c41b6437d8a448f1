//! The binary with its three streams, and the least client that can talk to it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread::JoinHandle,
    time::Duration,
};

use serde_json::{Value, json};

/// Longest wait for something that must happen; only a failing test waits for it.
const SOON: Duration = Duration::from_secs(30);

/// A running process; ended with the value.
pub(crate) struct Process {
    child: Option<Child>,
    pid: u32,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    log: Option<JoinHandle<String>>,
    seen: Vec<String>,
    next: u64,
}

/// What a process leaves behind.
pub(crate) struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// Every line of its output.
    pub lines: Vec<String>,
    /// All that it logged.
    pub log: String,
}

impl Process {
    /// Starts it on a data folder.
    pub(crate) fn start(folder: &Path, flags: &[&str]) -> Self {
        Self::start_with(folder, flags, "warn")
    }

    /// Starts it with a log filter.
    pub(crate) fn start_with(folder: &Path, flags: &[&str], filter: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_pm33-stdio"))
            .arg("--data-dir")
            .arg(folder)
            .args(flags)
            .env_remove("ANTHROPIC_API_KEY")
            .env_remove("OPENAI_API_KEY")
            .env("PM33_TELEMETRY_LOG_FILTER", filter)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let input = child.stdin.take();
        let output = child.stdout.take().expect("its output");
        let mut error = child.stderr.take().expect("its log");
        let (to_us, lines) = channel();
        std::thread::spawn(move || {
            BufReader::new(output).lines().map_while(Result::ok).try_for_each(|line| to_us.send(line))
        });
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            let _ = error.read_to_string(&mut text);
            text
        });
        Self { pid: child.id(), child: Some(child), input, lines, log: Some(log), seen: Vec::new(), next: 1 }
    }

    /// The process's id.
    pub(crate) fn id(&self) -> u32 {
        self.pid
    }

    /// Writes a line.
    pub(crate) fn write(&mut self, line: &str) {
        let input = self.input.as_mut().expect("open input");
        writeln!(input, "{line}").expect("it reads");
    }

    /// The next line of output.
    pub(crate) fn read(&mut self) -> Value {
        let line = self.lines.recv_timeout(SOON).expect("a line in time");
        self.seen.push(line.clone());
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// Sends a modern request; its id.
    pub(crate) fn send(&mut self, method: &str, mut params: Value) -> u64 {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let id = self.next;
        self.next += 1;
        self.write(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string());
        id
    }

    /// Sends a modern request; its answer.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params);
        loop {
            let message = self.read();
            if message["id"] == id {
                return message;
            }
        }
    }

    /// Calls a tool; its result.
    pub(crate) fn tool(&mut self, name: &str, arguments: &Value) -> Value {
        self.ask("tools/call", json!({ "name": name, "arguments": arguments }))["result"].clone()
    }

    /// Sends a signal, its input left open.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.pid.to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Closes its input.
    pub(crate) fn close(&mut self) {
        self.input = None;
    }

    /// Waits for its end, which must come by itself.
    pub(crate) fn ended(mut self) -> Ended {
        let mut child = self.child.take().expect("it runs");
        let (to_us, done) = channel();
        std::thread::spawn(move || to_us.send(child.wait()));
        let status = match done.recv_timeout(SOON) {
            Ok(status) => status.expect("a status"),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                self.signal("KILL");
                panic!("it did not end")
            }
        };
        let log = self.log.take().and_then(|log| log.join().ok()).unwrap_or_default();
        let mut lines = std::mem::take(&mut self.seen);
        lines.extend(self.lines.iter());
        Ended { status, lines, log }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
