//! Fixture prompts.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use pm33_tools::{
    Completion, Content, Prompt, PromptArgument, PromptMessage, PromptSpec, ResourceBody, Speaker,
    ToolContext, ToolError,
};

use crate::{asking::user_context, content::PNG};

struct Fixed(PromptSpec);

/// The prompt that comes and goes.
pub(crate) const ADDED: &str = "test_changed_prompt";

const fn spec(name: &'static str, arguments: &'static [PromptArgument]) -> PromptSpec {
    PromptSpec { name, title: name, description: "A prompt of the fixture.", arguments, scopes: &[] }
}

const fn argument(name: &'static str) -> PromptArgument {
    PromptArgument { name, description: "An argument.", required: true }
}

const TWO: &[PromptArgument] = &[argument("arg1"), argument("arg2")];
const URI: &[PromptArgument] = &[argument("resourceUri")];

pub(crate) fn all() -> Vec<Arc<dyn Prompt>> {
    vec![
        Arc::new(Fixed(spec("test_simple_prompt", &[]))),
        Arc::new(Fixed(spec("test_prompt_with_arguments", TWO))),
        Arc::new(Fixed(spec("test_prompt_with_embedded_resource", URI))),
        Arc::new(Fixed(spec("test_prompt_with_image", &[]))),
        Arc::new(Fixed(spec("test_input_required_result_prompt", &[]))),
    ]
}

pub(crate) fn added() -> Arc<dyn Prompt> {
    Arc::new(Fixed(spec(ADDED, &[])))
}

fn says(content: Content) -> PromptMessage {
    PromptMessage { speaker: Speaker::User, content }
}

#[async_trait]
impl Prompt for Fixed {
    fn spec(&self) -> &PromptSpec {
        &self.0
    }

    async fn get(
        &self,
        ctx: &ToolContext<'_>,
        arguments: &BTreeMap<String, String>,
    ) -> Result<Vec<PromptMessage>, ToolError> {
        let text = |words: String| says(Content::Text(words));
        let given = |name: &str| arguments.get(name).cloned().unwrap_or_default();
        Ok(match self.0.name {
            "test_prompt_with_arguments" => {
                vec![text(format!(
                    "Prompt with arguments: arg1='{}', arg2='{}'",
                    given("arg1"),
                    given("arg2")
                ))]
            }
            "test_prompt_with_embedded_resource" => {
                let body = ResourceBody::text(
                    given("resourceUri"),
                    "text/plain",
                    "Embedded resource content for testing.",
                );
                vec![
                    says(Content::Embedded(body)),
                    text("Please process the embedded resource above.".to_owned()),
                ]
            }
            "test_prompt_with_image" => {
                let image = Content::Image { data: PNG.to_owned(), mime: "image/png".to_owned() };
                vec![says(image), text("Please analyze the image above.".to_owned())]
            }
            "test_input_required_result_prompt" => {
                let replies = ctx.client.ask(vec![user_context()], None).await?;
                let context = replies.get("user_context").map(ToString::to_string).unwrap_or_default();
                vec![text(format!("Context: {context}"))]
            }
            _ => vec![text("This is a simple prompt for testing.".to_owned())],
        })
    }

    async fn complete(
        &self,
        _: &ToolContext<'_>,
        _: &str,
        typed: &str,
        _: &BTreeMap<String, String>,
    ) -> Result<Completion, ToolError> {
        Ok(Completion::of(["paris", "park", "party"].map(str::to_owned), typed))
    }
}
