//! The official Rust client through `clients/steps.json`: what every foreign client does, and what it must see.

use anyhow::{Context, bail, ensure};
use rmcp::{
    RoleClient, ServiceError, ServiceExt,
    model::ProtocolVersion,
    service::{ClientLifecycleMode, ClientServiceExt, Peer, RunningService},
    transport::IntoTransport,
};
use serde_json::{Value, json};

const STEPS: &str = include_str!("../clients/steps.json");

/// How the client opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// `server/discover`, nothing else.
    Discover,
    /// `server/discover`, and `initialize` when that is not answered.
    Auto,
    /// `initialize`.
    Initialize,
}

impl Opening {
    /// Every opening.
    pub const ALL: [Self; 3] = [Self::Discover, Self::Auto, Self::Initialize];

    fn era(self) -> &'static str {
        if self == Self::Initialize { "legacy" } else { "modern" }
    }
}

/// Connects the official Rust client and takes it through the steps; how many there were.
///
/// # Errors
/// The first difference, with the name of its step.
pub async fn rust_client<T, E, A>(transport: T, opening: Opening, run: &str) -> anyhow::Result<usize>
where
    T: IntoTransport<RoleClient, E, A>,
    E: std::error::Error + Send + Sync + 'static,
{
    let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
    let client: RunningService<RoleClient, ()> = match opening {
        Opening::Discover => {
            let mode = ClientLifecycleMode::Discover { preferred_versions };
            ().serve_with_lifecycle(transport, mode).await?
        }
        Opening::Auto => {
            let mode = ClientLifecycleMode::Auto { preferred_versions, legacy_version: None };
            ().serve_with_lifecycle(transport, mode).await?
        }
        Opening::Initialize => ().serve(transport).await?,
    };
    let server = client.peer_info().context("the server said nothing of itself")?;
    let expected = if opening.era() == "legacy" { "2025-11-25" } else { "2026-07-28" };
    ensure!(server.protocol_version.to_string() == expected, "revision {}", server.protocol_version);
    let instructions = server.instructions.as_deref().unwrap_or_default();
    ensure!(instructions.contains("pm33_query_backlog"), "the instructions did not come: {instructions:?}");
    let file: Value = serde_json::from_str(STEPS)?;
    let all = file["steps"].as_array().context("the steps")?;
    let mut kept = vec![("run".to_owned(), run.to_owned())];
    for raw in all {
        let mut text = raw.to_string();
        for (word, value) in &kept {
            text = text.replace(&format!("<{word}>"), value);
        }
        let step: Value = serde_json::from_str(&text)?;
        one(&client, &step, opening.era(), &mut kept)
            .await
            .with_context(|| step["name"].as_str().unwrap_or_default().to_owned())?;
    }
    client.cancel().await?;
    Ok(all.len())
}

async fn one(
    client: &Peer<RoleClient>,
    step: &Value,
    era: &str,
    kept: &mut Vec<(String, String)>,
) -> anyhow::Result<()> {
    let answer = match ask(client, step).await? {
        Ok(answer) => answer,
        Err(ServiceError::McpError(error)) => {
            ensure!(step.get("error").is_some(), "refused: {error:?}");
            matches(&step["error"][era], &json!(error.code.0), "error code")?;
            return words(step, &error.message);
        }
        Err(error) => return Err(error.into()),
    };
    ensure!(step.get("error").is_none(), "expected an error, got {answer}");
    if let Some(names) = step.get("has") {
        let shown = answer.to_string();
        let absent = names.as_array().into_iter().flatten().find(|name| !shown.contains(&name.to_string()));
        return absent.map_or(Ok(()), |name| bail!("{name} is not in {shown}"));
    }
    if step.get("call").is_some() {
        let text = answer["content"][0]["text"].as_str().context("a text block")?;
        if step.get("refused").is_some() {
            matches(&json!(true), &answer["isError"], "isError")?;
            return words(step, text);
        }
        ensure!(answer["isError"] != true, "{text}");
        matches(&step["answer"], &answer["structuredContent"], "answer")?;
        matches(&serde_json::from_str(text)?, &answer["structuredContent"], "text block")?;
        for (word, path) in step["keep"].as_object().into_iter().flatten() {
            let steps = path.as_array().into_iter().flatten().filter_map(Value::as_str);
            let value = steps.fold(&answer["structuredContent"], |value, key| &value[key]);
            kept.push((word.clone(), value.as_str().context("a kept text")?.to_owned()));
        }
        return Ok(());
    }
    if step.get("read").is_some() {
        let text = answer["contents"][0]["text"].as_str().context("a text")?;
        return matches(&step["answer"], &serde_json::from_str(text)?, "resource");
    }
    if step.get("complete").is_some() {
        return matches(&step["values"], &answer["completion"]["values"], "values");
    }
    words(step, answer["messages"][0]["content"]["text"].as_str().context("a message")?)
}

