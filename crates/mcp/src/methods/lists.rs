//! Lists of tools, resources, templates and prompts: what this caller may use, in a fixed order, page by page.

use std::sync::Arc;

use pm33_auth::{Scope, ScopeSet};
use pm33_protocol::{
    Era, encode_result,
    wire::{
        Cache, ListParams, ListResult, PromptArgumentEntry, PromptEntry, ResourceEntry, TemplateEntry,
        ToolAnnotations, ToolEntry,
    },
};
use pm33_tools::{Effect, Handles, ResourceSpec, VIEW_MIME};

use super::{Answered, Asking, context};
use crate::{
    extensions::{shows_views, view_link},
    failure::Failure,
    handles::CallerHandles,
    request::Request,
    server::Core,
};

/// How long a client may keep a list: lists vary with the key's scopes, so not longer than a revocation may take.
const TTL_MS: u64 = 1_000;

/// Whether a caller holds what an entry needs.
pub(super) fn may(held: ScopeSet, needed: &[Scope]) -> bool {
    held.contains(needed.iter().copied().collect::<ScopeSet>().with(Scope::Enabled))
}

fn page<'a, T>(
    core: &'a Core,
    request: &Request,
    key: &'static str,
    mut entries: Vec<T>,
) -> Result<ListResult<'a, T>, Failure> {
    let params: ListParams = request.read()?;
    let handles =
        CallerHandles::new(Arc::clone(&core.sealer), &request.caller, request.now, core.options.cursor_life);
    let binding = request.caller.scopes.to_string();
    let start = match params.cursor {
        None => 0,
        Some(cursor) => {
            let bytes = handles.open(key, binding.as_bytes(), &cursor).map_err(|_| {
                Failure::params(
                    "cursor is not one that this server gave you for this list; start without one",
                )
            })?;
            bytes.try_into().map(u64::from_be_bytes).map_err(|_| Failure::params("cursor is malformed"))?
        }
    };
    let start = usize::try_from(start).unwrap_or(usize::MAX).min(entries.len());
    let end = start.saturating_add(core.options.list_page).min(entries.len());
    let next =
        (end < entries.len()).then(|| handles.seal(key, binding.as_bytes(), &(end as u64).to_be_bytes()));
    entries.truncate(end);
    entries.drain(..start);
    let modern = request.era() == Era::Modern;
    Ok(ListResult {
        key,
        entries,
        next,
        cache: modern.then_some(Cache::private(TTL_MS)),
        meta: modern.then_some(&core.server_meta),
    })
}

pub(super) fn tools(core: &Core, request: &Request) -> Result<Answered, Failure> {
    let catalogue = core.catalogue.load();
    let shows = shows_views(&request.capabilities);
    let entries = catalogue
        .tools()
        .iter()
        .filter(|tool| request.caller.scopes.contains(tool.spec.scope_set()))
        .map(|tool| ToolEntry {
            name: tool.spec.name,
            title: tool.spec.title,
            description: tool.spec.description,
            input_schema: &tool.input_schema,
            output_schema: tool.output_schema.as_deref(),
            annotations: ToolAnnotations {
                title: tool.spec.title,
                read_only_hint: tool.spec.effect == Effect::Read,
                destructive_hint: tool.spec.effect == Effect::Destroy,
                idempotent_hint: matches!(tool.spec.effect, Effect::Read | Effect::Update | Effect::Destroy),
                open_world_hint: false,
            },
            meta: tool.view.filter(|_| shows).map(view_link),
        })
        .collect();
    Ok(Answered::ok(encode_result(&request.id, &page(core, request, "tools", entries)?)))
}

pub(super) async fn resources(
    core: &Arc<Core>,
    request: &Request,
    asking: &Asking<'_>,
) -> Result<Answered, Failure> {
    let catalogue = core.catalogue.load_full();
    let store = core.stores.open(&request.caller);
    let link = asking.link(core, request, "resources/list", "", None, None)?;
    let handles =
        CallerHandles::new(Arc::clone(&core.sealer), &request.caller, request.now, core.options.cursor_life);
    let ctx = context(core, request, &*store, &link, &handles, asking);
    let mut entries = Vec::new();
    // A page is of no use to who cannot show it; asked for by its name it is there all the same.
    let shows = shows_views(&request.capabilities);
    let told =
        |spec: &ResourceSpec| may(request.caller.scopes, spec.scopes) && (shows || spec.mime != VIEW_MIME);
    for resource in catalogue.resources().filter(|one| told(one.spec())) {
        let (spec, meta) = (*resource.spec(), resource.meta());
        entries.extend(resource.list(&ctx).await?.into_iter().map(|entry| ResourceEntry {
            uri: entry.uri,
            name: entry.name,
            title: entry.title,
            description: spec.description,
            mime_type: spec.mime,
            meta: meta.clone(),
        }));
    }
    Ok(Answered::ok(encode_result(&request.id, &page(core, request, "resources", entries)?)))
}

pub(super) fn templates(core: &Core, request: &Request) -> Result<Answered, Failure> {
    let catalogue = core.catalogue.load();
    let entries = catalogue
        .resources()
        .map(|resource| resource.spec())
        .filter(|spec| spec.is_template() && may(request.caller.scopes, spec.scopes))
        .map(|spec| TemplateEntry {
            uri_template: spec.uri,
            name: spec.name,
            title: spec.title,
            description: spec.description,
            mime_type: spec.mime,
        })
        .collect();
    Ok(Answered::ok(encode_result(&request.id, &page(core, request, "resourceTemplates", entries)?)))
}

pub(super) fn prompts(core: &Core, request: &Request) -> Result<Answered, Failure> {
    let catalogue = core.catalogue.load();
    let argument = |one: &pm33_tools::PromptArgument| PromptArgumentEntry {
        name: one.name,
        description: one.description,
        required: one.required,
    };
    let entries = catalogue
        .prompts()
        .iter()
        .map(|prompt| prompt.spec())
        .filter(|spec| may(request.caller.scopes, spec.scopes))
        .map(|spec| PromptEntry {
            name: spec.name,
            title: spec.title,
            description: spec.description,
            arguments: spec.arguments.iter().map(argument).collect(),
        })
        .collect();
    Ok(Answered::ok(encode_result(&request.id, &page(core, request, "prompts", entries)?)))
}
