//! What a write was answered is on disk first, by the order of the process's system calls (governance Z1); a read is in the
//! database's log at least, or on disk too, as `audit.reads` says.

use serde_json::json;

use crate::{
    process::Process,
    traced::{self, SystemCall, Traced},
};

const STEPS: usize = 12;
const WATCHED: [&str; 2] = ["-e", "trace=fdatasync,fsync,pwrite64,read,write,writev"];

/// Writes and reads in turn, one at a time.
fn client(process: &mut Process, name: &str) {
    for step in 0..STEPS {
        let (tool, arguments) = if step % 2 == 0 {
            let title = format!("Durable {name} {step}");
            ("pm33_create_work_item", json!({ "type": "task", "title": title, "on_duplicate": "create" }))
        } else {
            ("pm33_query_backlog", json!({ "limit": 1, "columns": "identity" }))
        };
        let result = process.tool(tool, &arguments);
        assert_ne!(result["isError"], true, "{result}");
    }
}

/// What was on disk, or in the log at least, when an answer left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Nowhere,
    Logged,
    Synced,
}

fn kept(calls: &[SystemCall], answer: &SystemCall) -> Kept {
    let is_request = |call: &&SystemCall| call.name == "read" && call.on.contains("pipe:") && call.result > 0;
    let asked = calls.iter().filter(is_request).filter(|call| call.returned < answer.called);
    let asked = asked.max_by_key(|call| call.returned).expect("nothing was read before an answer");
    let between = |call: &&SystemCall| call.called > asked.returned && call.returned < answer.called;
    let on_log = || calls.iter().filter(|call| call.is_on_log()).filter(between);
    let Some(written) = on_log().find(|call| call.name == "pwrite64") else { return Kept::Nowhere };
    let synced = on_log().any(|call| call.is_sync() && call.result == 0 && call.called > written.returned);
    if synced { Kept::Synced } else { Kept::Logged }
}

/// What was kept when each answer left, writes and reads in turn.
fn watched(settings: &str) -> Vec<Kept> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pm33.toml");
    std::fs::write(&file, settings).expect("written");
    let data = folder.path().join("data");
    let mut process = Process::start(&data, &["--config", file.to_str().expect("a path")]);
    client(&mut process, "first");
    let traced = Traced::attach(process.id(), &folder.path().join("record"), &WATCHED);
    client(&mut process, "watched");
    process.close();
    assert!(process.ended().status.success());
    let calls = traced.of_ended();
    let answers: Vec<_> = calls
        .iter()
        .filter(|call| call.name.starts_with("write") && call.rest.contains("jsonrpc"))
        .map(|answer| kept(&calls, answer))
        .collect();
    assert_eq!(answers.len(), STEPS, "an answer is one write");
    answers
}

#[test]
fn an_answered_write_is_on_disk_and_a_read_where_the_setting_says() {
    if !traced::is_there() {
        return;
    }
    assert_eq!(watched("[audit]\nreads = \"each_call\"\n"), [Kept::Synced; STEPS]);
    // By default, and by the setting's word.
    for settings in ["", "[audit]\nreads = \"committed\"\n"] {
        let answers = watched(settings);
        let (writes, reads): (Vec<_>, Vec<_>) =
            answers.chunks_exact(2).map(|pair| (pair[0], pair[1])).unzip();
        assert_eq!(writes, [Kept::Synced; STEPS / 2]);
        assert!(reads.iter().all(|read| *read != Kept::Nowhere), "{reads:?}");
        // What is watched tells one from the other.
        assert!(reads.iter().filter(|read| **read == Kept::Logged).count() >= STEPS / 4, "{reads:?}");
    }
    // Together a little later: a write still waits for the disk.
    let answers = watched("[audit]\nreads = \"batched\"\nbatch_millis = 200\n");
    assert!(answers.iter().step_by(2).all(|write| *write == Kept::Synced), "{answers:?}");
}
