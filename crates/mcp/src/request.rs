//! One request on its way: who, in which era, with what beside it.

use pm33_admission::Turn;
use pm33_auth::Caller;
use pm33_protocol::{Era, RequestId, RequestMeta, Revision, wire::CallParams};
use pm33_tenancy::Timestamp;
use pm33_text::Detection;
use serde_json::value::RawValue;

use crate::{
    call::{injection::Spoken, settle::Owed},
    record::Record,
};

/// A request whose era is known.
pub(crate) struct Request {
    pub(crate) id: RequestId,
    pub(crate) method: String,
    pub(crate) params: Option<Box<RawValue>>,
    /// Parameters of `tools/call`, read.
    pub(crate) call: Option<CallParams>,
    pub(crate) caller: Caller,
    pub(crate) revision: Revision,
    pub(crate) meta: RequestMeta,
    /// Client capabilities: of the request, or of the session.
    pub(crate) capabilities: serde_json::Map<String, serde_json::Value>,
    /// Legacy session.
    pub(crate) session: Option<String>,
    /// Whether the process is the client's own (stdio).
    pub(crate) place: Place,
    /// `Idempotency-Key`.
    pub(crate) idempotency_key: Option<String>,
    pub(crate) now: Timestamp,
    pub(crate) record: Record,
    /// `RateLimit-Policy` and `RateLimit`.
    pub(crate) rate_limit: Option<(String, String)>,
    /// What its questions to language models cost.
    pub(crate) owed: Owed,
    /// The right to work on its idempotency key; kept until its unit of work is committed, so that whoever waits finds
    /// the answer.
    pub(crate) turn: Option<Box<Turn>>,
    /// What was found in the texts of a call that went on.
    pub(crate) flagged: Option<Detection>,
    /// What was found in stored texts on their way to a model, until it is told.
    pub(crate) spoken: Option<Box<Spoken>>,
}

/// Where a request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// HTTP.
    Http,
    /// stdin.
    Stdio,
}

impl Request {
    pub(crate) fn era(&self) -> Era {
        self.revision.era()
    }

    /// The parameters as a typed value.
    pub(crate) fn read<'a, T: serde::Deserialize<'a> + Default>(
        &'a self,
    ) -> Result<T, crate::failure::Failure> {
        match &self.params {
            None => Ok(T::default()),
            Some(raw) => parse(raw),
        }
    }

    /// The parameters as a typed value that cannot be absent.
    pub(crate) fn need<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, crate::failure::Failure> {
        match &self.params {
            None => Err(crate::failure::Failure::params(format!("{} needs params", self.method))),
            Some(raw) => parse(raw),
        }
    }
}

fn parse<'a, T: serde::Deserialize<'a>>(raw: &'a RawValue) -> Result<T, crate::failure::Failure> {
    serde_json::from_str(raw.get()).map_err(|error| {
        // serde's words name the field; its position inside our copy means nothing to the client.
        let text = error.to_string();
        let words = text.split(" at line ").next().unwrap_or("malformed");
        crate::failure::Failure::params(format!("params: {words}"))
    })
}
