//! The MCP Inspector's command line: lists with its strict check of schemas, a call, a resource, a prompt.

use std::{path::Path, process::Command};

use anyhow::{Context, bail};
use serde_json::Value;

use super::{Missing, Servers, Verdict};
use crate::tools;

const PACKAGE: &str = "@modelcontextprotocol/inspector@2.12.0";

/// What is asked, and the text that the answer must hold.
const ASKED: [(&[&str], &str); 6] = [
    (&["--method", "tools/list", "--strict"], "pm33_query_backlog"),
    (
        &[
            "--method",
            "tools/call",
            "--tool-name",
            "pm33_query_backlog",
            "--tool-args-json",
            r#"{"ids":["HAR-1"]}"#,
        ],
        "Instant bank payments",
    ),
    (&["--method", "tools/list", "--app-info", "--advertise-apps"], "ui://pm33/forecast"),
    (&["--method", "resources/list"], "pm33://backlog/harbor/summary"),
    (&["--method", "resources/read", "--uri", "pm33://workspaces"], "Harbor Billing"),
    (&["--method", "prompts/get", "--prompt-name", "backlog_triage"], "have no priority"),
];

/// Runs it in every era over both transports.
pub(super) fn run(servers: &Servers) -> Result<Vec<Verdict>, Missing> {
    let node = tools::node().map_err(Missing::of("Node"))?;
    let folder = tools::packages("inspector-2.12.0", &[PACKAGE]).map_err(Missing::of("npm"))?;
    let program = folder.join("node_modules/.bin/mcp-inspector");
    let mut verdicts = Vec::new();
    for era in ["legacy", "auto", "modern"] {
        for (transport, target) in [("http", vec![servers.url.clone()]), ("stdio", servers.stdio.clone())] {
            let name = format!("inspector 2.12.0 {era} over {transport}");
            let leg = || -> anyhow::Result<()> {
                for (arguments, expected) in ASKED {
                    let mut command = Command::new(&node);
                    command.arg(&program).arg("--cli").args(&target).args(["--protocol-era", era]);
                    command.args(arguments).args(["--format", "json", "--quiet"]);
                    if transport == "http" {
                        command.args(["--header", &format!("Authorization: Bearer {}", servers.key)]);
                    }
                    one(&mut command, servers.home(), expected).with_context(|| arguments[1].to_owned())?;
                }
                Ok(())
            };
            verdicts.push(match leg() {
                Ok(()) => Verdict::good(name, format!("{} requests", ASKED.len())),
                Err(error) => Verdict::bad(name, format!("{error:#}")),
            });
        }
    }
    Ok(verdicts)
}

fn one(command: &mut Command, home: &Path, expected: &str) -> anyhow::Result<()> {
    let output = command.env("HOME", home).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("{}: {said}{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    // Of views it tells a line for each tool.
    for value in serde_json::Deserializer::from_str(&said).into_iter::<Value>() {
        value.with_context(|| format!("not JSON: {said}"))?;
    }
    if !said.contains(expected) {
        bail!("{expected:?} is not in {said}");
    }
    Ok(())
}
