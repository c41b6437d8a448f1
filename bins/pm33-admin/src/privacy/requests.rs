//! Requests about personal data at the command line: filed, followed, checked, extended, refused, carried out.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use pm33_app::{Foundation, act};
use pm33_tenancy::{
    Administration, DataSubject, IdentityCheck, Law, PrivacyRequest, PrivacyRequests, Processing,
    ProcessingLimit, RequestId, RequestKind, RequestState, RequestSubject, Tenant, Timestamp, User,
};

use super::{
    carry_out::{copy, end, remove},
    limits::member,
};
use crate::{Setup, confirm::Yes, output, output::Paging, tenant as find_tenant};

/// A new request.
#[derive(Args)]
pub(crate) struct Filing {
    /// The tenant.
    tenant: String,
    /// access, portability, deletion, restriction or objection.
    #[arg(value_parser = kind_of)]
    kind: RequestKind,
    /// About this member; without, about the whole organisation.
    #[arg(long)]
    user: Option<String>,
    /// gdpr, ccpa or both: which clock runs.
    #[arg(long, default_value = "both", value_parser = law_of)]
    law: Law,
    /// When it came in, as an RFC 3339 time; without, now.
    #[arg(long)]
    received: Option<Timestamp>,
    /// What was asked, in the person's words.
    #[arg(long)]
    details: Option<String>,
}

/// Which requests.
#[derive(Args)]
pub(crate) struct Listing {
    /// The tenant.
    tenant: String,
    /// Only those that are open.
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    paging: Paging,
}

/// A request by its id.
#[derive(Args)]
pub(crate) struct Named {
    /// The tenant.
    pub(super) tenant: String,
    /// The request's id.
    pub(super) request: RequestId,
}

/// How identity was checked.
#[derive(Args)]
pub(crate) struct Verifying {
    #[command(flatten)]
    named: Named,
    /// `organisation`, `call_back`, `document` or `own_key`.
    #[arg(long, value_parser = check_of)]
    how: IdentityCheck,
}

/// A request and a reason.
#[derive(Args)]
pub(crate) struct Reasoned {
    #[command(flatten)]
    named: Named,
    /// The reason, as its person is told.
    #[arg(long)]
    reason: String,
}

/// A request to be carried out.
#[derive(Args)]
pub(crate) struct Completing {
    #[command(flatten)]
    named: Named,
    /// What was done, as its person is told.
    #[arg(long)]
    note: Option<String>,
    /// The new file for the copy (access, portability) or the certificate (deletion).
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    yes: Yes,
}

fn kind_of(word: &str) -> Result<RequestKind, String> {
    RequestKind::parse(word)
        .ok_or_else(|| "kinds are access, portability, deletion, restriction, objection".to_owned())
}

fn law_of(word: &str) -> Result<Law, String> {
    Law::parse(word).ok_or_else(|| "laws are gdpr, ccpa, both".to_owned())
}

fn check_of(word: &str) -> Result<IdentityCheck, String> {
    IdentityCheck::parse(word)
        .ok_or_else(|| "checks are organisation, call_back, document, own_key".to_owned())
}

/// Files a request.
pub(super) async fn file(setup: &Setup, command: Filing) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let tenant = find_tenant(&foundation, &command.tenant).await?;
    let now = foundation.clock.now();
    let session = foundation.store.operator();
    let subject = match &command.user {
        None => RequestSubject::Organisation,
        Some(handle) => {
            RequestSubject::Member(member(&session.users(tenant.id).await?, &command.tenant, handle)?.id)
        }
    };
    let request = PrivacyRequest {
        tenant: tenant.id,
        id: RequestId::new(now),
        kind: command.kind,
        subject,
        law: command.law,
        state: RequestState::Received,
        received: command.received.unwrap_or(now),
        filed_by: None,
        details: command.details.map(|text| text.trim().to_owned()),
        identity: None,
        extension: None,
        closed: None,
    };
    request.check(now)?;
    session.file_request(&request).await?;
    session.commit(act(tenant.id, "admin/privacy.request", Some(request.id.to_string()), now)).await?;
    tell(setup, &foundation, &tenant, &request).await?;
    foundation.store.close().await;
    Ok(())
}

