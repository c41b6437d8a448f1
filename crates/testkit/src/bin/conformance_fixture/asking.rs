//! Fixture tools that ask the client: elicitation, sampling, roots, in one round or several.

use pm33_tools::{Question, Replies, ToolEntry};
use serde_json::{Value, json};

use crate::{content::text, spec};

fn schema(properties: Value) -> Value {
    let required: Vec<_> =
        properties.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
    let mut schema = json!({ "type": "object", "required": required });
    schema["properties"] = properties;
    schema
}

pub(crate) fn elicit(key: &str, message: &str, properties: Value) -> Question {
    Question {
        key: key.to_owned(),
        method: "elicitation/create",
        params: json!({ "mode": "form", "message": message, "requestedSchema": schema(properties) }),
    }
}

fn sample(key: &str, prompt: &str) -> Question {
    let messages = json!([{ "role": "user", "content": { "type": "text", "text": prompt } }]);
    Question {
        key: key.to_owned(),
        method: "sampling/createMessage",
        params: json!({ "messages": messages, "maxTokens": 100 }),
    }
}

pub(crate) fn user_context() -> Question {
    elicit("user_context", "What context should the prompt use?", json!({ "context": { "type": "string" } }))
}

pub(crate) fn user_name() -> Question {
    elicit("user_name", "What is your name?", json!({ "name": { "type": "string" } }))
}

fn roots() -> Question {
    Question { key: "client_roots".to_owned(), method: "roots/list", params: json!({}) }
}

pub(crate) fn words(replies: &Replies, key: &str, pointer: &str) -> String {
    replies
        .get(key)
        .and_then(|reply| reply.pointer(pointer))
        .and_then(Value::as_str)
        .unwrap_or("(none)")
        .to_owned()
}

fn all(replies: &Replies) -> String {
    serde_json::to_string(replies).unwrap_or_default()
}

fn none() -> Value {
    json!({ "type": "object", "properties": {} })
}

pub(crate) fn tools() -> Result<Vec<ToolEntry>, String> {
    let mut tools = legacy()?;
    tools.extend(rounds()?);
    tools.extend(dependent()?);
    Ok(tools)
}

fn legacy() -> Result<Vec<ToolEntry>, String> {
    let one = |name: &str| json!({ "type": "object", "properties": { name: { "type": "string" } }, "required": [name] });
    let argument = |arguments: &Value, name: &str| arguments[name].as_str().unwrap_or_default().to_owned();
    Ok(vec![
        ToolEntry::untyped(
            spec("test_sampling", "Asks the client's model."),
            &one("prompt"),
            move |ctx, arguments| {
                Box::pin(async move {
                    let replies =
                        ctx.client.ask(vec![sample("answer", &argument(&arguments, "prompt"))], None).await?;
                    Ok(text(format!("LLM response: {}", words(&replies, "answer", "/content/text"))))
                })
            },
        )?,
        ToolEntry::untyped(
            spec("test_elicitation", "Asks the person."),
            &one("message"),
            move |ctx, arguments| {
                Box::pin(async move {
                    let fields = json!({
                        "username": { "type": "string", "description": "User's response" },
                        "email": { "type": "string", "description": "User's email address" },
                    });
                    let question = elicit("answer", &argument(&arguments, "message"), fields);
                    let replies = ctx.client.ask(vec![question], None).await?;
                    Ok(text(format!("User response: {}", all(&replies))))
                })
            },
        )?,
        ToolEntry::untyped(
            spec("test_elicitation_sep1034_defaults", "Asks with defaults."),
            &none(),
            |ctx, _| {
                Box::pin(async move {
                    let fields = json!({
                        "name": { "type": "string", "default": "John Doe" },
                        "age": { "type": "integer", "default": 30 },
                        "score": { "type": "number", "default": 95.5 },
                        "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
                        "verified": { "type": "boolean", "default": true },
                    });
                    let replies =
                        ctx.client.ask(vec![elicit("answer", "Please review", fields)], None).await?;
                    Ok(text(format!("Elicitation completed: {}", all(&replies))))
                })
            },
        )?,
        ToolEntry::untyped(
            spec("test_elicitation_sep1330_enums", "Asks with choices."),
            &none(),
            |ctx, _| {
                Box::pin(async move {
                    let titled = json!([
                        { "const": "value1", "title": "First Option" },
                        { "const": "value2", "title": "Second Option" },
                        { "const": "value3", "title": "Third Option" },
                    ]);
                    let fields = json!({
                        "untitledSingle": { "type": "string", "enum": ["option1", "option2", "option3"] },
                        "titledSingle": { "type": "string", "oneOf": titled },
                        "legacyEnum": {
                            "type": "string",
                            "enum": ["opt1", "opt2", "opt3"],
                            "enumNames": ["Option One", "Option Two", "Option Three"],
                        },
                        "untitledMulti": { "type": "array", "items": { "type": "string", "enum": ["option1", "option2", "option3"] } },
                        "titledMulti": { "type": "array", "items": { "anyOf": titled } },
                    });
                    let replies =
                        ctx.client.ask(vec![elicit("answer", "Please choose", fields)], None).await?;
                    Ok(text(format!("Elicitation completed: {}", all(&replies))))
                })
            },
        )?,
    ])
}

