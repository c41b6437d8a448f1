//! What clients read and are told of beside tools, on the real server: every resource, completion of every variable, prompts,
//! and a notice of each write to whoever watches what it changes.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

use crate::running::Running;

/// A list of the server, whole.
fn list(server: &Running, method: &str, name: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let params = if cursor.is_null() { json!({}) } else { json!({ "cursor": cursor }) };
        let page = server.call(method, params).json()["result"].clone();
        all.extend(page[name].as_array().unwrap_or_else(|| panic!("{method}: {page}")).iter().cloned());
        cursor = page["nextCursor"].clone();
        if cursor.is_null() {
            return all;
        }
    }
}

fn complete(server: &Running, reference: &Value, variable: &str, typed: &str) -> Vec<String> {
    let params = json!({
        "ref": reference, "argument": { "name": variable, "value": typed },
        "context": { "arguments": { "workspace": "harbor" } },
    });
    let result = server.call("completion/complete", params).json()["result"].clone();
    serde_json::from_value(result["completion"]["values"].clone()).unwrap_or_else(|_| panic!("{result}"))
}

#[test]
fn every_resource_is_read_and_every_variable_of_a_template_is_completed() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let listed = list(&server, "resources/list", "resources");
    let read = |uri: &str| {
        let result = server.call("resources/read", json!({ "uri": uri })).json()["result"].clone();
        let text = result["contents"][0]["text"].as_str().unwrap_or_else(|| panic!("{uri}: {result}"));
        // A token has three characters or more in such texts.
        assert!(!text.is_empty() && text.chars().count() < 25_000 * 3, "{uri}: {}", text.len());
        result
    };
    for (uri, millis) in [
        ("pm33://workspaces", 30_000),
        ("pm33://strategy/harbor", 300_000),
        ("pm33://backlog/harbor/summary", 60_000),
        ("pm33://velocity/harbor/current", 120_000),
        ("pm33://competitive/harbor/landscape", 300_000),
    ] {
        assert!(listed.iter().any(|one| one["uri"] == uri), "{uri}: {listed:?}");
        let result = read(uri);
        assert_eq!(result["ttlMs"], millis, "{uri}");
        let text = result["contents"][0]["text"].as_str().expect("a text");
        let shown: Value = serde_json::from_str(text).expect("JSON");
        if uri != "pm33://workspaces" {
            // The paragraph comes before the numbers.
            assert!(text.starts_with("{\"summary\":\""), "{uri}: {text}");
            let summary = shown["summary"].as_str().expect("a summary");
            assert!(summary.len() > 40 && summary.ends_with('.'), "{uri}: {summary}");
        }
        if uri.starts_with("pm33://backlog") {
            let open = format!("{} items are open", shown["open"]["items"]);
            assert!(shown["summary"].as_str().is_some_and(|told| told.starts_with(&open)), "{shown}");
        }
        if uri.starts_with("pm33://strategy") {
            let active = shown["objectives"]["content"].as_array().expect("objectives").len();
            let active = format!("{active} objectives are active");
            assert!(shown["summary"].as_str().is_some_and(|told| told.starts_with(&active)), "{shown}");
        }
    }
    for one in &listed {
        read(one["uri"].as_str().expect("a URI"));
    }
    let templates = list(&server, "resources/templates/list", "resourceTemplates");
    assert!(templates.len() >= 6, "{templates:?}");
    for template in &templates {
        let uri = template["uriTemplate"].as_str().expect("a template");
        let reference = json!({ "type": "ref/resource", "uri": uri });
        let filled = uri.split('{').skip(1).fold(uri.to_owned(), |filled, part| {
            let variable = part.split('}').next().expect("a variable");
            let typed = match variable {
                "workspace" => "har",
                "key" => "HAR-71",
                _ => "",
            };
            let values = complete(&server, &reference, variable, typed);
            assert!(!values.is_empty(), "{uri}: {variable}");
            assert!(values.iter().all(|value| value.starts_with(typed)), "{uri}: {values:?}");
            filled.replace(&format!("{{{variable}}}"), &values[0])
        });
        read(&filled);
    }
}