/// Sends what a step asks for; the answer as JSON. The outer error is a step that cannot be asked.
async fn ask(client: &Peer<RoleClient>, step: &Value) -> anyhow::Result<Result<Value, ServiceError>> {
    fn shown<T: serde::Serialize>(
        answer: Result<T, ServiceError>,
    ) -> anyhow::Result<Result<Value, ServiceError>> {
        Ok(match answer {
            Ok(answer) => Ok(serde_json::to_value(answer)?),
            Err(error) => Err(error),
        })
    }
    if let Some(kind) = step["list"].as_str() {
        return match kind {
            "tools" => shown(client.list_tools(None).await),
            "resources" => shown(client.list_resources(None).await),
            "templates" => shown(client.list_resource_templates(None).await),
            "prompts" => shown(client.list_prompts(None).await),
            other => bail!("no list of {other}"),
        };
    }
    if let Some(name) = step.get("call") {
        let params = json!({ "name": name, "arguments": step["arguments"] });
        return shown(client.call_tool(serde_json::from_value(params)?).await);
    }
    if let Some(uri) = step.get("read") {
        return shown(client.read_resource(serde_json::from_value(json!({ "uri": uri }))?).await);
    }
    if let Some(reference) = step.get("complete") {
        let params = json!({ "ref": reference, "argument": step["argument"] });
        return shown(client.complete(serde_json::from_value(params)?).await);
    }
    if let Some(name) = step.get("prompt") {
        let params = json!({ "name": name, "arguments": step["arguments"] });
        return shown(client.get_prompt(serde_json::from_value(params)?).await);
    }
    bail!("a step that this client does not know")
}

/// Whether a text has every word that the step names.
fn words(step: &Value, text: &str) -> anyhow::Result<()> {
    let expected = step.get("refused").or_else(|| step.get("words")).and_then(Value::as_array);
    for word in expected.into_iter().flatten().filter_map(Value::as_str) {
        ensure!(text.contains(word), "expected {word:?} in {text:?}");
    }
    Ok(())
}

/// Whether a value has all that is expected of it: every named field, every entry of a list.
fn matches(expected: &Value, real: &Value, path: &str) -> anyhow::Result<()> {
    match (expected, real) {
        (Value::Object(expected), Value::Object(real)) => {
            for (key, value) in expected {
                let found = real.get(key).unwrap_or(&Value::Null);
                matches(value, found, &format!("{path}.{key}"))?;
            }
        }
        (Value::Array(expected), Value::Array(real)) if expected.len() == real.len() => {
            for (index, (expected, real)) in expected.iter().zip(real).enumerate() {
                matches(expected, real, &format!("{path}.{index}"))?;
            }
        }
        _ => ensure!(expected == real, "{path}: expected {expected}, got {real}"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::matches;

    #[test]
    fn what_is_missing_or_different_is_told_with_its_place() {
        let real = json!({ "a": 1, "b": [{ "c": "x", "d": 2 }] });
        assert!(matches(&json!({ "b": [{ "c": "x" }] }), &real, "answer").is_ok());
        for expected in
            [json!({ "a": 2 }), json!({ "z": 1 }), json!({ "b": [] }), json!({ "b": [{ "c": 1 }] })]
        {
            assert!(matches(&expected, &real, "answer").is_err(), "{expected}");
        }
        let told = matches(&json!({ "b": [{ "c": "y" }] }), &real, "answer").unwrap_err().to_string();
        assert_eq!(told, r#"answer.b.0.c: expected "y", got "x""#);
    }
}