fn rounds() -> Result<Vec<ToolEntry>, String> {
    let confirm = || elicit("confirm", "Please confirm", json!({ "ok": { "type": "boolean" } }));
    Ok(vec![
        ToolEntry::untyped(spec("test_missing_capability", "Needs sampling."), &none(), |ctx, _| {
            Box::pin(async move {
                let replies = ctx.client.ask(vec![sample("answer", "Say hello")], None).await?;
                Ok(text(all(&replies)))
            })
        })?,
        ToolEntry::untyped(spec("test_streaming_elicitation", "Asks for a name."), &none(), |ctx, _| {
            Box::pin(async move {
                let replies = ctx.client.ask(vec![user_name()], None).await?;
                Ok(text(all(&replies)))
            })
        })?,
        ToolEntry::untyped(
            spec("test_input_required_result_elicitation", "Asks for a name."),
            &none(),
            |ctx, _| {
                Box::pin(async move {
                    let replies = ctx.client.ask(vec![user_name()], None).await?;
                    Ok(text(format!("Hello, {}!", words(&replies, "user_name", "/content/name"))))
                })
            },
        )?,
        ToolEntry::untyped(
            spec("test_input_required_result_sampling", "Asks the model."),
            &none(),
            |ctx, _| {
                Box::pin(async move {
                    let question = sample("capital_question", "What is the capital of France?");
                    let replies = ctx.client.ask(vec![question], None).await?;
                    Ok(text(words(&replies, "capital_question", "/content/text")))
                })
            },
        )?,
        ToolEntry::untyped(
            spec("test_input_required_result_list_roots", "Asks for roots."),
            &none(),
            |ctx, _| Box::pin(async move { Ok(text(all(&ctx.client.ask(vec![roots()], None).await?))) }),
        )?,
        ToolEntry::untyped(
            spec("test_input_required_result_request_state", "Keeps state."),
            &none(),
            move |ctx, _| {
                Box::pin(async move {
                    ctx.client.ask(vec![confirm()], Some(b"state".to_vec())).await?;
                    let kept = ctx.client.state() == Some(b"state");
                    Ok(text(if kept { "state-ok" } else { "state-lost" }))
                })
            },
        )?,
        ToolEntry::untyped(
            spec("test_input_required_result_tampered_state", "Keeps state."),
            &none(),
            move |ctx, _| {
                Box::pin(async move {
                    ctx.client.ask(vec![confirm()], Some(b"state".to_vec())).await?;
                    Ok(text("state-ok"))
                })
            },
        )?,
        ToolEntry::untyped(
            spec("test_input_required_result_multiple_inputs", "Asks thrice."),
            &none(),
            |ctx, _| {
                Box::pin(async move {
                    let questions = vec![user_name(), sample("greeting", "Write a greeting"), roots()];
                    let replies = ctx.client.ask(questions, Some(b"many".to_vec())).await?;
                    Ok(text(all(&replies)))
                })
            },
        )?,
    ])
}

/// Tools whose later questions depend on earlier answers or on the client.
fn dependent() -> Result<Vec<ToolEntry>, String> {
    Ok(vec![
        ToolEntry::untyped(
            spec("test_input_required_result_multi_round", "Asks twice."),
            &none(),
            |ctx, _| {
                Box::pin(async move {
                    let name = match ctx.client.state() {
                        Some(name) => String::from_utf8_lossy(name).into_owned(),
                        None => String::new(),
                    };
                    if name.is_empty() {
                        let step =
                            elicit("step1", "What is your name?", json!({ "name": { "type": "string" } }));
                        let replies = ctx.client.ask(vec![step], Some(Vec::new())).await?;
                        let name = words(&replies, "step1", "/content/name");
                        let step = elicit(
                            "step2",
                            "What is your favourite colour?",
                            json!({ "color": { "type": "string" } }),
                        );
                        return Err(pm33_tools::ToolError::NeedsInput {
                            questions: vec![step],
                            state: Some(name.into_bytes()),
                        });
                    }
                    let step = elicit(
                        "step2",
                        "What is your favourite colour?",
                        json!({ "color": { "type": "string" } }),
                    );
                    let replies = ctx.client.ask(vec![step], Some(name.clone().into_bytes())).await?;
                    Ok(text(format!("{name} likes {}", words(&replies, "step2", "/content/color"))))
                })
            },
        )?,
        ToolEntry::untyped(
            spec("test_input_required_result_capabilities", "Asks what it may."),
            &none(),
            |ctx, _| {
                Box::pin(async move {
                    match ctx
                        .client
                        .ask(vec![sample("capital_question", "What is the capital of France?")], None)
                        .await
                    {
                        Err(pm33_tools::ToolError::Capability { .. }) => {
                            Ok(text(all(&ctx.client.ask(vec![user_name()], None).await?)))
                        }
                        other => Ok(text(all(&other?))),
                    }
                })
            },
        )?,
    ])
}
