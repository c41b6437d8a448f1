//! Fixture tools whose schemas must come through unchanged.

use pm33_tools::ToolEntry;
use serde_json::json;

use crate::{content::text, spec};

pub(crate) fn tools() -> Result<Vec<ToolEntry>, String> {
    let rich = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": { "street": { "type": "string" }, "city": { "type": "string" } }
            }
        },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" }
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false
    });
    let header = json!({
        "type": "object",
        "properties": {
            "region": { "type": "string", "description": "Region.", "x-mcp-header": "Region" },
            "query": { "type": "string", "description": "Query." }
        },
        "required": ["region"]
    });
    Ok(vec![
        ToolEntry::untyped(spec("json_schema_2020_12_tool", "Has a rich schema."), &rich, |_, _| {
            Box::pin(async { Ok(text("valid")) })
        })?,
        ToolEntry::untyped(
            spec("test_x_mcp_header", "Has an argument that a header repeats."),
            &header,
            |_, arguments| Box::pin(async move { Ok(text(format!("region {}", arguments["region"]))) }),
        )?,
    ])
}
