//! Legacy `initialize`: agrees on a revision and opens a session.

use pm33_admission::{AdmissionError, SessionId, SessionRecord};
use pm33_protocol::{
    Era, Revision, encode_result,
    wire::{InitializeParams, InitializeResult},
};

use super::{Answered, discover};
use crate::{boundary, failure::Failure, request::Request, server::Core};

/// Longest text that is kept of what a client says about itself.
const KEPT: usize = 4_096;

pub(super) async fn initialize(core: &Core, request: &mut Request) -> Result<Answered, Failure> {
    let params: InitializeParams = request.need()?;
    let revision = Revision::parse(&params.protocol_version)
        .filter(|revision| revision.era() == Era::Legacy)
        .unwrap_or(Revision::LEGACY_NEWEST);
    request.revision = revision;
    let client = params.client_info.map(|info| format!("{}/{}", info.name, info.version)).unwrap_or_default();
    let capabilities = serde_json::to_string(&params.capabilities).unwrap_or_default();
    if client.len() > KEPT || capabilities.len() > KEPT {
        return Err(Failure::params(format!(
            "clientInfo and capabilities must be at most {KEPT} bytes each"
        )));
    }
    if request.record.client.agent.is_none() && !client.is_empty() {
        request.record.client.agent = Some(boundary::clean_name(&client).into());
    }
    let record = SessionRecord {
        id: SessionId::random(),
        tenant: request.caller.tenant,
        principal: request.caller.principal().into_owned(),
        revision: revision.as_str().to_owned(),
        capabilities,
        client,
        opened: request.now,
        used: request.now,
    };
    let id = record.id.as_str().to_owned();
    core.sessions.open(record, request.caller.settings.sessions_max).await.map_err(|error| match error {
        AdmissionError::Unavailable(cause) => {
            tracing::error!(error = &*cause as &dyn std::error::Error, "a session cannot be stored");
            Failure::Unavailable("sessions cannot be opened now; try again shortly".to_owned())
        }
        other => Failure::Unavailable(other.to_string()),
    })?;
    let result = InitializeResult {
        protocol_version: revision.as_str(),
        capabilities: discover::capabilities(core, Era::Legacy),
        server_info: core.implementation(),
        instructions: Some(core.options.instructions.as_str()).filter(|text| !text.is_empty()),
    };
    Ok(Answered { session: Some(id), ..Answered::ok(encode_result(&request.id, &result)) })
}
