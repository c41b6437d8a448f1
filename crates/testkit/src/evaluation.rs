//! The questions of a product manager in `clients/questions.toml`, asked of the sample workspace through the official
//! Rust client: whether the answers hold the facts.

mod facts;

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};
use rmcp::{
    RoleClient,
    model::ProtocolVersion,
    service::{ClientLifecycleMode, ClientServiceExt, Peer},
    transport::IntoTransport,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use self::facts::{Clock, holds};

const QUESTIONS: &str = include_str!("../clients/questions.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    question: Vec<Question>,
}

/// A question, and the calls that answer it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    ask: String,
    call: Vec<Call>,
}

/// A call of a tool or a read of a resource, and what its answer must hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    tool: Option<String>,
    read: Option<String>,
    #[serde(default)]
    arguments: Map<String, Value>,
    #[serde(default)]
    facts: BTreeMap<String, Value>,
    /// Words of the refusal, where the right answer is one.
    #[serde(default)]
    refused: Vec<String>,
}

/// What came of it.
#[derive(Debug)]
pub struct Evaluation {
    /// Questions asked.
    pub asked: usize,
    /// Facts that were looked for.
    pub facts: usize,
    /// Questions whose answers lacked a fact, with all that was lacking.
    pub wrong: Vec<String>,
}

/// Connects the official Rust client to a server with the sample workspace and asks all questions.
///
/// # Errors
/// When the client cannot speak with the server, or the questions cannot be read.
pub async fn evaluate<T, E, A>(transport: T) -> anyhow::Result<Evaluation>
where
    T: IntoTransport<RoleClient, E, A>,
    E: std::error::Error + Send + Sync + 'static,
{
    let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
    let client =
        ().serve_with_lifecycle(transport, ClientLifecycleMode::Discover { preferred_versions }).await?;
    let file: File = toml::from_str(QUESTIONS)?;
    let workspaces = read(&client, "pm33://workspaces").await?;
    let clock = Clock::of(&workspaces).context("the server's time")?;
    let mut evaluation = Evaluation { asked: file.question.len(), facts: 0, wrong: Vec::new() };
    for question in &file.question {
        let mut lacking = Vec::new();
        for call in &question.call {
            evaluation.facts += call.facts.len() + call.refused.len();
            ensure!(call.facts.len() + call.refused.len() > 0, "{:?} has a call without facts", question.ask);
            match answer(&client, call, &clock).await {
                Ok(answer) => lacking.extend(missing(call, &answer, &clock)),
                Err(error) => lacking.push(format!("{error:#}")),
            }
        }
        if !lacking.is_empty() {
            evaluation.wrong.push(format!("{}\n    {}", question.ask, lacking.join("\n    ")));
        }
    }
    client.cancel().await?;
    Ok(evaluation)
}

/// Facts that an answer does not hold.
fn missing(call: &Call, answer: &Value, clock: &Clock) -> Vec<String> {
    let facts = call.facts.iter().filter_map(|(path, fact)| holds(answer, path, &clock.fill(fact)).err());
    let words =
        call.refused.iter().filter_map(|word| holds(answer, "refused", &json!({ "has": word })).err());
    facts.chain(words).collect()
}

/// The answer of a call: its structured content, the JSON of a resource, or `refused` with the words.
async fn answer(client: &Peer<RoleClient>, call: &Call, clock: &Clock) -> anyhow::Result<Value> {
    match (&call.tool, &call.read) {
        (Some(tool), None) => {
            let arguments = clock.fill(&Value::Object(call.arguments.clone()));
            let params = json!({ "name": tool, "arguments": arguments });
            let answer = client.call_tool(serde_json::from_value(params)?).await?;
            let answer = serde_json::to_value(answer)?;
            if answer["isError"] != true {
                return Ok(answer["structuredContent"].clone());
            }
            let words = &answer["content"][0]["text"];
            ensure!(!call.refused.is_empty(), "{tool} refused: {words}");
            Ok(json!({ "refused": words }))
        }
        (None, Some(uri)) => read(client, uri).await,
        _ => bail!("a call names either a tool or what it reads"),
    }
}

async fn read(client: &Peer<RoleClient>, uri: &str) -> anyhow::Result<Value> {
    let params = serde_json::from_value(json!({ "uri": uri }))?;
    let answer = serde_json::to_value(client.read_resource(params).await?)?;
    let text = answer["contents"][0]["text"].as_str().context("a text")?;
    Ok(serde_json::from_str(text)?)
}
