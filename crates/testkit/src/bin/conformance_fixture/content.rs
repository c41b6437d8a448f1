//! Fixture tools that answer with content, progress and log lines.

use std::time::Duration;

use pm33_tools::{Answer, Content, LogLevel, ResourceBody, ToolEntry};
use serde_json::{Value, json};

use crate::spec;

/// A picture of one red pixel.
pub(crate) const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
/// A sound without samples.
const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=";

fn none() -> Value {
    json!({ "type": "object", "properties": {} })
}

fn answer(content: Vec<Content>) -> Answer {
    Answer { content, ..Answer::default() }
}

pub(crate) fn text(words: impl Into<String>) -> Answer {
    answer(vec![Content::Text(words.into())])
}

fn image() -> Content {
    Content::Image { data: PNG.to_owned(), mime: "image/png".to_owned() }
}

pub(crate) fn tools() -> Result<Vec<ToolEntry>, String> {
    Ok(vec![
        ToolEntry::untyped(spec("test_simple_text", "Answers with a text."), &none(), |_, _| {
            Box::pin(async { Ok(text("This is a simple text response for testing.")) })
        })?,
        ToolEntry::untyped(spec("test_image_content", "Answers with an image."), &none(), |_, _| {
            Box::pin(async { Ok(answer(vec![image()])) })
        })?,
        ToolEntry::untyped(spec("test_audio_content", "Answers with a sound."), &none(), |_, _| {
            let sound = Content::Audio { data: WAV.to_owned(), mime: "audio/wav".to_owned() };
            Box::pin(async { Ok(answer(vec![sound])) })
        })?,
        ToolEntry::untyped(spec("test_embedded_resource", "Answers with a resource."), &none(), |_, _| {
            let words = "This is an embedded resource content.";
            let body = ResourceBody::text("test://embedded-resource", "text/plain", words);
            Box::pin(async { Ok(answer(vec![Content::Embedded(body)])) })
        })?,
        ToolEntry::untyped(
            spec("test_multiple_content_types", "Answers with several blocks."),
            &none(),
            |_, _| {
                let data = json!({ "test": "data", "value": 123 }).to_string();
                let body = ResourceBody::text("test://mixed-content-resource", "application/json", data);
                let words = Content::Text("Multiple content types test:".to_owned());
                Box::pin(async { Ok(answer(vec![words, image(), Content::Embedded(body)])) })
            },
        )?,
        ToolEntry::untyped(spec("test_error_handling", "Fails on purpose."), &none(), |_, _| {
            let failed = text("This tool intentionally returns an error for testing");
            Box::pin(async { Ok(Answer { failed: true, ..failed }) })
        })?,
        ToolEntry::untyped(spec("test_tool_with_progress", "Tells its progress."), &none(), |ctx, _| {
            Box::pin(async move {
                for done in [0.0, 50.0, 100.0] {
                    ctx.client.progress(done, Some(100.0), Some(&format!("Completed step {done} of 100")));
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Ok(text("done"))
            })
        })?,
        ToolEntry::untyped(spec("test_tool_with_logging", "Logs three lines."), &none(), |ctx, _| {
            Box::pin(async move {
                for words in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
                    ctx.client.log(LogLevel::Info, json!(words));
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Ok(text("logged"))
            })
        })?,
        ToolEntry::untyped(spec("test_logging_tool", "Logs one line."), &none(), |ctx, _| {
            Box::pin(async move {
                ctx.client.log(LogLevel::Info, json!("Logging tool executed"));
                Ok(text("logged"))
            })
        })?,
        ToolEntry::untyped(
            spec("test_reconnection", "Closes its stream before it answers."),
            &none(),
            |ctx, _| {
                Box::pin(async move {
                    ctx.client.end_stream();
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    Ok(text("Reconnection test completed"))
                })
            },
        )?,
    ])
}
