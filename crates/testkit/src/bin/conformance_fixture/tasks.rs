//! Fixture tools that take long: what becomes of them as tasks.

use std::time::Duration;

use pm33_tools::{Answer, Content, Cost, ToolEntry, ToolError, ToolSpec};
use serde_json::{Value, json};

use crate::{
    asking::{elicit, user_name, words},
    content::text,
    spec,
};

/// Longer than a call may take before it becomes a task.
const LONG: Duration = Duration::from_millis(700);

const fn long(name: &'static str, description: &'static str) -> ToolSpec {
    ToolSpec { cost: Cost::Heavy, ..spec(name, description) }
}

fn confirm(key: &str, message: &str) -> pm33_tools::Question {
    elicit(key, message, json!({ "confirm": { "type": "boolean" } }))
}

fn none() -> Value {
    json!({ "type": "object", "properties": {} })
}

pub(crate) fn tools() -> Result<Vec<ToolEntry>, String> {
    let named = |name: &str| json!({ "type": "object", "properties": { name: { "type": "string" } } });
    let seconds = json!({ "type": "object", "properties": {
        "seconds": { "type": "integer" }, "label": { "type": "string" },
    } });
    Ok(vec![
        ToolEntry::untyped(spec("greet", "Greets at once."), &named("name"), |_, arguments| {
            let name = arguments["name"].as_str().unwrap_or("nobody").to_owned();
            Box::pin(async move { Ok(text(format!("Hello, {name}!"))) })
        })?,
        ToolEntry::untyped(long("slow_compute", "Works for so many seconds."), &seconds, |_, arguments| {
            let seconds = arguments["seconds"].as_u64().unwrap_or(0);
            Box::pin(async move {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                Ok(text(format!("done after {seconds} s")))
            })
        })?,
        ToolEntry::untyped(long("failing_job", "Fails after a second, and says so."), &none(), |_, _| {
            Box::pin(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let content = vec![Content::Text("the job failed".to_owned())];
                Ok(Answer { content, failed: true, ..Answer::default() })
            })
        })?
        .only_as_task(),
        ToolEntry::untyped(long("protocol_error_job", "Cannot be served."), &none(), |_, _| {
            Box::pin(async move {
                tokio::time::sleep(LONG).await;
                let cause = "on purpose".into();
                Err(ToolError::Unavailable { message: "the job cannot be served".to_owned(), cause })
            })
        })?,
        ToolEntry::untyped(
            long("confirm_delete", "Asks before it deletes."),
            &named("filename"),
            |ctx, _| {
                Box::pin(async move {
                    tokio::time::sleep(LONG).await;
                    let replies = ctx.client.ask(vec![confirm("confirm", "Delete it?")], None).await?;
                    Ok(text(format!("{} replied", replies.len())))
                })
            },
        )?,
        ToolEntry::untyped(long("multi_input", "Asks two things at once."), &none(), |ctx, _| {
            Box::pin(async move {
                tokio::time::sleep(LONG).await;
                let questions = vec![confirm("one", "The first?"), confirm("two", "The second?")];
                let replies = ctx.client.ask(questions, None).await?;
                Ok(text(format!("{} replied", replies.len())))
            })
        })?,
        ToolEntry::untyped(long("test_tool_with_task", "Asks, and then takes long."), &none(), |ctx, _| {
            Box::pin(async move {
                let replies = ctx.client.ask(vec![user_name()], None).await?;
                tokio::time::sleep(LONG).await;
                Ok(text(format!("Hello, {}!", words(&replies, "user_name", "/content/name"))))
            })
        })?
        .only_as_task(),
    ])
}
