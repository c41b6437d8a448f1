//! A served deployment, and HTTP/1.1 by hand: what goes over the socket is what the test says.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::home::Home;

/// Longest wait for something that must happen; only a failing test waits for it.
const SOON: Duration = Duration::from_secs(30);

/// A running server; ended with the value.
pub(crate) struct Served {
    process: Child,
    pub(crate) address: String,
    /// From the process's begin to its first line: it is ready.
    pub(crate) started_in: Duration,
}

/// An HTTP answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: String,
    pub(crate) body: String,
}

impl Answer {
    /// A header field's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.headers.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All header fields, in their order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.lines().filter_map(|line| line.split_once(": "))
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl Served {
    /// Starts the binary over a deployment; the environment goes over the deployment's.
    pub(crate) fn start(home: &Home, environment: &[(&str, &str)]) -> Self {
        let begun = Instant::now();
        let log = std::fs::File::options().create(true).append(true).open(home.file("log")).expect("a log");
        let mut process = Command::new(env!("CARGO_BIN_EXE_pm33-server"))
            .args(["--listen", "127.0.0.1:0", "--data-dir"])
            .arg(home.data())
            .env("PM33_LIMITS_CALLS_PER_MINUTE_KEY", "1000000")
            .env("PM33_LIMITS_CALLS_PER_MINUTE_TENANT", "1000000")
            .env("PM33_LIMITS_AI_CALLS_PER_MINUTE_KEY", "100000")
            .env("PM33_LIMITS_AI_CALLS_PER_MINUTE_TENANT", "100000")
            .env("PM33_TELEMETRY_LOG_FILTER", "warn")
            .envs(home.environment.iter().map(|(name, value)| (name, value)))
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let mut lines =
            BufReader::new(process.stdout.take().expect("its output")).lines().map_while(Result::ok);
        let url = lines.find_map(|line| {
            line.strip_prefix("listening on ")?.split_once("://").map(|(_, place)| place.to_owned())
        });
        let started_in = begun.elapsed();
        let Some(url) = url else {
            panic!("not started: {}", std::fs::read_to_string(home.file("log")).unwrap_or_default())
        };
        let address = url.split('/').next().unwrap_or_default().to_owned();
        Self { process, address, started_in }
    }

    /// Kills the process, as a crash would; it is still to be waited for.
    pub(crate) fn kill(&self) {
        self.signal("-KILL");
    }

    /// The process's id.
    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    /// Asks the process to end, as a service manager does.
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.process.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()));
    }

    /// Waits for the process's end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().expect("its state") {
                return status;
            }
            assert!(begun.elapsed() < SOON, "the server does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// A connection.
    pub(crate) fn connect(&self) -> Option<TcpStream> {
        let socket = TcpStream::connect(&self.address).ok()?;
        socket.set_read_timeout(Some(SOON)).expect("a time limit");
        socket.set_nodelay(true).expect("no delay");
        Some(socket)
    }

    /// Sends bytes on a connection of their own; the one answer.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Answer {
        let mut socket = self.connect().expect("a connection");
        // A server that refuses early may close before everything is sent.
        let _ = socket.write_all(bytes);
        read_answer(&mut BufReader::new(socket)).expect("an answer")
    }

    /// Calls a tool on a connection; `None` when it broke. A fresh process proves each key once, slowly; on a busy machine
    /// it sends callers away meanwhile, before it reads their message, and they come again.
    #[expect(clippy::unused_self, reason = "borrowed, so that the server lives as long as the call")]
    pub(crate) fn tool(
        &self,
        socket: &mut TcpStream,
        key: &str,
        name: &str,
        arguments: &Value,
    ) -> Option<Answer> {
        const TRIES: usize = 30;
        let params = json!({ "name": name, "arguments": arguments });
        let request = post(&[], key, "tools/call", name, params);
        let mut answer = None;
        for _ in 0..TRIES {
            socket.write_all(request.as_bytes()).ok()?;
            let read = read_answer(&mut BufReader::new(&mut *socket))?;
            let at_the_door = read.status == 503 && read.json().get("id").is_none();
            answer = Some(read);
            if !at_the_door {
                break;
            }
        }
        answer
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A good message of the newest revision.
pub(crate) fn message(method: &str, mut params: Value) -> String {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
}

/// A good request, but for the changed header fields; an empty value leaves one out.
pub(crate) fn post(changes: &[(&str, &str)], key: &str, method: &str, name: &str, params: Value) -> String {
    post_body(changes, key, method, name, &message(method, params))
}

/// As [`post`], with a body of any kind.
pub(crate) fn post_body(changes: &[(&str, &str)], key: &str, method: &str, name: &str, body: &str) -> String {
    let (bearer, length) = (format!("Bearer {key}"), body.len().to_string());
    let good = [
        ("host", "localhost"),
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("accept", "application/json, text/event-stream"),
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", method),
        ("mcp-name", name),
        ("content-length", &length),
    ];
    let mut text = "POST /mcp HTTP/1.1\r\n".to_owned();
    let kept = good.iter().filter(|(field, _)| changes.iter().all(|(changed, _)| changed != field));
    for (field, value) in kept.chain(changes).filter(|(_, value)| !value.is_empty()) {
        text = format!("{text}{field}: {value}\r\n");
    }
    text + "\r\n" + body
}

/// Reads one answer with a `Content-Length`, or without a body; `None` when the connection broke.
pub(crate) fn read_answer(from: &mut impl BufRead) -> Option<Answer> {
    let mut headers = String::new();
    while !headers.ends_with("\r\n\r\n") {
        if from.read_line(&mut headers).ok()? == 0 {
            return None;
        }
    }
    let status = headers.split(' ').nth(1)?.parse().ok()?;
    let mut answer = Answer { status, headers, body: String::new() };
    let length = answer.header("content-length").map_or(Some(0), |text| text.parse().ok())?;
    let mut body = vec![0; length];
    from.read_exact(&mut body).ok()?;
    answer.body = String::from_utf8(body).ok()?;
    Some(answer)
}
