//! `pm33_privacy_request`: files a request about the caller's own data or the organisation's, and follows it.

use pm33_auth::Scope;
use pm33_tenancy::{
    IdentityCheck, Law, PrivacyRequest, PrivacyRequests, Processing, ProcessingLimit, RequestId, RequestKind,
    RequestState, RequestSubject, Role, Timestamp, WorkspaceAccess,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Cost, Effect, Tool, ToolContext, ToolError, ToolSpec};

/// File and follow privacy requests.
pub(super) struct FilePrivacyRequest;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// What to do; `list` follows what was filed and writes nothing.
    action: Action,
    /// For `file`: what is asked for.
    kind: Option<RequestKind>,
    /// For `file`: whose data it is about.
    #[serde(default)]
    whose: Whose,
    /// For `file`: what is asked in the person's own words, 1 to 2,000 characters.
    #[schemars(length(min = 1, max = 2_000))]
    details: Option<String>,
    /// For `file`: which law's clock runs; `both` takes whichever ends first.
    #[serde(default)]
    law: Law,
    /// For `withdraw`: the request's id.
    request: Option<RequestId>,
    /// Check everything and say what would be done, and write nothing.
    #[serde(default)]
    dry_run: bool,
    /// Any text of 1 to 128 visible characters. Repeating the call with the same key gives the first answer again.
    #[schemars(length(min = 1, max = 128))]
    #[expect(dead_code, reason = "read by the server before the tool runs")]
    idempotency_key: Option<String>,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
    /// File a request.
    File,
    /// Follow requests.
    List,
    /// Take an open request back.
    Withdraw,
}

/// Whose data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Whose {
    /// The member's whose key calls.
    #[default]
    Mine,
    /// The whole organisation's; for its administrators.
    Organisation,
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// What was done.
    action: Done,
    /// The requests: the one that was filed or taken back, or all that the caller may follow, newest first.
    requests: Vec<Shown>,
    /// What happens next, for a person.
    next: String,
}

/// What a call did.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Done {
    /// Filed.
    Filed,
    /// Taken back.
    Withdrawn,
    /// Listed.
    Listed,
    /// Nothing was written.
    DryRun,
}

/// A request.
#[derive(Serialize, JsonSchema)]
struct Shown {
    /// Identifier; absent for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<RequestId>,
    /// What is asked for.
    kind: RequestKind,
    /// `mine`, `organisation`, or `another_member` for administrators.
    whose: &'static str,
    /// How far it is.
    state: RequestState,
    /// When it came in.
    received: Timestamp,
    /// Receipt is confirmed until then; absent where no law asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirm_by: Option<Timestamp>,
    /// It is answered until then.
    answer_by: Timestamp,
    /// Whether it is open past its deadline.
    overdue: bool,
    /// How it was checked that the right person asks; absent until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<IdentityCheck>,
    /// Why it takes longer, if it was extended.
    #[serde(skip_serializing_if = "Option::is_none")]
    extension: Option<String>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<Timestamp>,
    /// What was done, or why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl Shown {
    fn of(request: &PrivacyRequest, ctx: &ToolContext<'_>) -> Self {
        let deadlines = request.deadlines();
        Self {
            id: Some(request.id),
            kind: request.kind,
            whose: match request.subject {
                RequestSubject::Organisation => "organisation",
                RequestSubject::Member(user) if user == ctx.caller.user => "mine",
                RequestSubject::Member(_) | RequestSubject::Erased => "another_member",
            },
            state: request.state,
            received: request.received,
            confirm_by: deadlines.confirm,
            answer_by: deadlines.answer,
            overdue: request.is_overdue(ctx.now),
            identity: request.identity.map(|(how, _)| how),
            extension: request.extension.as_ref().and_then(|one| one.reason.clone()),
            closed: request.closed.as_ref().map(|one| one.at),
            note: request.closed.as_ref().and_then(|one| one.note.clone()),
        }
    }
}

impl Tool for FilePrivacyRequest {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_privacy_request",
        title: "File and follow a privacy request",
        description: "Files a request about personal data and follows it: access or portability (a copy), deletion, restriction or objection \
            (no language model sees the data). It is about the member whose key calls, or, for administrators, the whole \
            organisation. Answers say until when the operator must answer. A member's own restriction or objection holds at \
            once; everything else is carried out by the operator after a check of identity. Only file what a person asked for.",
        scopes: &[Scope::PrivacyWrite],
        effect: Effect::Create,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str =
        r#"{"action":"file","kind":"access","details":"A copy of what is kept of me.","dry_run":true}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        match input.action {
            Action::List => list(ctx).await,
            Action::File => file(ctx, input).await,
            Action::Withdraw => withdraw(ctx, &input).await,
        }
    }
}

/// Whether the caller answers for the organisation: a member of the whole of it, or an administrator of a workspace.
fn is_administrator(ctx: &ToolContext<'_>) -> bool {
    ctx.caller.roles.is_empty() || ctx.caller.roles.iter().any(|(_, role)| *role == Role::Admin)
}

/// Whether the caller speaks for the whole organisation: an administrator whose reach no workspace narrows.
fn speaks_for_all(ctx: &ToolContext<'_>) -> bool {
    is_administrator(ctx) && matches!(ctx.caller.workspaces, WorkspaceAccess::All)
}

