//! Tools: each is in its toolset's list, each toolset in the catalogue, and the generated documents have each of them.

use std::path::Path;

use super::Finding;

const TOOLS: &str = "crates/tools/src";

/// Checks every toolset: a folder beside a file of its name.
pub(super) fn check() -> anyhow::Result<Vec<Finding>> {
    let catalogue = std::fs::read_to_string(Path::new(TOOLS).join("standard.rs"))?;
    let documents = std::fs::read_to_string("docs/tools.md").unwrap_or_default();
    let mut findings = Vec::new();
    for entry in std::fs::read_dir(TOOLS)? {
        let folder = entry?.path();
        let Ok(list) = std::fs::read_to_string(folder.with_extension("rs")) else { continue };
        if !folder.is_dir() {
            continue;
        }
        let toolset = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for file in std::fs::read_dir(&folder)? {
            let path = file?.path();
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let place = path.display().to_string();
            let complaints = missing(&stem, &text, (&toolset, &list), &catalogue);
            findings.extend(complaints.into_iter().map(|words| Finding::new(place.clone(), words)));
            for tool in names(&text) {
                let schema = format!("docs/schemas/{tool}.json");
                if !documents.contains(&format!("`{tool}`")) || !Path::new(&schema).is_file() {
                    findings.push(Finding::new(
                        place.clone(),
                        format!("{tool} is not in docs/tools.md or {schema}: run `cargo xtask codegen`"),
                    ));
                }
            }
        }
    }
    Ok(findings)
}

/// The type that a tool's file makes a tool.
fn tool(text: &str) -> Option<&str> {
    let after = text.split("\nimpl Tool for ").nth(1)?;
    after.split([' ', '{', '<']).next()
}

/// Names of the tools that a file specifies.
fn names(text: &str) -> Vec<&str> {
    let after = text.split("\n        name: \"pm33_").skip(1).filter_map(|rest| rest.split('"').next());
    if tool(text).is_none() {
        return Vec::new();
    }
    after
        .filter_map(|rest| text.find(&format!("pm33_{rest}\"")).map(|at| &text[at..at + 5 + rest.len()]))
        .collect()
}

/// What a file of a toolset lacks.
fn missing(stem: &str, text: &str, (toolset, list): (&str, &str), catalogue: &str) -> Vec<String> {
    let mut lacks = Vec::new();
    if !list.contains(&format!("mod {stem};")) {
        lacks.push(format!("add `mod {stem};` to {toolset}.rs"));
    }
    if let Some(kind) = tool(text) {
        if !list.contains(&format!("ToolEntry::of::<{stem}::{kind}>()")) {
            lacks.push(format!("add `ToolEntry::of::<{stem}::{kind}>()?` to the list in {toolset}.rs"));
        }
        if !catalogue.contains(&format!("{toolset}::tools()")) {
            lacks.push(format!("add `{toolset}::tools()` to standard.rs"));
        }
    }
    lacks
}

#[cfg(test)]
mod tests {
    use super::{missing, names};

    const TOOL: &str = "//! A tool.\n\nimpl Tool for Ask {\n    const SPEC: ToolSpec = ToolSpec {\n        name: \"pm33_ask\",\n";

    #[test]
    fn a_tool_that_is_in_no_list_is_found() {
        let list = "mod ask;\nToolEntry::of::<ask::Ask>()?,";
        assert!(missing("ask", TOOL, ("backlog", list), "backlog::tools()").is_empty());
        assert_eq!(missing("ask", TOOL, ("backlog", "mod ask;"), "backlog::tools()").len(), 1);
        assert_eq!(missing("ask", TOOL, ("backlog", list), "").len(), 1);
        assert_eq!(missing("ask", "//! No tool.\n", ("backlog", ""), "").len(), 1);
        assert_eq!(names(TOOL), ["pm33_ask"]);
    }
}