#[test]
fn prompts_take_their_arguments_and_speak_of_tools_and_resources_that_are_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let tools: BTreeSet<String> = list(&server, "tools/list", "tools")
        .iter()
        .map(|tool| tool["name"].as_str().expect("a name").to_owned())
        .collect();
    let given =
        [("quarter", "2027-Q1"), ("competitor", "Tidewater"), ("item", "HAR-717"), ("about", "HAR-717")];
    let prompts = list(&server, "prompts/list", "prompts");
    let names: Vec<_> = prompts.iter().map(|prompt| prompt["name"].as_str().expect("a name")).collect();
    for name in ["weekly_product_review", "quarter_planning", "backlog_triage", "competitor_brief"] {
        assert!(names.contains(&name), "{names:?}");
    }
    for prompt in &prompts {
        let name = prompt["name"].as_str().expect("a name");
        let wanted = prompt["arguments"].as_array().cloned().unwrap_or_default();
        let wanted: Vec<_> = wanted
            .iter()
            .map(|one| (one["name"].as_str().expect("a name"), one["required"] == true))
            .collect();
        let arguments: serde_json::Map<String, Value> = given
            .iter()
            .filter(|(argument, _)| wanted.iter().any(|(name, _)| name == argument))
            .map(|(argument, value)| ((*argument).to_owned(), json!(value)))
            .collect();
        let got =
            server.call("prompts/get", json!({ "name": name, "arguments": arguments })).json()["result"]
                .clone();
        let text = got["messages"][0]["content"]["text"].as_str().unwrap_or_else(|| panic!("{name}: {got}"));
        for value in arguments.values() {
            assert!(text.contains(value.as_str().expect("a text")), "{name}: {text}");
        }
        assert!(text.contains("harbor"), "the only workspace is named: {name}: {text}");
        let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        let named: Vec<_> = words.filter(|word| word.starts_with("pm33_")).collect();
        assert!(!named.is_empty() && named.iter().all(|tool| tools.contains(*tool)), "{name}: {named:?}");
        if let Some((required, _)) = wanted.iter().find(|(_, required)| *required) {
            let refused = server.call("prompts/get", json!({ "name": name, "arguments": {} })).json();
            assert!(
                refused["error"]["message"].as_str().is_some_and(|words| words.contains(required)),
                "{refused}"
            );
        }
    }
    let about = json!({ "type": "ref/prompt", "name": "competitor_brief" });
    let all = complete(&server, &about, "competitor", "");
    assert!(!all.is_empty(), "competitors are completed");
}

/// Watches resources; each next text is the URI of one that changed.
fn watch(server: &Running, uris: &[&str]) -> impl Iterator<Item = String> + use<> {
    let url = server.url();
    let address = url.trim_start_matches("http://").trim_end_matches("/mcp").to_owned();
    let mut socket = TcpStream::connect(&address).expect("a connection");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket");
    let method = "subscriptions/listen";
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({ "notifications": { "resourceSubscriptions": uris }, "_meta": meta });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {method}\r\n\
         Content-Length: {}\r\n\r\n",
        server.key,
        body.len()
    );
    socket.write_all((head + &body).as_bytes()).expect("sent");
    let mut lines = BufReader::new(socket).lines().map_while(Result::ok);
    let honoured = lines.find(|line| line.starts_with("data:")).expect("what is honoured");
    for uri in uris {
        assert!(honoured.contains(uri), "{uri}: {honoured}");
    }
    lines.filter_map(|line| {
        let event: Value = serde_json::from_str(line.strip_prefix("data:")?).ok()?;
        Some(event["params"]["uri"].as_str()?.to_owned())
    })
}

#[test]
fn whoever_watches_a_resource_hears_of_each_write_that_changes_it() {
    const BACKLOG: &str = "pm33://backlog/harbor/summary";
    const VELOCITY: &str = "pm33://velocity/harbor/current";
    const STRATEGY: &str = "pm33://strategy/harbor";
    const LANDSCAPE: &str = "pm33://competitive/harbor/landscape";
    const ITEM: &str = "pm33://item/harbor/HAR-717";
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let objective = json!({ "objective": { "title": "Fewer calls", "period": "2027-Q1", "weight": 0.1 } });
    let import =
        json!({ "text": "Issue key,Summary,Issue Type,Status\nZED-1,Zed,Story,Done\n", "dry_run": false });
    for (tool, mut arguments, told) in [
        (
            "pm33_create_work_item",
            json!({ "type": "task", "title": "Quagga ledger" }),
            vec![BACKLOG, VELOCITY],
        ),
        (
            "pm33_update_work_item",
            json!({ "item": "HAR-717", "priority": "low" }),
            vec![BACKLOG, VELOCITY, ITEM],
        ),
        ("pm33_import_work_items", import, vec![BACKLOG, VELOCITY, STRATEGY]),
        ("pm33_manage_objective", objective, vec![STRATEGY]),
        ("pm33_manage_competitor", json!({ "competitor": "Newcomer", "tier": 2 }), vec![LANDSCAPE]),
    ] {
        let heard = watch(&server, &[BACKLOG, VELOCITY, STRATEGY, LANDSCAPE, ITEM]);
        arguments["idempotency_key"] = json!(format!("told-{tool}"));
        let done = server.tool(tool, arguments);
        assert_ne!(done["isError"], true, "{tool}: {done}");
        let mut left: BTreeSet<_> = told.iter().map(|uri| (*uri).to_owned()).collect();
        for uri in heard {
            left.remove(&uri);
            if left.is_empty() {
                break;
            }
        }
        assert!(left.is_empty(), "{tool}: nobody was told of {left:?}");
    }
}
