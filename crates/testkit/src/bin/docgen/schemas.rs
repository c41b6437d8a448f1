//! `schemas/TOOL.json`: a tool's entry in `tools/list` as clients of each era get it, from the real engine. A change of
//! the wire is a change of these files, for a person to read.

use std::path::Path;

use anyhow::Context;
use pm33_app::{Rights, Settings, Start, compose_stdio, found, open_local};
use pm33_mcp::{Carrier, ClientFacts, CorrelationId, Credential, Inbound, Origin, Reply, Server};
use serde_json::{Map, Value, json};

/// Writes one file for each tool.
pub(crate) async fn write(folder: &Path) -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let mut settings = Settings::default();
    settings.data.dir = data.path().to_owned();
    let foundation = found(&settings).await?;
    let local = open_local(&foundation, Start::Empty).await?;
    let server = compose_stdio(&settings, &foundation, &local, Rights::Full)?;
    let modern = json!({ "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    } });
    let mut files: Map<String, Value> = Map::new();
    for (revision, params) in [("2026-07-28", modern), ("2025-11-25", json!({}))] {
        for entry in list(&server, &params).await? {
            let name = entry["name"].as_str().context("a tool has a name")?.to_owned();
            files.entry(name).or_insert_with(|| json!({}))[revision] = entry;
        }
    }
    foundation.store.close().await;
    std::fs::create_dir_all(folder)?;
    for (name, eras) in files {
        let alike = eras["2026-07-28"] == eras["2025-11-25"];
        let told = if alike { json!({ "every revision": eras["2026-07-28"] }) } else { eras };
        std::fs::write(folder.join(name).with_extension("json"), format!("{told:#}\n"))?;
    }
    Ok(())
}

async fn list(server: &Server, params: &Value) -> anyhow::Result<Vec<Value>> {
    let caller = server.authenticate(&Credential::Local, Origin::default()).await?;
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params }).to_string();
    let inbound = Inbound {
        body: body.into(),
        carrier: Carrier::Stdio { session: None },
        caller,
        client: ClientFacts::default(),
        correlation: CorrelationId::new(server.clock().now()),
    };
    let Reply::One(message) = server.handle(inbound).await else {
        anyhow::bail!("tools/list is one message")
    };
    let answer: Value = serde_json::from_slice(&message.body)?;
    anyhow::ensure!(answer["result"].get("nextCursor").is_none(), "the list is one page: {answer}");
    answer["result"]["tools"].as_array().cloned().with_context(|| answer.to_string())
}
