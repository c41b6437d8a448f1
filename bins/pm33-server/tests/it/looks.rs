//! What the tests of the promises look at: answers, files, connections.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::served::Served;

/// A folder that goes with the value.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// What a result tells in words.
pub(crate) fn words(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap_or_default()
}

/// A tool's result through a served deployment.
pub(crate) fn ask(server: &Served, key: &str, tool: &str, arguments: &Value) -> Value {
    let mut socket = server.connect().expect("a connection");
    server.tool(&mut socket, key, tool, arguments).expect("an answer").json()["result"].clone()
}

/// Whether bytes hold a word of ASCII: the standard library looks fast without optimisation too.
pub(crate) fn holds(bytes: &[u8], word: &str) -> bool {
    assert!(word.is_ascii(), "{word}");
    String::from_utf8_lossy(bytes).contains(word)
}

/// Everything in a folder's files.
pub(crate) fn bytes_in(path: &std::path::Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(path).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(bytes_in(&path));
        } else {
            all.extend(std::fs::read(&path).unwrap_or_default());
        }
    }
    all
}

/// Addresses that a process is connected to, as the kernel says.
pub(crate) fn peers(process: u32) -> Vec<String> {
    let sockets: BTreeSet<String> = std::fs::read_dir(format!("/proc/{process}/fd"))
        .expect("descriptors")
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let mut found = Vec::new();
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        let text = std::fs::read_to_string(format!("/proc/{process}/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let fields: Vec<_> = line.split_whitespace().collect();
            if let (Some(local), Some(remote), Some(inode)) = (fields.get(1), fields.get(2), fields.get(9))
                && sockets.contains(*inode)
            {
                found.push(format!("{table} {local} {remote}"));
            }
        }
    }
    found
}
