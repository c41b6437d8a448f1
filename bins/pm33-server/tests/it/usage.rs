//! Credits as an agent sees them on the real server.

use serde_json::json;

use crate::running::Running;

#[test]
fn usage_shows_balance_ceilings_and_what_a_planned_call_would_cost() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let planned = |model: &str| json!({ "estimate": { "provider": "anthropic", "model": model, "input_bytes": 98_000, "max_output_tokens": 10_000 } });
    let seen = server.tool("pm33_usage", planned("haiku"));
    let content = &seen["structuredContent"];
    assert_eq!(content["balance"]["available"], "0", "{seen}");
    assert_eq!(content["ai_calls"], "free");
    assert_eq!(content["estimate"]["model"], "claude-haiku-5-5");
    // 100,000 tokens with the framing at the dearest class of input, 0.20, and 10,000 of output at 0.50.
    assert_eq!(content["estimate"]["at_most"], "0.025", "{seen}");
    assert_eq!(
        content["spending"].as_array().map(Vec::len),
        Some(4),
        "day and month, organisation and key: {seen}"
    );
    let refused = server.tool("pm33_usage", planned("no-such-model"));
    assert_eq!(refused["isError"], true);
    let words = refused["content"][0]["text"].as_str().unwrap_or_default();
    assert!(words.contains("no-such-model") && words.contains("claude-opus-5-5"), "{words}");
}
