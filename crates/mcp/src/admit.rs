//! What every request passes before its method is asked: its era, the era's checks, the limit, the boundary of its texts.

use std::sync::Arc;

use pm33_protocol::{Era, ParamsHead, RawMeta, RequestMeta, Revision, codes, methods as names};

use crate::{
    Carrier, Class, boundary, call::limit, dispatch, era, failure::Failure, methods, request::Request,
    server::Core,
};

/// The era of a request, and what the era asks of its metadata and header.
async fn check(
    core: &Core,
    request: &mut Request,
    head: &ParamsHead<'_>,
    carrier: &Carrier,
) -> Result<(), Failure> {
    let text = head.meta_text();
    let (read, defects) = if let Some(known) = text.and_then(|text| core.known_meta.recall(text)) {
        (known, Vec::new())
    } else {
        let meta = head.meta().map_err(bad)?;
        if era::of_request(carrier, meta.as_ref()) == Era::Legacy {
            return Box::pin(legacy(core, request, carrier, meta.as_ref())).await;
        }
        let (read, defects) = RequestMeta::read(meta.as_ref());
        if let (Some(text), []) = (text, &defects[..]) {
            core.known_meta.keep(text, &read);
        }
        (read, defects)
    };
    request.revision = era::check_modern(carrier, &request.method, head, &read, &defects)?;
    request.meta = read;
    request.capabilities = request.meta.capabilities.take().unwrap_or_default();
    Ok(())
}

/// Era, the era's checks, and the limit.
pub(crate) async fn admit(core: &Core, request: &mut Request, carrier: &Carrier) -> Result<(), Failure> {
    let params = request.params.take();
    let head = ParamsHead::find(params.as_deref()).map_err(bad)?;
    check(core, request, &head, carrier).await?;
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
    let Some(raw) = params.as_deref() else { return Ok(()) };
    // What was read of parameters that are clean needs no second look.
    let is_call = request.method == names::TOOLS_CALL;
    if let Some((cleaned, removed)) = boundary::clean_params(raw)? {
        request.record.removed = removed.total();
        request.record.smuggled = removed.tag_characters;
        request.call = if is_call { ParamsHead::find(Some(&cleaned)).map_err(bad)?.call() } else { None };
        request.params = Some(cleaned);
    } else {
        request.call = if is_call { head.call() } else { None };
        request.params = params;
    }
    Ok(())
}

fn bad(why: &'static str) -> Failure {
    Failure::Defects {
        class: Class::BadMetadata,
        code: codes::INVALID_PARAMS,
        message: why.to_owned(),
        defects: vec![serde_json::json!({ "meta": "_meta", "problem": why })],
    }
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
