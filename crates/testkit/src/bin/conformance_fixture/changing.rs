//! Fixture tools that change what the server offers.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use pm33_tools::ToolEntry;
use serde_json::json;

use crate::{SERVER, content::text, prompts, spec};

const NAMES: [&str; 2] = ["test_changed_tool_one", "test_changed_tool_two"];

pub(crate) fn tools() -> Result<Vec<ToolEntry>, String> {
    let none = json!({ "type": "object", "properties": {} });
    let count = Arc::new(AtomicUsize::new(0));
    Ok(vec![
        ToolEntry::untyped(
            spec("test_trigger_tool_change", "Changes the list of tools."),
            &none,
            move |_, _| {
                let count = count.fetch_add(1, Ordering::Relaxed);
                Box::pin(async move {
                    if let Some(server) = SERVER.get() {
                        let added = spec(NAMES[count % NAMES.len()], "Was added by a call.");
                        let schema = json!({ "type": "object", "properties": {} });
                        let tool =
                            ToolEntry::untyped(added, &schema, |_, _| Box::pin(async { Ok(text("added")) }));
                        let now = server.catalogue();
                        let base = if count == 0 {
                            (*now).clone()
                        } else {
                            crate::catalogue().map_err(pm33_tools::ToolError::refused)?
                        };
                        server
                            .replace_catalogue(base.with_tool(tool.map_err(pm33_tools::ToolError::refused)?));
                    }
                    Ok(text("the list of tools changed"))
                })
            },
        )?,
        ToolEntry::untyped(
            spec("test_trigger_prompt_change", "Changes the list of prompts."),
            &none,
            |_, _| {
                Box::pin(async {
                    if let Some(server) = SERVER.get() {
                        let now = server.catalogue();
                        let changed = if now.prompt(prompts::ADDED).is_some() {
                            crate::catalogue().map_err(pm33_tools::ToolError::refused)?
                        } else {
                            (*now).clone().with_prompt(prompts::added())
                        };
                        server.replace_catalogue(changed);
                    }
                    Ok(text("the list of prompts changed"))
                })
            },
        )?,
    ])
}
