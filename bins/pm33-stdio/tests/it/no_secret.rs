//! A process that logs everything tells no secret of its deployment, and repeats no key that was sent to it by mistake.

use serde_json::json;

use crate::process::Process;

/// A key's form: no server has it.
const KEY: &str = "pm33_live_0123456789abQuiteASecretThatNobodyShouldEverSeeInAnyLog12crc123";

#[test]
fn neither_logs_nor_answers_nor_the_database_hold_a_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut process = Process::start_with(folder.path(), &[], "trace");
    for (method, params) in [
        ("tools/list", json!({ "cursor": KEY })),
        ("tools/call", json!({ "name": KEY, "arguments": {} })),
        ("tools/call", json!({ "name": "pm33_query_backlog", "arguments": { "ids": [KEY] } })),
        ("tools/call", json!({ "name": "pm33_query_backlog", "arguments": { "limit": KEY } })),
        ("tools/call", json!({ "name": "pm33_query_backlog", "arguments": { "text": KEY, "api_key": KEY } })),
        ("resources/read", json!({ "uri": KEY })),
        (KEY, json!({})),
    ] {
        let answer = process.ask(method, params);
        assert!(!answer.to_string().contains(&KEY[24..]), "{answer}");
    }
    process.write(&format!("no JSON, but {KEY}"));
    process.close();
    let ended = process.ended();
    assert!(ended.status.success() && ended.log.contains("DEBUG"), "{}", ended.log);
    let secrets = std::fs::read_to_string(folder.path().join("secrets.toml")).expect("secrets");
    let mut secrets: Vec<_> = secrets.split('"').filter(|word| word.len() == 64).collect();
    assert!(secrets.len() >= 3, "pepper, audit key, key of handles");
    secrets.push(&KEY[24..]);
    let mut places = vec![
        ("log".to_owned(), ended.log.into_bytes()),
        ("output".to_owned(), ended.lines.join("\n").into_bytes()),
    ];
    for entry in std::fs::read_dir(folder.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.file_name().is_some_and(|name| name != "secrets.toml") {
            places.push((path.display().to_string(), std::fs::read(&path).expect("a file")));
        }
    }
    assert!(places.iter().any(|(name, _)| name.ends_with("pm33.db")));
    for secret in secrets {
        for part in [&secret[..secret.len() / 2], &secret[secret.len() / 2..]] {
            for (place, bytes) in &places {
                let is_there = bytes.windows(part.len()).any(|window| window == part.as_bytes());
                assert!(!is_there, "{part} is in {place}");
            }
        }
    }
}
