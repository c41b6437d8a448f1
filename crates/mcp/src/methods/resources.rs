//! `resources/read`.

use std::sync::Arc;

use pm33_auth::{Scope, ScopeSet};
use pm33_protocol::{
    Era, codes, encode_result,
    wire::{ReadParams, ReadResult},
};
use pm33_tools::ToolError;

use super::{Answered, Asking, context, input_required, lists::may, modern};
use crate::{
    call::present::contents, failure::Failure, handles::CallerHandles, request::Request, server::Core,
};

pub(super) async fn read(
    core: &Arc<Core>,
    request: &mut Request,
    asking: &Asking<'_>,
) -> Result<Answered, Failure> {
    let params: ReadParams = request.need()?;
    let missing = |uri: &str, era| {
        let code = if era == Era::Modern { codes::INVALID_PARAMS } else { codes::LEGACY_RESOURCE_NOT_FOUND };
        Failure::NoResource { uri: uri.to_owned(), code }
    };
    let catalogue = core.catalogue.load_full();
    let Some((resource, variables)) = catalogue.resource(&params.uri) else {
        return Err(missing(&params.uri, request.era()));
    };
    let spec = *resource.spec();
    request.record.target = Some(spec.uri.into());
    request.record.arguments = Some(core.sealer.digest("arguments", params.uri.as_bytes()));
    let needed: ScopeSet = spec.scopes.iter().copied().collect::<ScopeSet>().with(Scope::Enabled);
    request.record.scopes = needed.to_string().into();
    if !may(request.caller.scopes, spec.scopes) {
        return Err(Failure::Scopes(needed));
    }
    let state = params.request_state.as_deref();
    let link =
        asking.link(core, request, "resources/read", &params.uri, params.input_responses.clone(), state)?;
    let store = core.stores.open(&request.caller);
    let handles =
        CallerHandles::new(Arc::clone(&core.sealer), &request.caller, request.now, core.options.cursor_life);
    let (found, workspace) = {
        let ctx = context(core, request, &*store, &link, &handles, asking).needing(needed);
        (resource.read(&ctx, &params.uri, &variables).await, ctx.opened_workspace())
    };
    request.record.workspace = workspace;
    let bodies = match found {
        Ok(Some(bodies)) if !bodies.is_empty() => bodies,
        // What is not there and what is not this caller's read the same.
        Ok(_) | Err(ToolError::Missing { .. } | ToolError::Refused(_)) => {
            return Err(missing(&params.uri, request.era()));
        }
        Err(ToolError::NeedsInput { questions, state }) => {
            return input_required(
                core,
                request,
                "resources/read",
                &params.uri,
                &questions,
                state.as_deref(),
            );
        }
        Err(other) => return Err(other.into()),
    };
    let (result_type, meta) = modern(core, request);
    let result = ReadResult {
        result_type,
        ttl_ms: result_type.map(|_| spec.ttl_ms),
        cache_scope: result_type.map(|_| "private"),
        contents: bodies.iter().map(contents).collect(),
        meta,
    };
    Ok(Answered { store: Some(store), ..Answered::ok(encode_result(&request.id, &result)) })
}
