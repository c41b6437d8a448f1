//! Users of a tenant: made, listed and removed.

use anyhow::Context;
use clap::Subcommand;
use pm33_app::act;
use pm33_tenancy::{Administration, DataSubject, Directory, Membership, Role, User, UserId};

use crate::{Setup, confirm::Yes, output, output::Paging, privacy, tenant as find_tenant};

/// Users.
#[derive(Subcommand)]
pub(crate) enum UserCommand {
    /// Adds a user.
    Create {
        /// The tenant.
        tenant: String,
        /// Sign-in handle.
        handle: String,
        /// Name for people.
        #[arg(long)]
        name: Option<String>,
        /// Workspace that the user is a member of, by slug; may be given several times. None: the whole tenant.
        #[arg(long)]
        workspace: Vec<String>,
    },
    /// Removes a user: their keys end, everything that names them is erased or unlinked, and a certificate says what was
    /// done. What they wrote stays the organisation's.
    Remove {
        /// The tenant.
        tenant: String,
        /// Sign-in handle.
        handle: String,
        /// The new file for the certificate.
        #[arg(long, value_name = "FILE")]
        certificate: std::path::PathBuf,
        #[command(flatten)]
        yes: Yes,
    },
    /// Lists a tenant's users.
    List {
        /// The tenant.
        tenant: String,
        #[command(flatten)]
        paging: Paging,
    },
}

/// Runs a user command.
pub(crate) async fn run(setup: &Setup, command: UserCommand) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let now = foundation.clock.now();
    match command {
        UserCommand::Create { tenant, handle, name, workspace } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let session = foundation.store.operator();
            let name = name.unwrap_or_else(|| handle.clone());
            let new = User { tenant: tenant.id, id: UserId::new(now), handle, name, created: now };
            session.create_user(&new).await?;
            let all = session.workspaces(tenant.id).await?;
            for slug in workspace {
                let found = all
                    .iter()
                    .find(|one| one.slug == slug)
                    .with_context(|| format!("no workspace {slug:?}"))?;
                let place = Membership { user: new.id, workspace: found.id, role: Role::Member };
                session.put_membership(tenant.id, &place).await?;
            }
            let target = Some(foundation.store.pseudonym(new.id).to_string());
            session.commit(act(tenant.id, "admin/user.create", target, now)).await?;
            output::done(setup, &[("user", new.handle), ("id", new.id.to_string())]);
        }
        UserCommand::Remove { tenant, handle, certificate, yes } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let users = foundation.store.operator().users(tenant.id).await?;
            let user = users
                .iter()
                .find(|one| one.handle == handle)
                .with_context(|| format!("no user {handle:?} in {}; see `user list`", tenant.slug))?;
            yes.to(&format!("{handle} is erased for good, and every key of theirs ends"))?;
            let whose = DataSubject::Member(user.id);
            let told = privacy::remove(setup, &foundation, tenant.id, whose, &certificate).await?;
            output::done(setup, &[("removed", handle), ("done", told)]);
        }
        UserCommand::List { tenant, paging } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let all = foundation.store.operator().users(tenant.id).await?;
            let row = |one: User| vec![one.handle, one.name, one.id.to_string(), one.created.to_string()];
            let headings = ["handle", "name", "id", "created"];
            output::page(setup, &paging, 1, &headings, all.into_iter().map(row).collect())?;
        }
    }
    foundation.store.close().await;
    Ok(())
}
