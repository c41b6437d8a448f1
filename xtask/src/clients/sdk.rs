//! The TypeScript and Python clients: each is taken through `steps.json` by its own small script.

use std::{path::Path, process::Command};

use super::{Missing, Servers, Verdict};
use crate::tools;

const SCRIPTS: &str = "crates/testkit/clients";

fn verdict(name: String, command: &mut Command) -> anyhow::Result<Verdict> {
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let complained = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    // A warning is what a person would see too: nothing may be said on stderr.
    let is_good = output.status.success() && said.ends_with("steps") && complained.is_empty();
    Ok(if is_good {
        Verdict::good(name, said)
    } else {
        Verdict::bad(name, format!("{}\n{said}\n{complained}", output.status))
    })
}

/// The arguments that tell a script where to go.
fn targets(servers: &Servers) -> [(&'static str, Vec<String>); 2] {
    [("http", vec![servers.url.clone()]), ("stdio", servers.stdio.clone())]
}

/// The TypeScript client of both major versions.
pub(super) fn typescript(servers: &Servers) -> Result<Vec<Verdict>, Missing> {
    let node = tools::node().map_err(Missing::of("Node"))?;
    let packages = ["@modelcontextprotocol/client@2.4.0", "@modelcontextprotocol/sdk@1.32.2"];
    let folder = tools::packages("typescript-clients-2.4.0-1.32.2", &packages).map_err(Missing::of("npm"))?;
    let modes = [
        ("auto", "typescript 2.4.0 auto (modern)"),
        ("pinned", "typescript 2.4.0 pinned (modern)"),
        ("legacy", "typescript 2.4.0 legacy"),
        ("first", "typescript sdk 1.32.2 legacy"),
    ];
    let mut verdicts = Vec::new();
    for (mode, shown) in modes {
        for (transport, target) in targets(servers) {
            let mut command = Command::new(&node);
            command
                .arg(Path::new(SCRIPTS).join("typescript.mjs"))
                .arg(&folder)
                .args([mode, &format!("ts-{mode}-{transport}"), transport])
                .args(target)
                .env("PM33_KEY", &servers.key);
            verdicts.push(
                verdict(format!("{shown} over {transport}"), &mut command).map_err(Missing::of("node"))?,
            );
        }
    }
    Ok(verdicts)
}

/// The Python client.
pub(super) fn python(servers: &Servers) -> Result<Vec<Verdict>, Missing> {
    let python = tools::python("mcp==2.3.0", "mcp.client").map_err(Missing::of("Python"))?;
    let modes = [
        ("auto", "python mcp 2.3.0 auto (modern)"),
        ("2026-07-28", "python mcp 2.3.0 pinned (modern)"),
        ("legacy", "python mcp 2.3.0 legacy"),
    ];
    let mut verdicts = Vec::new();
    for (mode, shown) in modes {
        for (transport, target) in targets(servers) {
            let mut command = Command::new(&python);
            command
                .arg(Path::new(SCRIPTS).join("python.py"))
                .args([mode, &format!("py-{mode}-{transport}"), transport])
                .args(target)
                .env("PM33_KEY", &servers.key)
                .env("PYTHONDONTWRITEBYTECODE", "1");
            verdicts.push(
                verdict(format!("{shown} over {transport}"), &mut command).map_err(Missing::of("python"))?,
            );
        }
    }
    Ok(verdicts)
}
