//! A PRD asks its person for what the workspace does not say: in both eras, over the real binary.

use serde_json::{Value, json};

use crate::process::Process;

const ARGUMENTS: &str = r#"{"item":"HAR-1","template":"prd"}"#;

fn call(arguments: &Value, more: &Value) -> Value {
    let mut params = json!({ "name": "pm33_generate_prd", "arguments": arguments, "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": { "elicitation": {} },
    }});
    for (name, value) in more.as_object().into_iter().flatten() {
        params[name] = value.clone();
    }
    json!({ "jsonrpc": "2.0", "id": "m", "method": "tools/call", "params": params })
}

fn answers() -> Value {
    json!({ "action": "accept", "content": {
        "users": "Finance teams of merchants with 17 shops",
        "non_goals": "No loans",
        "owner": "Grace",
    }})
}

/// What a document that was written with the answers holds.
fn check(result: &Value) {
    let made = &result["structuredContent"];
    assert_eq!((&made["action"], &made["made_by"]), (&json!("created"), &json!("evidence")), "{result}");
    let text = made["markdown"].as_str().expect("Markdown");
    assert!(text.contains("merchants with 17 shops [S"), "{text}");
    assert!(text.contains("No loans [S") && text.contains("answer: Asked: Who uses it"), "{text}");
    let questions = made["open_questions"].as_array().expect("a list");
    assert!(!questions.is_empty() && questions.iter().all(|one| one["owner"] == "Grace"), "{questions:?}");
    // What a person said is a source like any other: its number passes the gate.
    let findings = made["gate"]["findings"].as_array().expect("a list");
    assert!(
        findings.iter().all(|one| one["rule"] != "unsourced_number" && one["rule"] != "unsourced_claim"),
        "{findings:?}"
    );
}

#[test]
fn a_modern_client_gets_a_form_and_calls_again_with_the_answers() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut process = Process::start(folder.path(), &["--demo"]);
    let arguments: Value = serde_json::from_str(ARGUMENTS).expect("JSON");
    process.write(&call(&arguments, &json!({})).to_string());
    let asked = process.read()["result"].clone();
    assert_eq!(asked["resultType"], "input_required", "{asked}");
    let form = &asked["inputRequests"]["prd_interview"];
    assert_eq!(form["method"], "elicitation/create", "{asked}");
    let fields = form["params"]["requestedSchema"]["properties"].as_object().expect("fields");
    let mut names: Vec<_> = fields.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["non_goals", "owner", "users"], "what the workspace says is not asked");
    process
        .write(&call(&arguments, &json!({ "inputResponses": { "prd_interview": answers() } })).to_string());
    check(&process.read()["result"]);
    // Whoever declines gets open questions.
    let declined = json!({ "inputResponses": { "prd_interview": { "action": "decline" } } });
    process.write(&call(&arguments, &declined).to_string());
    let made = process.read()["result"]["structuredContent"].clone();
    assert_eq!(made["action"], "created");
    let questions = made["open_questions"].to_string();
    assert!(questions.contains("Users") && questions.contains("Non-goals"), "{questions}");
}

#[test]
fn an_older_client_is_asked_in_between() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut process = Process::start(folder.path(), &["--demo"]);
    let client = json!({ "name": "t", "version": "1" });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": { "elicitation": {} }, "clientInfo": client });
    process
        .write(&json!({ "jsonrpc": "2.0", "id": "i", "method": "initialize", "params": params }).to_string());
    assert_eq!(process.read()["result"]["protocolVersion"], "2025-11-25");
    process.write(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    let arguments: Value = serde_json::from_str(ARGUMENTS).expect("JSON");
    let params = json!({ "name": "pm33_generate_prd", "arguments": arguments });
    process
        .write(&json!({ "jsonrpc": "2.0", "id": "c", "method": "tools/call", "params": params }).to_string());
    let question = process.read();
    assert_eq!(question["method"], "elicitation/create", "{question}");
    assert!(
        question["params"]["message"].as_str().is_some_and(|words| words.contains("HAR-1")),
        "{question}"
    );
    process.write(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": answers() }).to_string());
    let answer = process.read();
    assert_eq!(answer["id"], "c", "{answer}");
    check(&answer["result"]);
}

#[test]
fn a_client_that_cannot_be_asked_gets_open_questions() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut process = Process::start(folder.path(), &["--demo"]);
    let made = process.tool("pm33_generate_prd", &serde_json::from_str(ARGUMENTS).expect("JSON"))["structuredContent"].clone();
    assert_eq!(made["action"], "created", "{made}");
    let owner = made["open_questions"][0]["owner"].as_str().expect("an owner");
    assert!(owner.contains("product manager of Harbor Billing"), "{owner}");
}
