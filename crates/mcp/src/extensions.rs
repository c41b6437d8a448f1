//! Extensions of the protocol: what a client declared of them, and what they add to entries of lists.

use pm33_protocol::{UI_EXTENSION, UI_RESOURCE_URI};
use pm33_tools::{VIEW_MIME, View};
use serde_json::{Map, Value, json};

/// Whether a client shows views. Its declaration must name the media type; one without any is an older host's.
pub(crate) fn shows_views(capabilities: &Map<String, Value>) -> bool {
    let declared = capabilities.get("extensions").and_then(|all| all.get(UI_EXTENSION));
    match declared.map(|one| one.get("mimeTypes")) {
        None => false,
        Some(None) => true,
        Some(Some(types)) => types.as_array().is_some_and(|all| all.iter().any(|one| one == VIEW_MIME)),
    }
}

/// Metadata of a tool that has a view, under the key of today and the one of older hosts.
pub(crate) fn view_link(view: &View) -> Value {
    json!({ "ui": { "resourceUri": view.spec.uri }, UI_RESOURCE_URI: view.spec.uri })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::shows_views;

    #[test]
    fn only_a_client_that_says_so_is_told_of_views() {
        let says = |capabilities: Value| shows_views(&capabilities.as_object().cloned().unwrap_or_default());
        let ui = |settings: Value| json!({ "extensions": { "io.modelcontextprotocol/ui": settings } });
        assert!(says(ui(json!({ "mimeTypes": ["text/html", "text/html;profile=mcp-app"] }))));
        assert!(says(ui(json!({}))));
        assert!(!says(ui(json!({ "mimeTypes": ["text/html"] }))));
        assert!(!says(ui(json!({ "mimeTypes": "text/html;profile=mcp-app" }))));
        assert!(!says(json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } })));
        assert!(!says(json!({})));
    }
}
