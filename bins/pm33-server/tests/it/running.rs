//! A running server and the least client that can talk to it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

/// A running server; ended with the value.
pub(crate) struct Running {
    process: Child,
    address: String,
    /// The key that `--demo` minted.
    pub key: String,
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Status.
    pub status: u16,
    /// Header lines, as they came.
    pub head: String,
    /// Body.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl Running {
    /// Starts the binary on a data folder.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[("PM33_TELEMETRY_LOG_FILTER", "error")], Stdio::inherit())
    }

    /// Starts the binary with settings from the environment, its log going where the caller says.
    pub(crate) fn start_with(folder: &Path, environment: &[(&str, &str)], log: Stdio) -> Self {
        Self::start_under(&[], folder, environment, log)
    }

    /// Starts the binary under another command, which becomes it.
    pub(crate) fn start_under(
        command: &[&str],
        folder: &Path,
        environment: &[(&str, &str)],
        log: Stdio,
    ) -> Self {
        std::fs::create_dir_all(folder).expect("a folder");
        let words: Vec<&str> = command.iter().copied().chain([env!("CARGO_BIN_EXE_pm33-server")]).collect();
        let mut process = Command::new(words[0])
            .args(&words[1..])
            // A key of whoever runs the tests is not theirs to use.
            .env_remove("ANTHROPIC_API_KEY")
            .env_remove("OPENAI_API_KEY")
            .args(["--demo", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder)
            .env("PM33_LIMITS_CALLS_PER_MINUTE_KEY", "100000")
            .env("PM33_LIMITS_CALLS_PER_MINUTE_TENANT", "100000")
            .env("PM33_LIMITS_AI_CALLS_PER_MINUTE_KEY", "100000")
            .env("PM33_LIMITS_AI_CALLS_PER_MINUTE_TENANT", "100000")
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let mut lines =
            BufReader::new(process.stdout.take().expect("its output")).lines().map_while(Result::ok);
        let mut next = |prefix: &str| {
            let line = lines.by_ref().find(|line| line.starts_with(prefix)).expect(prefix);
            line[prefix.len()..].to_owned()
        };
        let url = next("listening on http://");
        let key = next("key: ");
        let address = url.split('/').next().unwrap_or_default().to_owned();
        // What it prints later must not block it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, address, key }
    }

    /// The endpoint.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    /// Ends the process as a crash would.
    pub(crate) fn crash(mut self) {
        self.process.kill().expect("it can be killed");
        self.process.wait().expect("it ended");
    }

    /// Ends the process as an operator would, and waits for it.
    pub(crate) fn stop(mut self) {
        let id = self.process.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().expect("a signal");
        assert!(self.process.wait().expect("it ended").success());
    }

    /// Calls a method; `None` when the connection broke.
    pub(crate) fn try_call(&self, key: &str, method: &str, params: Value) -> Option<Answer> {
        self.try_call_with(key, method, params, "")
    }

    /// Calls a method with further header lines, each with its line's end. Metadata in `params` stays.
    pub(crate) fn try_call_with(
        &self,
        key: &str,
        method: &str,
        mut params: Value,
        lines: &str,
    ) -> Option<Answer> {
        params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2026-07-28");
        let capabilities = &mut params["_meta"]["io.modelcontextprotocol/clientCapabilities"];
        if capabilities.is_null() {
            *capabilities = json!({});
        }
        let name = params
            .get("name")
            .or_else(|| params.get("uri"))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {method}\r\n\
             {lines}Mcp-Name: {name}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.address,
            body.len()
        );
        let mut socket = TcpStream::connect(&self.address).ok()?;
        socket.write_all(head.as_bytes()).ok()?;
        socket.write_all(body.as_bytes()).ok()?;
        let mut text = String::new();
        socket.read_to_string(&mut text).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Answer { status, head: head.to_owned(), body: body.to_owned() })
    }

    /// Calls a method with the demo's key.
    pub(crate) fn call(&self, method: &str, params: Value) -> Answer {
        self.try_call(&self.key, method, params).expect("an answer")
    }

    /// Calls a tool with the demo's key; its result.
    pub(crate) fn tool(&self, name: &str, arguments: Value) -> Value {
        let mut params = json!({ "name": name });
        params["arguments"] = arguments;
        self.call("tools/call", params).json()["result"].clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a tool answers.
pub(crate) fn answer(server: &Running, tool: &str, arguments: &Value) -> Value {
    let result = server.tool(tool, arguments.clone());
    assert_ne!(result["isError"], true, "{tool}: {result}");
    result["structuredContent"].clone()
}

/// The words with which a tool refuses.
pub(crate) fn refusal(server: &Running, tool: &str, arguments: &Value) -> String {
    let result = server.tool(tool, arguments.clone());
    assert_eq!(result["isError"], true, "{tool}: {result}");
    result["content"][0]["text"].as_str().expect("words").to_owned()
}
