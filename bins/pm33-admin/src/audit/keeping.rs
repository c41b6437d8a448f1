//! How long audit logs are kept, what is overdue and why, holds, and removal by hand.

use anyhow::{Context, bail};
use clap::Subcommand;
use pm33_app::{Foundation, Remover, act, kept_since, purge_audit};
use pm33_tenancy::{
    Administration, AuditLog, AuditRetention, CorrelationId, LegalHold, Subject, Tenant, TenantId,
};

use crate::{Setup, confirm::Yes, output, output::Paging, tenant as find_tenant};

/// Legal holds.
#[derive(Subcommand)]
pub(crate) enum HoldCommand {
    /// Places a hold; without --user or --request on the whole log.
    Add {
        /// The tenant.
        tenant: String,
        /// Why: 1 to 500 characters.
        #[arg(long)]
        reason: String,
        /// Only from this user's first row on, by handle or id.
        #[arg(long, conflicts_with = "request")]
        user: Option<String>,
        /// Only from this call's row on, by its correlation id.
        #[arg(long)]
        request: Option<String>,
    },
    /// Releases a hold.
    Release {
        /// The tenant.
        tenant: String,
        /// The hold's id.
        hold: uuid::Uuid,
        #[command(flatten)]
        yes: Yes,
    },
    /// Lists holds, released ones too.
    List {
        /// The tenant.
        tenant: String,
        #[command(flatten)]
        paging: Paging,
    },
}

/// Runs a hold command.
pub(crate) async fn hold(setup: &Setup, command: HoldCommand) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    match command {
        HoldCommand::Add { tenant, reason, user, request } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let now = foundation.clock.now();
            let subject = match (user, request) {
                (Some(user), _) => Subject::User(find_user(&foundation, tenant.id, &user).await?),
                (None, Some(call)) => Subject::Request(
                    call.parse::<CorrelationId>().with_context(|| format!("{call:?}: a correlation id"))?,
                ),
                (None, None) => Subject::Tenant,
            };
            let id = CorrelationId::new(now).uuid();
            let hold = LegalHold { id, subject, reason, placed: now, released: None };
            let session = foundation.store.session(tenant.id);
            session.place_hold(tenant.id, &hold).await?;
            session.commit(act(tenant.id, "admin/audit.hold", Some(id.to_string()), now)).await?;
            output::done(setup, &[("hold", id.to_string()), ("keeps", subject.to_string())]);
        }
        HoldCommand::Release { tenant, hold, yes } => {
            yes.to(&format!(
                "release hold {hold} of {tenant}: what it alone kept is removed by the next sweep"
            ))?;
            let tenant = find_tenant(&foundation, &tenant).await?;
            let now = foundation.clock.now();
            let session = foundation.store.session(tenant.id);
            if !session.release_hold(tenant.id, hold, now).await? {
                bail!(
                    "{} has no open hold {hold}; see `pm33-admin audit hold list {}`",
                    tenant.slug,
                    tenant.slug
                );
            }
            session.commit(act(tenant.id, "admin/audit.release", Some(hold.to_string()), now)).await?;
            output::done(setup, &[("released", hold.to_string())]);
        }
        HoldCommand::List { tenant, paging } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let holds = foundation.store.session(tenant.id).legal_holds(tenant.id).await?;
            let cells = |hold: LegalHold| {
                vec![
                    hold.id.to_string(),
                    hold.subject.to_string(),
                    hold.reason,
                    hold.placed.to_string(),
                    hold.released.map(|at| at.to_string()).unwrap_or_default(),
                ]
            };
            let headings = ["hold", "keeps", "reason", "placed", "released"];
            output::page(setup, &paging, 1, &headings, holds.into_iter().map(cells).collect())?;
        }
    }
    foundation.store.close().await;
    Ok(())
}

async fn find_user(
    foundation: &Foundation,
    tenant: TenantId,
    name: &str,
) -> anyhow::Result<pm33_tenancy::UserId> {
    let users = foundation.store.session(tenant).users(tenant).await?;
    let found = users.iter().find(|user| user.handle == name).map(|user| user.id);
    // A member that was erased has no handle any more, and a pseudonym still.
    found.or_else(|| name.parse().ok()).with_context(|| format!("no user {name:?}, and no user id"))
}

async fn standing(foundation: &Foundation, tenant: &Tenant) -> anyhow::Result<Vec<String>> {
    let session = foundation.store.session(tenant.id);
    let days = session.audit_days(tenant.id).await?;
    let overdue = session.overdue(tenant.id, kept_since(foundation.clock.now(), days.days)).await?;
    let chain = session.chain(tenant.id).await?;
    let removed = chain.anchors.last().map_or(0, |(anchor, _)| anchor.to);
    let newest = chain.head.map_or(0, |(head, _)| head.seq);
    let why = match overdue.kept_by {
        Some((hold, seq)) => format!("kept from row {seq} on by hold {hold}"),
        None if overdue.rows > 0 => "to be removed by the next sweep, within an hour".to_owned(),
        None => String::new(),
    };
    let asked = if days.asked == days.days {
        days.days.to_string()
    } else {
        format!("{} (asked {}, the plan allows {} to {})", days.days, days.asked, days.floor, days.cap)
    };
    Ok(vec![
        tenant.slug.clone(),
        asked,
        newest.saturating_sub(removed).to_string(),
        overdue.oldest.map(|at| at.to_string()).unwrap_or_default(),
        overdue.rows.to_string(),
        why,
        removed.to_string(),
    ])
}

/// Shows how long logs are kept and what is overdue.
pub(crate) async fn retention(setup: &Setup, slug: Option<String>) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let tenants = match slug {
        Some(slug) => vec![find_tenant(&foundation, &slug).await?],
        None => foundation.store.operator().tenants().await?,
    };
    let mut rows = Vec::new();
    for tenant in tenants {
        rows.push(standing(&foundation, &tenant).await?);
    }
    foundation.store.close().await;
    output::rows(setup, &["tenant", "days", "rows", "oldest", "overdue", "why", "removed so far"], rows);
    Ok(())
}

/// Tells what is over its time and would be removed.
pub(crate) async fn would_purge(setup: &Setup, slug: &str) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let tenant = find_tenant(&foundation, slug).await?;
    let session = foundation.store.session(tenant.id);
    let days = session.audit_days(tenant.id).await?.days;
    let overdue = session.overdue(tenant.id, kept_since(foundation.clock.now(), days)).await?;
    foundation.store.close().await;
    output::done(setup, &[("would remove", overdue.removable.to_string())]);
    Ok(())
}

/// Removes what is over its time.
pub(crate) async fn purge(setup: &Setup, slug: &str, yes: &Yes) -> anyhow::Result<()> {
    yes.to(&format!("remove the rows of {slug}'s audit log that are over their time"))?;
    let foundation = setup.foundation().await?;
    let tenant = find_tenant(&foundation, slug).await?;
    let (store, clock) = (&foundation.store, &*foundation.clock);
    let purged = purge_audit(store, clock, tenant.id, Remover::Operator, u32::MAX - 1).await;
    let removed = purged.map_err(anyhow::Error::from_boxed)?.removed;
    foundation.store.close().await;
    output::done(setup, &[("removed", removed.to_string())]);
    Ok(())
}
