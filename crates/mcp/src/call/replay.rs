//! Stage: has this idempotency key been answered before? Then the first answer again.

use pm33_admission::{AdmissionError, IdempotencyStore, Remembered, ReplayScope, check_key};
use pm33_tenancy::{Digest, Timestamp};
use pm33_tools::{Cost, ToolEntry};
use serde_json::{Value, value::RawValue};
use sha2::{Digest as _, Sha256};

use crate::{failure::Failure, request::Request, server::Core};

/// A call that is to be remembered.
pub(crate) struct Replay {
    pub(crate) scope: ReplayScope,
    arguments: Digest,
}

/// Why a call cannot go on.
pub(crate) enum Refusal {
    /// Words for the model.
    Words(String),
    /// The store failed.
    Lost(Failure),
}

impl From<AdmissionError> for Refusal {
    fn from(error: AdmissionError) -> Self {
        match error {
            AdmissionError::Unavailable(cause) => {
                tracing::error!(
                    error = &*cause as &dyn std::error::Error,
                    "the idempotency record cannot be used"
                );
                Self::Lost(Failure::Unavailable("the data store is unavailable; repeat the call".to_owned()))
            }
            other => Self::Words(other.to_string()),
        }
    }
}

/// The key of a writing or paid call, from its arguments, its metadata or its header; a dry run is never remembered.
pub(crate) fn prepare(
    tool: &ToolEntry,
    arguments: &Value,
    request: &Request,
) -> Result<Option<Replay>, String> {
    // A read is made again for nothing, but one that is paid for.
    let is_free_read = tool.spec.effect.is_read() && tool.spec.cost != Cost::Credits;
    if is_free_read || arguments.get("dry_run") == Some(&Value::Bool(true)) {
        return Ok(None);
    }
    let argument = arguments.get("idempotency_key").and_then(Value::as_str);
    let meta = request.meta.idempotency_key.as_deref();
    let header = request.idempotency_key.as_deref();
    let Some(key) = argument.or(meta).or(header) else { return Ok(None) };
    if [meta, header].into_iter().flatten().any(|other| other != key) {
        return Err(
            "different idempotency keys came as argument, in _meta and in the Idempotency-Key header; send one"
                .to_owned(),
        );
    }
    check_key(key).map_err(|error| error.to_string())?;
    let mut rest = arguments.clone();
    if let Some(map) = rest.as_object_mut() {
        map.shift_remove("idempotency_key");
    }
    rest.sort_all_objects();
    let mut hash = Sha256::new();
    hash.update(rest.to_string());
    Ok(Some(Replay {
        scope: ReplayScope {
            tenant: request.caller.tenant,
            principal: request.caller.principal(),
            tool: tool.spec.name.to_owned(),
            key: key.to_owned(),
        },
        arguments: Digest(hash.finalize().into()),
    }))
}

/// The first answer, if there is one for these arguments.
pub(crate) async fn find(
    store: &dyn IdempotencyStore,
    replay: &Replay,
    now: Timestamp,
) -> Result<Option<String>, Refusal> {
    match store.find(&replay.scope).await?.filter(|first| now < first.expires) {
        None => Ok(None),
        Some(first) => Ok(Some(first.replay(&replay.arguments)?)),
    }
}

/// Remembers the answer in the call's unit of work.
pub(crate) async fn remember(
    core: &Core,
    store: &dyn IdempotencyStore,
    replay: &Replay,
    answer: &RawValue,
    request: &Request,
) -> Result<(), Refusal> {
    let call = Remembered {
        arguments: replay.arguments,
        answer: answer.get().to_owned(),
        at: request.now,
        expires: request.now.plus(core.options.idempotency_life),
    };
    Ok(store.record(&replay.scope, &call).await?)
}
