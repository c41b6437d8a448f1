//! What every request passes before its method is asked: its era, the era's checks, the limit, the boundary of its texts.

use std::sync::Arc;

use pm33_protocol::{Era, ParamsHead, RawMeta, RequestMeta, Revision, codes, methods as names};
use serde_json::value::RawValue;

use crate::{
    Carrier, Class, boundary, call::limit, dispatch, era, failure::Failure, methods, request::Request,
    server::Core,
};

/// The era of a request, and what the era asks of its metadata and header.
async fn check(
    core: &Core,
    request: &mut Request,
    params: Option<&RawValue>,
    carrier: &Carrier,
) -> Result<(), Failure> {
    let bad = |why: &'static str| Failure::Defects {
        class: Class::BadMetadata,
        code: codes::INVALID_PARAMS,
        message: why.to_owned(),
        defects: vec![serde_json::json!({ "meta": "_meta", "problem": why })],
    };
    let head = ParamsHead::find(params).map_err(bad)?;
    let meta = head.meta().map_err(bad)?;
    if era::of_request(carrier, meta.as_ref()) == Era::Modern {
        let modern = era::check_modern(carrier, &request.method, &head, meta.as_ref())?;
        request.revision = modern.revision;
        request.meta = modern.meta;
        request.capabilities = request.meta.capabilities.take().unwrap_or_default();
        return Ok(());
    }
    Box::pin(legacy(core, request, carrier, meta.as_ref())).await
}

/// Era, the era's checks, and the limit.
pub(crate) async fn admit(core: &Core, request: &mut Request, carrier: &Carrier) -> Result<(), Failure> {
    let params = request.params.take();
    check(core, request, params.as_deref(), carrier).await?;
    request.params = params;
    if let Some(sent) = &request.meta.traceparent
        && let Some(valid) = valid_traceparent(sent.as_bytes())
    {
        request.record.traceparent = Some(valid);
    } else if let Carrier::Http(fields) = carrier {
        // The state belongs to its parent: the header's to the header's.
        let sent = fields.tracestate.as_deref().and_then(|sent| str::from_utf8(sent).ok());
        request.meta.tracestate = sent.map(str::to_owned);
    }
    if let Some(client) = &request.meta.client
        && request.record.client.agent.is_none()
    {
        request.record.client.agent = Some(boundary::clean_name(client).into());
    }
    if core.draining.is_cancelled() {
        return Err(Failure::Unavailable(
            "the server is shutting down; another will answer a retry".to_owned(),
        ));
    }
    if !era::knows(request.era(), &request.method) {
        return Err(Failure::UnknownMethod(request.method.clone()));
    }
    limit::limit(core, request).await?;
    if let Some(params) = request.params.take() {
        let (params, removed) = boundary::clean_params(params)?;
        request.params = Some(params);
        request.record.removed = removed.total();
        request.record.smuggled = removed.tag_characters;
    }
    Ok(())
}

async fn legacy(
    core: &Core,
    request: &mut Request,
    carrier: &Carrier,
    meta: Option<&RawMeta<'_>>,
) -> Result<(), Failure> {
    let (read, defects) = RequestMeta::read_legacy(meta);
    if let Some(defect) = defects.first() {
        return Err(Failure::params(format!("_meta.{} {}", defect.key, defect.why)));
    }
    request.meta = read;
    if let Carrier::Http(fields) = carrier
        && let Some(version) = era::header_version(fields)
        && Revision::parse(&version).is_none()
    {
        return Err(Failure::Defects {
            class: Class::Version,
            code: codes::INVALID_REQUEST,
            message: format!("MCP-Protocol-Version {version:?} is not served; initialize to agree on one"),
            defects: vec![
                serde_json::json!({ "header": "MCP-Protocol-Version", "problem": "is not served" }),
            ],
        });
    }
    if request.method == names::INITIALIZE {
        return Ok(());
    }
    let Some(session) = dispatch::session_of(carrier) else {
        return match carrier {
            // A process serves messages before its handshake, as other servers do.
            Carrier::Stdio { .. } => Ok(()),
            Carrier::Http(_) => Err(Failure::SessionNeeded),
        };
    };
    let record =
        methods::session::resume(core, &request.caller, &session).await?.ok_or(Failure::SessionUnknown)?;
    request.revision = Revision::parse(&record.revision).unwrap_or(Revision::LEGACY_NEWEST);
    request.capabilities = serde_json::from_str(&record.capabilities).unwrap_or_default();
    if request.record.client.agent.is_none() && !record.client.is_empty() {
        request.record.client.agent = Some(record.client.as_str().into());
    }
    request.session = Some(session);
    Ok(())
}

/// A W3C trace parent, when it has the form of one.
pub(crate) fn valid_traceparent(sent: &[u8]) -> Option<Arc<str>> {
    let text = str::from_utf8(sent).ok()?;
    let parts: Vec<_> = text.split('-').map(str::len).collect();
    let hex = text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    (parts == [2, 32, 16, 2] && hex).then(|| text.into())
}