/// Lists requests.
pub(super) async fn list(setup: &Setup, command: Listing) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let tenant = find_tenant(&foundation, &command.tenant).await?;
    let session = foundation.store.operator();
    let (all, users) = (session.privacy_requests(tenant.id).await?, session.users(tenant.id).await?);
    let now = foundation.clock.now();
    let row = |one: PrivacyRequest| {
        vec![
            one.id.to_string(),
            one.kind.as_str().to_owned(),
            whose(&one, &users),
            state(&one, now),
            one.received.to_string(),
            one.deadlines().answer.to_string(),
        ]
    };
    let kept = all.into_iter().filter(|one| !command.open || !one.is_closed());
    let headings = ["id", "kind", "whose", "state", "received", "answer by"];
    output::page(setup, &command.paging, 1, &headings, kept.map(row).collect())?;
    foundation.store.close().await;
    Ok(())
}

fn whose(request: &PrivacyRequest, users: &[User]) -> String {
    match request.subject {
        RequestSubject::Organisation => "the organisation".to_owned(),
        RequestSubject::Erased => "an erased member".to_owned(),
        RequestSubject::Member(id) => {
            users.iter().find(|one| one.id == id).map_or_else(|| id.to_string(), |one| one.handle.clone())
        }
    }
}

fn state(request: &PrivacyRequest, now: Timestamp) -> String {
    let word = request.state.as_str();
    if request.is_overdue(now) { format!("{word}, overdue") } else { word.to_owned() }
}

/// Shows a request.
pub(super) async fn show(setup: &Setup, named: &Named) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let (tenant, request) = find(&foundation, named).await?;
    tell(setup, &foundation, &tenant, &request).await?;
    foundation.store.close().await;
    Ok(())
}

/// A request of a tenant.
async fn find(foundation: &Foundation, named: &Named) -> anyhow::Result<(Tenant, PrivacyRequest)> {
    let tenant = find_tenant(foundation, &named.tenant).await?;
    let found = foundation.store.operator().privacy_request(tenant.id, named.request).await?;
    let found = found.with_context(|| {
        format!("no request {} in {}; `privacy list {}` has them", named.request, named.tenant, named.tenant)
    })?;
    Ok((tenant, found))
}

async fn tell(
    setup: &Setup,
    foundation: &Foundation,
    tenant: &Tenant,
    request: &PrivacyRequest,
) -> anyhow::Result<()> {
    let users = foundation.store.operator().users(tenant.id).await?;
    let deadlines = request.deadlines();
    let mut pairs = vec![
        ("request", request.id.to_string()),
        ("kind", request.kind.as_str().to_owned()),
        ("whose", whose(request, &users)),
        ("law", request.law.as_str().to_owned()),
        ("state", state(request, foundation.clock.now())),
        ("received", request.received.to_string()),
    ];
    pairs.extend(deadlines.confirm.map(|at| ("confirm by", at.to_string())));
    pairs.push(("answer by", deadlines.answer.to_string()));
    if let Some((how, at)) = request.identity {
        pairs.push(("identity", format!("{} at {at}", how.as_str())));
    }
    pairs.extend(request.details.clone().map(|text| ("details", text)));
    if let Some(extension) = &request.extension {
        pairs.push(("extended", extension.at.to_string()));
        pairs.extend(extension.reason.clone().map(|text| ("because", text)));
    }
    if let Some(closed) = &request.closed {
        pairs.push(("closed", closed.at.to_string()));
        pairs.extend(closed.note.clone().map(|text| ("note", text)));
    }
    output::done(setup, &pairs);
    Ok(())
}

/// Changes a request under a rule and tells how it stands.
async fn change(
    setup: &Setup,
    named: &Named,
    name: &'static str,
    rule: impl FnOnce(&mut PrivacyRequest, Timestamp) -> Result<(), pm33_tenancy::TenancyError>,
) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let (tenant, mut request) = find(&foundation, named).await?;
    let now = foundation.clock.now();
    rule(&mut request, now)?;
    keep(&foundation, &tenant, &request, name, now).await?;
    tell(setup, &foundation, &tenant, &request).await?;
    foundation.store.close().await;
    Ok(())
}

