//! `completion/complete`.

use std::sync::Arc;

use pm33_protocol::{
    encode_result,
    wire::{CompleteParams, CompleteResult, CompletionRef, CompletionValues},
};

use super::{Answered, Asking, context, lists::may, modern};
use crate::{failure::Failure, handles::CallerHandles, request::Request, server::Core};

pub(super) async fn complete(
    core: &Arc<Core>,
    request: &mut Request,
    asking: &Asking<'_>,
) -> Result<Answered, Failure> {
    let params: CompleteParams = request.need()?;
    let catalogue = core.catalogue.load_full();
    let link = asking.link(core, request, "completion/complete", "", None, None)?;
    let store = core.stores.open(&request.caller);
    let handles =
        CallerHandles::new(Arc::clone(&core.sealer), &request.caller, request.now, core.options.cursor_life);
    let (argument, known) = (&params.argument, &params.context.arguments);
    let (found, target, workspace) = {
        let ctx = context(core, request, &*store, &link, &handles, asking);
        let scopes = request.caller.scopes;
        let (found, target) = match &params.reference {
            CompletionRef::Prompt { name } => {
                let prompt =
                    catalogue.prompt(name).filter(|prompt| may(scopes, prompt.spec().scopes)).ok_or_else(
                        || Failure::params(format!("no prompt {name:?}; prompts/list tells what there is")),
                    )?;
                (prompt.complete(&ctx, &argument.name, &argument.value, known).await?, prompt.spec().name)
            }
            CompletionRef::Resource { uri } => {
                let resource = catalogue
                    .resources()
                    .find(|one| one.spec().uri == uri && may(scopes, one.spec().scopes))
                    .ok_or_else(|| {
                        Failure::params("no such template; resources/templates/list tells what there is")
                    })?;
                (resource.complete(&ctx, &argument.name, &argument.value, known).await?, resource.spec().uri)
            }
        };
        (found, target, ctx.opened_workspace())
    };
    request.record.target = Some(target.into());
    let asked = format!("{}={}", argument.name, argument.value);
    request.record.arguments = Some(core.sealer.digest("arguments", asked.as_bytes()));
    request.record.workspace = workspace;
    let (result_type, meta) = modern(core, request);
    let completion = CompletionValues {
        has_more: found.total > found.values.len(),
        total: found.total,
        values: found.values,
    };
    let result = CompleteResult { result_type, completion, meta };
    Ok(Answered { store: Some(store), ..Answered::ok(encode_result(&request.id, &result)) })
}
