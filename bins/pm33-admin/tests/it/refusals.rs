//! What cannot be done is told in a line: what was wrong, what there is; nothing is written and the exit code says so.

use serde_json::Value;

use crate::command::{acme, json, run};

#[test]
fn each_refusal_names_what_was_wrong_and_what_would_be_right() {
    let folder = acme();
    let folder = folder.path();
    let before = json(folder, "audit tail acme").to_string();
    for (command, words) in [
        ("user list nobody", vec!["nobody", "acme"]),
        ("tenant create acme", vec!["acme", "exists already"]),
        ("tenant create Acme!", vec!["Acme!", "lower-case"]),
        ("tenant create other --plan gold", vec!["gold", "enterprise"]),
        ("user create acme ada", vec!["ada", "exists already"]),
        ("workspace create acme core --prefix NEW", vec!["core", "exists already"]),
        ("workspace create acme next --prefix n", vec!["prefix", "2 to 10"]),
        ("key create acme bob --name x", vec!["bob"]),
        ("key create acme ada --name x --workspace nowhere", vec!["nowhere"]),
        ("key create acme ada --name x --scopes backlog:fly", vec!["backlog:fly", "backlog:read"]),
        ("key revoke acme AAAAAAAAAAAA", vec!["AAAAAAAAAAAA"]),
        ("key list acme --after AAAAAAAAAAAA", vec!["AAAAAAAAAAAA", "--after"]),
        ("tenant suspend acme", vec!["every key of acme", "--yes", "nothing was done"]),
        ("audit purge acme", vec!["audit log", "--yes", "nothing was done"]),
        (
            "audit hold release acme 00000000-0000-7000-8000-000000000000",
            vec!["release hold", "--yes", "nothing was done"],
        ),
        (
            "documents template remove acme core decision",
            vec!["remove template decision", "--yes", "nothing was done"],
        ),
        ("membership add acme bob core", vec!["bob"]),
        ("membership add acme ada nowhere", vec!["nowhere", "core"]),
        ("membership role acme ada core viewer", vec!["no member", "membership add"]),
        ("membership remove acme ada core --yes", vec!["membership"]),
        ("membership list acme --user bob", vec!["bob"]),
        ("settings set acme calls 3", vec!["calls", "calls_per_minute_key"]),
        ("settings set acme sessions_max 0", vec!["sessions_max", "1 to 100000"]),
        (
            "settings set acme sessions_max -1",
            vec!["whole number, not \"-1\"", "settings set acme sessions_max 1000"],
        ),
        (
            "settings set acme sessions_max abc",
            vec![
                "sessions_max must be a whole number, not \"abc\"",
                "1 to 100,000",
                "settings set acme sessions_max 1000",
            ],
        ),
        ("settings set acme sessions_max 1.5", vec!["whole number", "1 to 100,000"]),
        (
            "settings set acme ai maybe",
            vec!["ai must be one of its words, not \"maybe\"", "`off`", "settings set acme ai on"],
        ),
        ("settings unset acme sessions_max", vec!["sessions_max"]),
        ("restore nowhere --yes", vec!["nowhere", "backup.json"]),
        ("import acme nowhere missing.json", vec!["nowhere", "core"]),
        ("import acme core missing.json", vec!["missing.json"]),
        ("audit tail nobody", vec!["nobody", "acme"]),
    ] {
        let refused = run(folder, command);
        assert!(!refused.is_ok && refused.said.is_empty(), "{command}: {}", refused.said);
        assert!(refused.complained.starts_with("error: "), "{command}: {}", refused.complained);
        assert!(refused.complained.lines().count() <= 3, "no backtrace: {}", refused.complained);
        for word in words {
            assert!(refused.complained.contains(word), "{command}: {word}: {}", refused.complained);
        }
        let told = run(folder, &format!("--json {command}"));
        let object: Value = serde_json::from_str(&told.complained).expect("one JSON object");
        assert!(!told.is_ok && object["error"].is_string(), "{command}: {object}");
    }
    assert_eq!(json(folder, "audit tail acme").to_string(), before, "nothing was written");
    for unknown in ["frobnicate", "key revoke acme zzz", "key create acme"] {
        assert!(!run(folder, unknown).is_ok, "{unknown}");
    }
}
