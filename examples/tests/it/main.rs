//! Each example is started, called and stopped.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

/// A running example; ended with the value.
struct Running {
    child: Child,
    address: String,
    key: String,
    _folder: tempfile::TempDir,
}

impl Running {
    fn start(program: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = Command::new(program)
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let (mut address, mut key) = (None, None);
        for line in output.lines().map_while(Result::ok) {
            if let Some(url) = line.strip_prefix("listening on http://") {
                address = url.split('/').next().map(str::to_owned);
            }
            key = line.strip_prefix("key: ").map(str::to_owned).or(key);
            if address.is_some() && key.is_some() {
                break;
            }
        }
        let (Some(address), Some(key)) = (address, key) else { panic!("{program} did not start") };
        Self { child, address, key, _folder: folder }
    }

    fn exchange(&self, head: &str, body: &str) -> (u16, String) {
        let mut socket = TcpStream::connect(&self.address).expect("a connection");
        let head = format!("{head}Host: {}\r\nContent-Length: {}\r\n", self.address, body.len());
        socket.write_all(format!("{head}Connection: close\r\n\r\n{body}").as_bytes()).expect("sent");
        let mut text = String::new();
        socket.read_to_string(&mut text).expect("an answer");
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{text}"));
        (head.split(' ').nth(1).expect("a status").parse().expect("a number"), body.to_owned())
    }

    fn call(&self, key: &str, method: &str, name: &str, mut params: Value) -> (u16, Value) {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nAccept: application/json\r\n\
             MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {method}\r\nMcp-Name: {name}\r\n"
        );
        let (status, body) = self.exchange(&head, &body);
        (status, serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}")))
    }

    fn tool(&self, name: &str, arguments: &Value) -> Value {
        let (status, answer) =
            self.call(&self.key, "tools/call", name, json!({ "name": name, "arguments": arguments }));
        assert_eq!(status, 200, "{answer}");
        let result = answer["result"].clone();
        assert_ne!(result["isError"], true, "{result}");
        result["structuredContent"].clone()
    }

    /// Stops it by ending its input; it must end well.
    fn stop(mut self) {
        self.child.stdin = None;
        assert!(self.child.wait().expect("it ended").success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The endpoint answers a tool, refuses strangers and other sites, and leaves the service's own pages alone.
fn is_embedded(program: &str) {
    let running = Running::start(program);
    let page = running.tool("pm33_query_backlog", &json!({ "limit": 3 }));
    assert_eq!(page["items"].as_array().map(Vec::len), Some(3), "{page}");
    assert_eq!(running.call("pm33_live_nothing", "tools/list", "", json!({})).0, 401);
    let (status, own) = running.exchange("GET / HTTP/1.1\r\n", "");
    assert_eq!((status, own.contains("the service's own page")), (200, true), "{own}");
    let foreign = format!(
        "POST /mcp HTTP/1.1\r\nAuthorization: Bearer {}\r\nOrigin: https://evil.example\r\n\
         Content-Type: application/json\r\nAccept: application/json\r\n",
        running.key
    );
    assert_eq!(running.exchange(&foreign, "{}").0, 403);
    running.stop();
}

#[test]
fn the_server_inside_a_hyper_service() {
    is_embedded(env!("CARGO_BIN_EXE_hyper_service"));
}

#[test]
fn the_server_inside_an_axum_service() {
    is_embedded(env!("CARGO_BIN_EXE_axum_service"));
}

#[test]
fn a_tool_of_ones_own_stands_beside_the_products() {
    let running = Running::start(env!("CARGO_BIN_EXE_own_tool"));
    let (_, listed) = running.call(&running.key, "tools/list", "", json!({}));
    let names: Vec<_> =
        listed["result"]["tools"].as_array().expect("tools").iter().map(|tool| &tool["name"]).collect();
    assert!(names.contains(&&json!("acme_count_open")) && names.contains(&&json!("pm33_query_backlog")));
    let counted = running.tool("acme_count_open", &json!({}));
    let open: u64 = counted["open"].as_object().expect("types").values().filter_map(Value::as_u64).sum();
    let all =
        running.tool("pm33_query_backlog", &json!({ "mode": "full", "columns": "identity", "limit": 1 }));
    assert!(open > 10 && open < all["total"].as_u64().expect("a total"), "{counted} of {}", all["total"]);
    let refused = json!({ "name": "acme_count_open", "arguments": { "workspace": "elsewhere" } });
    let (_, answer) = running.call(&running.key, "tools/call", "acme_count_open", refused);
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    running.stop();
}

#[test]
fn a_verifier_of_ones_own_decides_who_calls_and_what_they_may() {
    let running = Running::start(env!("CARGO_BIN_EXE_own_verifier"));
    let page = running.tool("pm33_query_backlog", &json!({ "limit": 3 }));
    assert_eq!(page["items"].as_array().map(Vec::len), Some(3), "{page}");
    let almost = running.key.replace("nobody", "nobodY");
    assert_eq!(running.call(&almost, "tools/list", "", json!({})).0, 401);
    let (_, listed) = running.call(&running.key, "tools/list", "", json!({}));
    let tools = listed["result"]["tools"].as_array().expect("tools");
    assert!(
        tools.len() > 1 && tools.iter().all(|tool| tool["annotations"]["readOnlyHint"] == true),
        "{listed}"
    );
    running.stop();
}
