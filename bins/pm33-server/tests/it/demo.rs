//! What a newcomer sees: the demo's output, pasted as it is, works; a second demo keeps the data.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use pm33_app::{Settings, found};
use pm33_product::{Backlog, Freshness, Status, Strategy};
use pm33_tenancy::{Administration, WorkspaceAccess, open_workspace};
use serde_json::Value;

/// A running demo with all that it printed before it served.
struct Demo {
    process: Child,
    printed: Vec<String>,
}

impl Demo {
    fn start(folder: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_pm33-server"))
            .args(["--demo", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder)
            .env("PM33_TELEMETRY_LOG_FILTER", "error")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let mut printed = Vec::new();
        for line in lines.map_while(Result::ok) {
            let is_last = line.starts_with("Health: ");
            printed.push(line);
            if is_last {
                break;
            }
        }
        Self { process, printed }
    }

    /// The text behind a prefix.
    fn told(&self, prefix: &str) -> &str {
        let line = self.printed.iter().find_map(|line| line.strip_prefix(prefix));
        line.unwrap_or_else(|| panic!("{prefix:?} in {:?}", self.printed))
    }

    /// The lines under a heading.
    fn under(&self, heading: &str) -> String {
        let after = self.printed.iter().skip_while(|line| !line.starts_with(heading)).skip(1);
        after.take_while(|line| !line.is_empty()).cloned().collect::<Vec<_>>().join("\n")
    }

    /// Runs the printed `curl` with another key in place of its own; the answer.
    fn curl(&self, key: &str) -> Value {
        let text = shell(&self.under("curl").replace(self.told("key: "), key));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

/// Runs text in a shell; its output.
fn shell(text: &str) -> String {
    let output = Command::new("sh").args(["-c", text]).output().expect("a shell");
    assert!(output.status.success(), "{text}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn what_is_printed_works_when_it_is_pasted() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Demo::start(folder.path());
    let (url, key) = (demo.told("listening on "), demo.told("key: "));
    let answer = demo.curl(key);
    let found = &answer["result"]["structuredContent"];
    assert_eq!(found["total"], 4, "{answer}");
    assert!(found["items"].as_array().expect("items").iter().all(|item| item["title"].is_string()));

    let header = format!("Bearer {key}");
    for (heading, servers) in [("VS Code", "servers"), ("Cursor", "mcpServers")] {
        let text = demo.under(heading);
        let snippet: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let one = &snippet[servers]["pm33"];
        assert_eq!(
            (one["url"].as_str(), one["headers"]["Authorization"].as_str()),
            (Some(url), Some(&*header))
        );
    }
    for heading in ["Claude Code", "MCP Inspector"] {
        let command = demo.under(heading);
        assert!(command.contains(url) && command.contains(&header), "{heading}: {command}");
        // As a shell reads it, the header is one word.
        let words = shell(&format!("for word in {command}; do echo \"$word\"; done"));
        assert!(words.lines().any(|word| word == format!("Authorization: {header}")), "{words}");
    }
    assert_eq!(shell(&format!("curl -s {}", demo.told("Health: "))).trim(), "ok");
    let ready = demo.told("Health: ").replace("healthz", "readyz");
    assert_eq!(shell(&format!("curl -s -o /dev/null -w '%{{http_code}}' {ready}")), "200");
}

#[test]
fn a_second_demo_keeps_the_data_and_mints_a_new_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Demo::start(folder.path());
    let key = first.told("key: ").to_owned();
    assert_eq!(first.curl(&key)["result"]["structuredContent"]["total"], 4);
    drop(first);
    let second = Demo::start(folder.path());
    let new = second.told("key: ");
    assert_ne!(key, new);
    for key in [key.as_str(), new] {
        assert_eq!(
            second.curl(key)["result"]["structuredContent"]["total"],
            4,
            "nothing doubled, both keys serve"
        );
    }
    let told = second.curl("pm33_local_nonsense").to_string();
    assert!(told.contains("pm33-admin key create"), "{told}");
}

#[test]
fn the_sample_is_a_workspace_that_a_product_manager_knows() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(Demo::start(folder.path()));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut settings = Settings::default();
        settings.data.dir = folder.path().to_owned();
        let foundation = found(&settings).await.expect("the store opens");
        let tenant = foundation.store.operator().tenants().await.expect("tenants").remove(0);
        let session = foundation.store.session(tenant.id);
        let (at, _) = open_workspace(&session, tenant.id, &WorkspaceAccess::All, Some("harbor"))
            .await
            .expect("the workspace");
        let teams = session.teams(at).await.expect("teams");
        assert!(teams.len() >= 3 && teams.iter().all(|team| team.capacity_per_week.is_some()));
        let objectives = session.objectives(at).await.expect("objectives");
        assert!(objectives.len() >= 3 && objectives.iter().all(|one| !one.key_results.is_empty()));
        let competitors = session.competitors(at).await.expect("competitors");
        let with_signals = competitors.iter().filter(|one| !one.signals.is_empty()).count();
        assert!(competitors.len() >= 3 && with_signals >= 2);
        assert!(!session.mission(at).await.expect("a mission").statement.is_empty());
        let all = session.snapshot(at, Freshness::Newest).await.expect("items");
        let mut finished: Vec<_> = all
            .items()
            .filter(|item| item.status == Status::Done)
            .map(|item| item.finished.expect("a finish time").instant())
            .collect();
        finished.sort_unstable();
        let (Some(first), Some(last)) = (finished.first(), finished.last()) else { panic!("finished items") };
        let days = last.duration_since(*first).as_hours() / 24;
        assert!(finished.len() >= 150 && days >= 690, "{} items over {days} days", finished.len());
        // Work is finished all along, not in one heap.
        let widest = finished.windows(2).map(|pair| pair[1].duration_since(pair[0]).as_hours() / 24).max();
        assert!(widest.is_some_and(|days| days <= 21), "{widest:?} days without a finish");
        foundation.store.close().await;
    });
}

#[test]
fn settings_come_from_file_environment_and_flags_in_that_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pm33.toml");
    std::fs::write(&file, "[server]\nlisten = \"no address\"\npath = \"/from-file\"\n").expect("written");
    let start = |environment: &[(&str, &str)], flags: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pm33-server"));
        command.arg("--config").arg(&file).arg("--data-dir").arg(folder.path().join("data"));
        command.args(flags).envs(environment.iter().copied()).env("PM33_TELEMETRY_LOG_FILTER", "error");
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
    };
    let flag = ["--listen", "127.0.0.1:0"];
    let mut served = start(&[("PM33_SERVER_LISTEN", "also no address")], &flag);
    let mut line = String::new();
    BufReader::new(served.stdout.take().expect("output")).read_line(&mut line).expect("a line");
    let _ = served.kill();
    let _ = served.wait();
    assert!(line.starts_with("listening on http://127.0.0.1:") && line.ends_with("/from-file\n"), "{line}");
    assert!(!line.contains(":0/"), "the bound port is told: {line}");

    for (environment, expected) in [
        (vec![("PM33_SERVER_LISTEN", "not one")], vec!["server.listen", "not one", "PM33_SERVER_LISTEN"]),
        (vec![("PM33_SERVER_LISEN", "127.0.0.1:0")], vec!["server.lisen", "PM33_SERVER_LISEN", "listen"]),
        (vec![], vec!["server.listen", "no address", "pm33.toml"]),
    ] {
        let refused = start(&environment, &[]).wait_with_output().expect("it ends");
        let told = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && refused.stdout.is_empty(), "{told}");
        for word in expected {
            assert!(told.contains(word), "{word}: {told}");
        }
    }
}