async fn keep(
    foundation: &Foundation,
    tenant: &Tenant,
    request: &PrivacyRequest,
    name: &'static str,
    now: Timestamp,
) -> anyhow::Result<()> {
    let session = foundation.store.operator();
    session.put_request(request).await?;
    session.commit(act(tenant.id, name, Some(request.id.to_string()), now)).await?;
    Ok(())
}

/// Notes a check of identity.
pub(super) async fn verify(setup: &Setup, command: Verifying) -> anyhow::Result<()> {
    let how = command.how;
    change(setup, &command.named, "admin/privacy.identity", |request, now| request.verify(how, now)).await
}

/// Takes the longer deadline.
pub(super) async fn extend(setup: &Setup, command: Reasoned) -> anyhow::Result<()> {
    let reason = command.reason;
    change(setup, &command.named, "admin/privacy.extend", |request, now| request.extend(&reason, now)).await
}

/// Refuses.
pub(super) async fn refuse(setup: &Setup, command: Reasoned) -> anyhow::Result<()> {
    let reason = command.reason;
    change(setup, &command.named, "admin/privacy.refuse", |request, now| request.refuse(&reason, now)).await
}

/// Carries a request out.
pub(super) async fn complete(setup: &Setup, command: Completing) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let (tenant, mut request) = find(&foundation, &command.named).await?;
    request.may_complete()?;
    let member = match request.subject {
        RequestSubject::Member(user) => Some(user),
        RequestSubject::Organisation => None,
        RequestSubject::Erased if request.kind == RequestKind::Deletion => {
            let done = end(setup, &foundation, tenant.id, command.out.as_deref()).await?;
            return close(setup, &foundation, &tenant, request, command.note.as_deref().unwrap_or(&done))
                .await;
        }
        RequestSubject::Erased => bail!("the member of this request was erased already"),
    };
    let whose = member.map_or(DataSubject::Organisation, DataSubject::Member);
    let file = || {
        command.out.as_deref().with_context(|| {
            format!(
                "--out: name the new file for {}",
                match request.kind {
                    RequestKind::Deletion => "the certificate",
                    _ => "the copy",
                }
            )
        })
    };
    let done = match request.kind {
        RequestKind::Restriction | RequestKind::Objection => {
            let limit = if request.kind == RequestKind::Restriction {
                ProcessingLimit::Restricted
            } else {
                ProcessingLimit::Objected
            };
            let (session, now) = (foundation.store.operator(), foundation.clock.now());
            session.limit_processing(tenant.id, member, limit, now).await?;
            session
                .commit(act(tenant.id, "admin/privacy.limit", Some(limit.as_str().to_owned()), now))
                .await?;
            "stored and shown, kept from language models and metrics".to_owned()
        }
        RequestKind::Access | RequestKind::Portability => {
            copy(&foundation, tenant.id, whose, file()?).await?
        }
        RequestKind::Deletion => {
            let file = file()?;
            command.yes.to(&format!(
                "{} is erased for good",
                match member {
                    Some(_) => "this member",
                    None => "this whole organisation, with all its workspaces,",
                }
            ))?;
            remove(setup, &foundation, tenant.id, whose, file).await?
        }
    };
    // What an erasure took out of the request stays out.
    if request.kind == RequestKind::Deletion {
        let again = foundation.store.operator().privacy_request(tenant.id, request.id).await?;
        request = again.context("the request is gone")?;
    }
    close(setup, &foundation, &tenant, request, command.note.as_deref().unwrap_or(&done)).await
}

/// Notes that a request was carried out, and tells it.
async fn close(
    setup: &Setup,
    foundation: &Foundation,
    tenant: &Tenant,
    mut request: PrivacyRequest,
    note: &str,
) -> anyhow::Result<()> {
    let now = foundation.clock.now();
    request.complete(note, now)?;
    keep(foundation, tenant, &request, "admin/privacy.complete", now).await?;
    tell(setup, foundation, tenant, &request).await?;
    foundation.store.close().await;
    Ok(())
}
