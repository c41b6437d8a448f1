//! Layers: which crate may use which, and which outside crate belongs where.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Finding;
use crate::shell;

/// Edges that are allowed; everything else fails.
const EDGES: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("protocol", &[]),
    ("tenancy", &[]),
    ("auth", &["tenancy"]),
    ("admission", &["tenancy"]),
    ("billing", &["tenancy"]),
    ("ai", &["text"]),
    ("ai-providers", &["ai"]),
    ("product", &["tenancy"]),
    ("planning", &["product", "tenancy"]),
    ("interchange", &["product", "tenancy", "text"]),
    ("tools", &["tenancy", "auth", "billing", "product", "planning", "ai", "interchange", "text"]),
    ("mcp", &["protocol", "tenancy", "auth", "admission", "product", "tools", "text"]),
    ("transport", &["mcp", "protocol"]),
    ("store", &["tenancy", "auth", "billing", "admission", "product"]),
    (
        "app",
        &[
            "text",
            "protocol",
            "tenancy",
            "auth",
            "admission",
            "billing",
            "product",
            "ai",
            "ai-providers",
            "interchange",
            "tools",
            "mcp",
            "transport",
            "store",
        ],
    ),
    (
        "testkit",
        &[
            "protocol",
            "tenancy",
            "auth",
            "admission",
            "product",
            "interchange",
            "tools",
            "mcp",
            "transport",
            "store",
            "app",
        ],
    ),
    ("examples", &["tenancy", "auth", "product", "tools", "mcp", "transport", "app"]),
    ("server", &["app", "transport"]),
    ("stdio", &["app", "transport"]),
    ("admin", &["app", "tenancy", "auth", "admission", "billing", "product", "interchange"]),
    ("xtask", &[]),
];

/// Outside crates that only some of ours may use.
const CONFINED: &[(&str, &[&str])] = &[
    ("sea-orm", &["store"]),
    ("sea-orm-migration", &["store"]),
    ("argon2", &["auth"]),
    ("hyper", &["transport", "testkit", "examples"]),
    ("rustls", &["transport", "ai-providers", "app", "testkit"]),
    ("reqwest", &["ai-providers", "app", "testkit"]),
    ("async-openai", &["ai-providers"]),
    ("anyhow", &["server", "stdio", "admin", "xtask", "testkit", "examples"]),
];

/// Outside crates that nobody may use, at any depth.
const BANNED: &[&str] = &["openssl", "openssl-sys", "native-tls"];

fn short(name: &str) -> &str {
    name.strip_prefix("pm33-").unwrap_or(name)
}

/// Checks the workspace's dependencies.
pub(super) fn check() -> anyhow::Result<Vec<Finding>> {
    let text = shell::read(shell::cargo().args(["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&text)?;
    let members: Vec<&str> = list(&metadata["workspace_members"]).filter_map(Value::as_str).collect();
    let mut findings = Vec::new();
    for package in list(&metadata["packages"]) {
        let name = package["name"].as_str().unwrap_or_default();
        if BANNED.contains(&name) {
            findings.push(Finding::new("Cargo.lock", format!("{name} is banned: use rustls")));
        }
        if members.contains(&package["id"].as_str().unwrap_or_default()) {
            let normal = list(&package["dependencies"]).filter(|one| one["kind"].is_null());
            let names: Vec<&str> = normal.filter_map(|one| one["name"].as_str()).collect();
            findings.extend(judge(short(name), &names));
            findings.extend(lints(package["manifest_path"].as_str().unwrap_or_default())?);
        }
    }
    Ok(findings)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Every member takes the workspace's lints.
fn lints(manifest: &str) -> anyhow::Result<Option<Finding>> {
    let table: toml::Table = toml::from_str(&std::fs::read_to_string(manifest)?)?;
    let taken = table.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
    Ok((taken != Some(true)).then(|| Finding::new(manifest, "add `[lints] workspace = true`")))
}

/// Judges one crate's normal dependencies.
fn judge(name: &str, dependencies: &[&str]) -> Vec<Finding> {
    let edges: BTreeMap<_, _> = EDGES.iter().copied().collect();
    let place = format!("{name}/Cargo.toml");
    let Some(allowed) = edges.get(name) else {
        return vec![Finding::new(
            place,
            "is not in the table of layers; add it to xtask/src/tidy/layers.rs",
        )];
    };
    let mut findings = Vec::new();
    for dependency in dependencies {
        if let Some(ours) = dependency.strip_prefix("pm33-")
            && !allowed.contains(&ours)
        {
            let words = format!("{name} may not use {ours}: arrows point down (docs/architecture.md)");
            findings.push(Finding::new(place.clone(), words));
        }
        if let Some((_, users)) = CONFINED.iter().find(|(outside, _)| outside == dependency)
            && !users.contains(&name)
        {
            findings.push(Finding::new(
                place.clone(),
                format!("{dependency} belongs to {} only", users.join(", ")),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn upward_edges_and_strayed_crates_are_found() {
        assert!(judge("tools", &["pm33-product", "serde"]).is_empty());
        assert_eq!(judge("tools", &["pm33-mcp"]).len(), 1);
        assert_eq!(judge("product", &["sea-orm"]).len(), 1);
        assert_eq!(judge("newcomer", &[]).len(), 1);
    }
}
