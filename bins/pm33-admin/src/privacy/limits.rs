//! Limits of processing: restricted, objected to, opted out; running servers follow within a second.

use anyhow::Context;
use clap::Args;
use pm33_app::act;
use pm33_tenancy::{Administration, Processing, ProcessingLimit, TenantId, User, UserId};

use crate::{Setup, output, tenant as find_tenant};

/// Sets a limit.
#[derive(Args)]
pub(crate) struct Limiting {
    /// The tenant.
    tenant: String,
    /// `restricted` and `objected` keep data from language models and from metrics, `opted_out` from metrics alone; none:
    /// what holds is shown.
    #[arg(value_parser = limit_of)]
    limit: Option<ProcessingLimit>,
    /// Of this member; without, of the whole organisation.
    #[arg(long)]
    user: Option<String>,
}

/// Takes a limit back.
#[derive(Args)]
pub(crate) struct Lifting {
    /// The tenant.
    tenant: String,
    /// The limit.
    #[arg(value_parser = limit_of)]
    limit: ProcessingLimit,
    /// Of this member; without, of the whole organisation.
    #[arg(long)]
    user: Option<String>,
}

fn limit_of(word: &str) -> Result<ProcessingLimit, String> {
    ProcessingLimit::parse(word).ok_or_else(|| "limits are restricted, objected, opted_out".to_owned())
}

/// A member by handle.
pub(super) fn member<'a>(users: &'a [User], tenant: &str, handle: &str) -> anyhow::Result<&'a User> {
    let found = users.iter().find(|one| one.handle == handle);
    found.with_context(|| format!("no user {handle:?} in {tenant}; see `user list`"))
}

async fn subject(
    session: &impl Administration,
    id: TenantId,
    tenant: &str,
    handle: Option<&str>,
) -> anyhow::Result<Option<UserId>> {
    let Some(handle) = handle else { return Ok(None) };
    Ok(Some(member(&session.users(id).await?, tenant, handle)?.id))
}

/// Sets a limit, or shows what holds.
pub(super) async fn limit(setup: &Setup, command: Limiting) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let tenant = find_tenant(&foundation, &command.tenant).await?;
    let session = foundation.store.operator();
    if let Some(limit) = command.limit {
        let member = subject(&session, tenant.id, &command.tenant, command.user.as_deref()).await?;
        let now = foundation.clock.now();
        session.limit_processing(tenant.id, member, limit, now).await?;
        session.commit(act(tenant.id, "admin/privacy.limit", Some(limit.as_str().to_owned()), now)).await?;
        let whose = command.user.unwrap_or_else(|| "the whole organisation".to_owned());
        output::done(setup, &[("limit", limit.as_str().to_owned()), ("of", whose)]);
    } else {
        let users = session.users(tenant.id).await?;
        let rules = session.processing(tenant.id).await?;
        let name = |id: UserId| {
            users.iter().find(|one| one.id == id).map_or_else(|| id.to_string(), |one| one.handle.clone())
        };
        let whole = rules.whole.iter().map(|limit| vec!["*".to_owned(), limit.as_str().to_owned()]);
        let members = rules.members.iter().map(|(user, limit)| vec![name(*user), limit.as_str().to_owned()]);
        output::rows(setup, &["of", "limit"], whole.chain(members).collect());
    }
    foundation.store.close().await;
    Ok(())
}

/// Takes a limit back.
pub(super) async fn lift(setup: &Setup, command: Lifting) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let tenant = find_tenant(&foundation, &command.tenant).await?;
    let session = foundation.store.operator();
    let member = subject(&session, tenant.id, &command.tenant, command.user.as_deref()).await?;
    if !session.lift_limit(tenant.id, member, command.limit).await? {
        anyhow::bail!("no such limit holds; `privacy limit {}` shows what does", command.tenant);
    }
    let now = foundation.clock.now();
    session
        .commit(act(tenant.id, "admin/privacy.lift", Some(command.limit.as_str().to_owned()), now))
        .await?;
    output::done(setup, &[("lifted", command.limit.as_str().to_owned())]);
    foundation.store.close().await;
    Ok(())
}