/// Whether the request is the caller's to take back: their own, or the organisation's of who speaks for it.
fn may_withdraw(ctx: &ToolContext<'_>, request: &PrivacyRequest) -> bool {
    match request.subject {
        RequestSubject::Member(user) => user == ctx.caller.user,
        RequestSubject::Organisation => speaks_for_all(ctx),
        RequestSubject::Erased => false,
    }
}

fn may_follow(ctx: &ToolContext<'_>, request: &PrivacyRequest) -> bool {
    request.subject == RequestSubject::Member(ctx.caller.user) || is_administrator(ctx)
}

async fn visible(ctx: &ToolContext<'_>) -> Result<Vec<PrivacyRequest>, ToolError> {
    let mut all = PrivacyRequests::privacy_requests(ctx.ports, ctx.caller.tenant).await?;
    all.retain(|one| may_follow(ctx, one));
    Ok(all)
}

async fn list(ctx: &ToolContext<'_>) -> Result<Output, ToolError> {
    let requests: Vec<_> = visible(ctx).await?.iter().map(|one| Shown::of(one, ctx)).collect();
    let open = requests.iter().filter(|one| one.closed.is_none()).count();
    Ok(Output { action: Done::Listed, next: format!("{open} of {} are open", requests.len()), requests })
}

async fn file(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
    let kind = input.kind.ok_or_else(|| {
        ToolError::refused(
            "kind: say what is asked for: access, portability, deletion, restriction or objection",
        )
    })?;
    let subject = match input.whose {
        Whose::Mine => RequestSubject::Member(ctx.caller.user),
        Whose::Organisation if speaks_for_all(ctx) => RequestSubject::Organisation,
        Whose::Organisation => {
            return Err(ToolError::refused(
                "whose: only administrators, with a key that is not narrowed to workspaces, file requests for the whole \
                 organisation; `mine` is about yourself",
            ));
        }
    };
    let open = visible(ctx)
        .await?
        .into_iter()
        .find(|one| !one.is_closed() && (one.kind, one.subject) == (kind, subject));
    if let Some(open) = open {
        return Err(ToolError::refused(format!(
            "such a request is open already: {}, to be answered by {}; follow it with action list, or take it back with \
             action withdraw",
            open.id,
            open.deadlines().answer
        )));
    }
    let mut request = PrivacyRequest {
        tenant: ctx.caller.tenant,
        id: RequestId::new(ctx.now),
        kind,
        subject,
        law: input.law,
        state: RequestState::Received,
        received: ctx.now,
        filed_by: Some(ctx.caller.user),
        details: input.details.map(|text| text.trim().to_owned()),
        identity: None,
        extension: None,
        closed: None,
    };
    request.check(ctx.now)?;
    // Whoever holds a member's key is that member for everything that takes nothing away.
    let is_own = input.whose == Whose::Mine;
    if is_own && kind != RequestKind::Deletion {
        request.verify(IdentityCheck::OwnKey, ctx.now)?;
    }
    let limit = match kind {
        RequestKind::Restriction => Some(ProcessingLimit::Restricted),
        RequestKind::Objection => Some(ProcessingLimit::Objected),
        _ => None,
    };
    let next = if limit.is_some() && is_own {
        "it holds within a second: no language model is used in your name; the operator confirms it"
    } else if request.identity.is_some() {
        "the operator answers by the deadline; the file comes from them and not through this server"
    } else {
        "the operator checks who asks, and answers by the deadline"
    };
    let mut shown = Shown::of(&request, ctx);
    if input.dry_run {
        shown.id = None;
        return Ok(Output { action: Done::DryRun, requests: vec![shown], next: next.to_owned() });
    }
    PrivacyRequests::file_request(ctx.ports, &request).await?;
    if let Some(limit) = limit.filter(|_| is_own) {
        let (tenant, member) = (ctx.caller.tenant, Some(ctx.caller.user));
        Processing::limit_processing(ctx.ports, tenant, member, limit, ctx.now).await?;
    }
    Ok(Output { action: Done::Filed, requests: vec![shown], next: next.to_owned() })
}

async fn withdraw(ctx: &ToolContext<'_>, input: &Input) -> Result<Output, ToolError> {
    let id = input
        .request
        .ok_or_else(|| ToolError::refused("request: say which; action list has the ids of yours"))?;
    let found = PrivacyRequests::privacy_request(ctx.ports, ctx.caller.tenant, id).await?;
    let mut request = found.filter(|one| may_follow(ctx, one)).ok_or_else(|| {
        ToolError::refused(format!("no request {id} that you may follow; action list has them"))
    })?;
    if !may_withdraw(ctx, &request) {
        return Err(ToolError::refused(format!(
            "request {id} is not yours to take back: a member's is taken back by that member alone, the organisation's by an \
             administrator whose key is not narrowed to workspaces"
        )));
    }
    request.withdraw(ctx.now)?;
    let next = "a restriction or objection that holds already goes on until the operator lifts it".to_owned();
    let action = if input.dry_run { Done::DryRun } else { Done::Withdrawn };
    if !input.dry_run {
        PrivacyRequests::put_request(ctx.ports, &request).await?;
    }
    Ok(Output { action, requests: vec![Shown::of(&request, ctx)], next })
}
