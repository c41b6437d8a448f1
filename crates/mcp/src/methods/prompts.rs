//! `prompts/get`.

use std::sync::Arc;

use pm33_auth::{Scope, ScopeSet};
use pm33_protocol::{
    encode_result,
    wire::{GetPromptParams, GetPromptResult, PromptMessage},
};
use pm33_tools::{Speaker, ToolError};

use super::{Answered, Asking, context, input_required, lists::may, modern};
use crate::{call::present::block, failure::Failure, handles::CallerHandles, request::Request, server::Core};

/// Characters of an argument; each stands several times in what a prompt makes of it.
const LONGEST: usize = 500;

pub(super) async fn get(
    core: &Arc<Core>,
    request: &mut Request,
    asking: &Asking<'_>,
) -> Result<Answered, Failure> {
    let params: GetPromptParams = request.need()?;
    let catalogue = core.catalogue.load_full();
    let prompt = catalogue.prompt(&params.name).ok_or_else(|| {
        Failure::params(format!("no prompt {:?}; prompts/list tells what there is", params.name))
    })?;
    let spec = *prompt.spec();
    request.record.target = Some(spec.name.into());
    let needed: ScopeSet = spec.scopes.iter().copied().collect::<ScopeSet>().with(Scope::Enabled);
    request.record.scopes = needed.to_string().into();
    if !may(request.caller.scopes, spec.scopes) {
        return Err(Failure::Scopes(needed));
    }
    for argument in spec.arguments.iter().filter(|argument| argument.required) {
        if !params.arguments.contains_key(argument.name) {
            return Err(Failure::params(format!(
                "the prompt needs {}: {}",
                argument.name, argument.description
            )));
        }
    }
    if let Some(unknown) =
        params.arguments.keys().find(|key| !spec.arguments.iter().any(|one| one.name == **key))
    {
        let known: Vec<_> = spec.arguments.iter().map(|one| one.name).collect();
        return Err(Failure::params(format!(
            "the prompt has no argument {unknown:?}; known: {}",
            known.join(", ")
        )));
    }
    if let Some((long, _)) = params.arguments.iter().find(|(_, value)| value.chars().nth(LONGEST).is_some()) {
        return Err(Failure::params(format!(
            "the argument {long} is too long: at most {LONGEST} characters"
        )));
    }
    let digest_of = serde_json::to_string(&params.arguments).unwrap_or_default();
    request.record.arguments = Some(core.sealer.digest("arguments", digest_of.as_bytes()));
    let state = params.request_state.as_deref();
    let link =
        asking.link(core, request, "prompts/get", &digest_of, params.input_responses.clone(), state)?;
    let store = core.stores.open(&request.caller);
    let handles =
        CallerHandles::new(Arc::clone(&core.sealer), &request.caller, request.now, core.options.cursor_life);
    let (found, workspace) = {
        let ctx = context(core, request, &*store, &link, &handles, asking).needing(needed);
        (prompt.get(&ctx, &params.arguments).await, ctx.opened_workspace())
    };
    request.record.workspace = workspace;
    let messages = match found {
        Ok(messages) => messages,
        Err(ToolError::NeedsInput { questions, state }) => {
            return input_required(core, request, "prompts/get", &digest_of, &questions, state.as_deref());
        }
        Err(other) => return Err(other.into()),
    };
    let role = |speaker| if speaker == Speaker::User { "user" } else { "assistant" };
    let (result_type, meta) = modern(core, request);
    let result = GetPromptResult {
        result_type,
        description: spec.description,
        messages: messages
            .iter()
            .map(|message| PromptMessage { role: role(message.speaker), content: block(&message.content) })
            .collect(),
        meta,
    };
    Ok(Answered { store: Some(store), ..Answered::ok(encode_result(&request.id, &result)) })
}
