//! A running stdio server and its pipes.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};

/// A running server; ended with the value.
pub(crate) struct Piped {
    process: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Piped {
    /// Starts the binary on a data folder; its log goes to `log` beside the data.
    pub(crate) fn start(folder: &Path, environment: &[(&str, &str)]) -> Self {
        let log = std::fs::File::create(folder.join("log")).expect("a log");
        let mut process = Command::new(env!("CARGO_BIN_EXE_pm33-stdio"))
            .arg("--data-dir")
            .arg(folder.join("data"))
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let from = BufReader::new(process.stdout.take().expect("its output"));
        Self { to: process.stdin.take(), process, from }
    }

    /// Writes a line.
    pub(crate) fn say(&mut self, line: &str) {
        let to = self.to.as_mut().expect("its input");
        to.write_all(format!("{line}\n").as_bytes()).expect("written");
    }

    /// Reads one message.
    pub(crate) fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.from.read_line(&mut line).expect("a line");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    /// Ends the input; what else is said, and whether the process ends well.
    pub(crate) fn end(mut self) -> (String, bool) {
        self.to = None;
        let mut rest = String::new();
        self.from.read_to_string(&mut rest).expect("the rest");
        (rest, self.process.wait().expect("its end").success())
    }

    /// Asks the process to end as an IDE does, its input still open; whether it ends well.
    pub(crate) fn terminate(mut self) -> bool {
        let sent = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()));
        self.process.wait().expect("its end").success()
    }
}

impl Drop for Piped {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A good message of the newest revision.
pub(crate) fn message(id: &Value, method: &str, mut params: Value) -> String {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()
}
