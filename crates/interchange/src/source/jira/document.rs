//! The text of a rich document, as Jira's REST API version 3 gives descriptions (Atlassian Document Format).

use serde_json::Value;

/// Deepest nesting that is followed.
const DEPTH: usize = 64;

/// The text, with a line per block and a dash per list entry.
pub(super) fn text(document: &Value) -> String {
    let mut out = String::new();
    write(document, 0, &mut out);
    let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
    lines.join("\n").trim().to_owned()
}

fn write(node: &Value, depth: usize, out: &mut String) {
    let kind = node.get("type").and_then(Value::as_str).unwrap_or_default();
    let attribute = |name: &str| node.get("attrs").and_then(|attrs| attrs.get(name)).and_then(Value::as_str);
    match kind {
        "text" => out.push_str(node.get("text").and_then(Value::as_str).unwrap_or_default()),
        "hardBreak" => out.push('\n'),
        "mention" | "emoji" | "status" => {
            out.push_str(attribute("text").or(attribute("shortName")).unwrap_or_default());
        }
        "inlineCard" | "blockCard" => out.push_str(attribute("url").unwrap_or_default()),
        "listItem" | "taskItem" => out.push_str("- "),
        "rule" => out.push_str("---\n"),
        _ => {}
    }
    if depth < DEPTH {
        for child in node.get("content").and_then(Value::as_array).into_iter().flatten() {
            write(child, depth + 1, out);
        }
    }
    let is_block =
        matches!(kind, "paragraph" | "heading" | "codeBlock" | "taskItem" | "tableCell" | "tableHeader");
    if is_block && !out.ends_with('\n') {
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::text;

    #[test]
    fn blocks_are_lines() {
        let paragraph =
            |text: &str| json!({ "type": "paragraph", "content": [{ "type": "text", "text": text }] });
        let document = json!({ "type": "doc", "content": [
            { "type": "heading", "content": [{ "type": "text", "text": "Why" }] },
            { "type": "bulletList", "content": [
                { "type": "listItem", "content": [paragraph("one")] }, { "type": "listItem", "content": [paragraph("two")] },
            ] },
            { "type": "paragraph", "content": [
                { "type": "mention", "attrs": { "text": "@ann" } }, { "type": "hardBreak" },
                { "type": "inlineCard", "attrs": { "url": "https://example.test" } },
            ] },
        ] });
        assert_eq!(text(&document), "Why\n- one\n- two\n@ann\nhttps://example.test");
    }
}
