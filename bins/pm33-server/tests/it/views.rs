//! Views on the real server: who is told of them, what they link, what a page says about itself.

use pm33_tools::VIEW_MIME;
use serde_json::{Value, json};

use crate::{registry::offered, running::Running};

/// Parameters of a client that shows views.
pub(crate) fn showing() -> Value {
    declaring(&json!({ "mimeTypes": [VIEW_MIME] }))
}

fn declaring(settings: &Value) -> Value {
    json!({ "_meta": { "io.modelcontextprotocol/clientCapabilities": {
        "extensions": { "io.modelcontextprotocol/ui": settings },
    } } })
}

/// The entries of a list with what they link or declare.
fn listed(server: &Running, method: &str, list: &str, params: Value) -> Vec<Value> {
    let answer = server.call(method, params).json();
    answer["result"][list].as_array().cloned().unwrap_or_else(|| panic!("{answer}"))
}

#[test]
fn who_shows_views_is_told_which_tool_has_one_and_others_are_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let told =
        server.call("server/discover", json!({})).json()["result"]["capabilities"]["extensions"].clone();
    assert_eq!(told, json!({ "io.modelcontextprotocol/ui": {}, "io.modelcontextprotocol/tasks": {} }));
    let catalogue = offered();
    let tools = listed(&server, "tools/list", "tools", showing());
    for tool in catalogue.tools() {
        let entry = tools.iter().find(|one| one["name"] == tool.spec.name).expect(tool.spec.name);
        let link = tool.view.map(|view| view.spec.uri);
        let expected = link.map(|uri| json!({ "ui": { "resourceUri": uri }, "ui/resourceUri": uri }));
        assert_eq!(entry.get("_meta"), expected.as_ref(), "{}", tool.spec.name);
        let Some(uri) = link else { continue };
        let page = server.call("resources/read", json!({ "uri": uri })).json()["result"].clone();
        let content = &page["contents"][0];
        assert_eq!((&content["mimeType"], &content["uri"]), (&json!(VIEW_MIME), &json!(uri)));
        assert_eq!(page["contents"].as_array().map(Vec::len), Some(1));
        assert!(content["text"].as_str().is_some_and(|text| text.starts_with("<!doctype html>")), "{uri}");
        let domains = content["_meta"]["ui"]["csp"].as_object().expect("a policy");
        assert!(domains.len() == 4 && domains.values().all(|one| *one == json!([])), "{domains:?}");
        let resources = listed(&server, "resources/list", "resources", showing());
        let entry = resources.iter().find(|one| one["uri"] == uri).expect(uri);
        assert_eq!(entry["_meta"], content["_meta"], "{uri}");
    }
    for params in [json!({}), declaring(&json!({ "mimeTypes": ["text/html"] }))] {
        let tools = listed(&server, "tools/list", "tools", params.clone());
        assert!(tools.len() == catalogue.tools().len() && tools.iter().all(|one| one.get("_meta").is_none()));
        let resources = listed(&server, "resources/list", "resources", params);
        assert!(!resources.is_empty() && resources.iter().all(|one| one["mimeType"] != VIEW_MIME));
    }
}
