//! Two clients' processes and this tool on one file at once: no write is lost, nobody is told that the file is busy, and
//! each sees what the others wrote within a second.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::command::{json as admin, rows, run, text};

/// Items that each client writes.
const EACH: usize = 20;
/// Records of the import.
const IMPORTED: usize = 60;
/// A second, and the time that a busy machine takes for the look that sees it.
const SOON: Duration = Duration::from_millis(1_500);

/// The other binary of this build; built where a run of this package alone has not.
fn stdio() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_pm33-admin")).with_file_name("pm33-stdio");
    if !path.exists() {
        let built = Command::new(env!("CARGO")).args(["build", "--locked", "-p", "pm33-stdio"]).status();
        assert!(built.is_ok_and(|status| status.success()));
    }
    path
}

/// A running client's process.
struct Window {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    log: JoinHandle<String>,
    next: u64,
}

impl Window {
    fn open(folder: &Path) -> Self {
        let mut child = Command::new(stdio())
            .arg("--data-dir")
            .arg(folder)
            .env("PM33_TELEMETRY_LOG_FILTER", "warn")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut errors = child.stderr.take().expect("its log");
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).map_or_else(|error| error.to_string(), |_| text)
        });
        let output = BufReader::new(child.stdout.take().expect("its output"));
        Self { input: child.stdin.take(), child, output, log, next: 1 }
    }

    /// Calls a tool; what it answered.
    fn tool(&mut self, name: &str, arguments: &Value) -> Value {
        let id = self.next;
        self.next += 1;
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let params = json!({ "name": name, "arguments": arguments, "_meta": meta });
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params });
        writeln!(self.input.as_mut().expect("open"), "{message}").expect("it reads");
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.output.read_line(&mut line).expect("a line") > 0, "it ended");
            let answer: Value = serde_json::from_str(&line).expect("JSON");
            if answer["id"] == id {
                let result = &answer["result"];
                assert!(result.is_object() && result["isError"] != true, "{answer}");
                return result["structuredContent"].clone();
            }
        }
    }

    fn total(&mut self) -> u64 {
        let asked = json!({ "columns": "identity", "limit": 1 });
        self.tool("pm33_query_backlog", &asked)["total"].as_u64().expect("a total")
    }

    /// Waits until it sees so many items, which must be soon.
    #[expect(clippy::disallowed_methods, reason = "the test's stopwatch")]
    fn sees(&mut self, count: u64) {
        let begun = Instant::now();
        loop {
            let total = self.total();
            if total == count {
                return;
            }
            assert!(begun.elapsed() < SOON, "{total} of {count} after {:?}", begun.elapsed());
        }
    }

    /// Ends it; what it logged.
    fn close(mut self) -> String {
        self.input = None;
        assert!(self.child.wait().expect("it ended").success());
        self.log.join().expect("its log")
    }
}

fn export(folder: &Path) -> PathBuf {
    let issue = |number: usize| {
        json!({
            "number": number, "title": format!("Imported {number}"), "body": "Text", "state": "OPEN", "stateReason": "",
            "labels": [], "milestone": null, "createdAt": "2026-01-02T10:00:00Z", "updatedAt": "2026-01-02T10:00:00Z",
            "closedAt": null, "assignees": [], "url": format!("https://tracker.example/issues/{number}"),
        })
    };
    let file = folder.join("issues.json");
    let all: Vec<_> = (1..=IMPORTED).map(issue).collect();
    std::fs::write(&file, Value::from(all).to_string()).expect("written");
    file
}

#[test]
fn no_write_is_lost_nobody_is_told_busy_and_each_sees_the_others_within_a_second() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    let mut windows = [Window::open(home), Window::open(home)];
    for window in &mut windows {
        assert_eq!(window.total(), 0, "both have the file open");
    }
    let slug = text(&rows(home, "workspace list local")[0], "slug");
    let import = format!("import local {slug} {}", export(home).display());
    std::thread::scope(|scope| {
        for (who, window) in windows.iter_mut().enumerate() {
            scope.spawn(move || {
                for number in 0..EACH {
                    let title = format!("Window {who} writes {number}");
                    let new = json!({ "type": "task", "title": title, "on_duplicate": "create" });
                    window.tool("pm33_create_work_item", &new);
                }
            });
        }
        scope.spawn(|| {
            let done = admin(home, &import);
            assert_eq!(done["written"]["created"], IMPORTED, "{done}");
            for number in 0..3 {
                admin(home, &format!("user create local person-{number}"));
                assert!(run(home, &format!("key create local person-{number} --name k")).is_ok);
            }
        });
    });
    let all = (2 * EACH + IMPORTED) as u64;
    for window in &mut windows {
        window.sees(all);
    }
    // Each in turn: the others see it soon.
    windows[0].tool("pm33_create_work_item", &json!({ "type": "task", "title": "Hang the brass sign" }));
    windows[1].sees(all + 1);
    windows[1].tool("pm33_create_work_item", &json!({ "type": "task", "title": "Oil the garden gate" }));
    windows[0].sees(all + 2);
    let out = home.join("all.jsonl");
    let exported = admin(home, &format!("export local {slug} {}", out.display()));
    assert_eq!(text(&exported, "items"), (all + 2).to_string());
    for window in windows {
        let log = window.close();
        assert!(log.is_empty(), "{log}");
    }
    assert!(admin(home, "doctor").as_array().expect("rows").iter().all(|row| row["state"] == "ok"));
}
