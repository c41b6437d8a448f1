//! Stage: has this call been answered before? Then the first answer again. A call is known by its idempotency key; one that
//! was paid for and came without a key, by its arguments, for a minute: a client that lost the answer asks once more.

use std::time::Duration;

use pm33_admission::{AdmissionError, IdempotencyStore, Remembered, ReplayScope, check_key};
use pm33_tenancy::{Digest, Timestamp};
use pm33_tools::{Cost, ToolEntry};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::{failure::Failure, request::Request, server::Core};

/// How long a paid answer is given again to the same arguments without a key.
const LOST: Duration = Duration::from_mins(1);

/// A call that is to be remembered.
pub(crate) struct Replay {
    pub(crate) scope: ReplayScope,
    arguments: Digest,
    known_by: KnownBy,
}

/// What tells that a call is the same.
#[derive(Clone, Copy, PartialEq, Eq)]
enum KnownBy {
    /// The key that the client sent.
    Key,
    /// Its arguments, as long as nothing in the tenant's workspaces has changed.
    Arguments,
}

impl Replay {
    /// Whether calls that come side by side wait for the first: their client says that they are one.
    pub(crate) fn takes_turns(&self) -> bool {
        self.known_by == KnownBy::Key
    }
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
    answers: Option<&Map<String, Value>>,
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
    let given = argument.or(meta).or(header);
    if given.is_none() && tool.spec.cost != Cost::Credits {
        return Ok(None);
    }
    if [meta, header].into_iter().flatten().any(|other| given != Some(other)) {
        return Err(
            "different idempotency keys came as argument, in _meta and in the Idempotency-Key header; send one"
                .to_owned(),
        );
    }
    given.map_or(Ok(()), check_key).map_err(|error| error.to_string())?;
    let mut rest = arguments.clone();
    if let Some(map) = rest.as_object_mut() {
        map.shift_remove("idempotency_key");
    }
    rest.sort_all_objects();
    let mut hash = Sha256::new();
    hash.update(rest.to_string());
    if let (None, Some(answers)) = (given, answers) {
        // Other answers to the tool's questions are another call.
        let mut answers = Value::Object(answers.clone());
        answers.sort_all_objects();
        hash.update(answers.to_string());
    }
    Ok(Some(Replay {
        scope: ReplayScope {
            tenant: request.caller.tenant,
            principal: request.caller.principal().into_owned(),
            tool: tool.spec.name.to_owned(),
            key: given.unwrap_or_default().to_owned(),
        },
        arguments: Digest(hash.finalize().into()),
        known_by: given.map_or(KnownBy::Arguments, |_| KnownBy::Key),
    }))
}

/// Names a call that came without a key by its arguments and by what they are asked of. No client can send such a name:
/// it has spaces.
pub(crate) async fn name(store: &dyn IdempotencyStore, replay: &mut Replay) -> Result<(), Refusal> {
    if replay.known_by == KnownBy::Arguments {
        let version = store.data_version(replay.scope.tenant).await?;
        replay.scope.key = format!("same arguments {} at {version}", replay.arguments);
    }
    Ok(())
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
    answer: &str,
    request: &Request,
) -> Result<(), Refusal> {
    let (at, expires) = match replay.known_by {
        KnownBy::Key => (request.now, request.now.plus(core.options.idempotency_life)),
        // What cost nothing may be asked again for nothing.
        KnownBy::Arguments if !request.owed.is_any() => return Ok(()),
        // The minute begins when the answer leaves.
        KnownBy::Arguments => {
            let now = core.clock.now();
            (now, now.plus(LOST))
        }
    };
    let call = Remembered { arguments: replay.arguments, answer: answer.to_owned(), at, expires };
    match store.record(&replay.scope, &call).await {
        // Calls that came side by side, each paid for and each answered.
        Err(AdmissionError::RecordedMeanwhile) if replay.known_by == KnownBy::Arguments => Ok(()),
        recorded => Ok(recorded?),
    }
}
