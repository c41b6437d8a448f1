//! Memberships: which user has which role in which workspace. A user without any is of the whole tenant.

use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use pm33_app::{Foundation, act};
use pm33_tenancy::{Administration, Directory, Membership, Role, Tenant, User, Workspace};

use crate::{Setup, confirm::Yes, output, output::Paging, tenant as find_tenant};

/// Memberships.
#[derive(Subcommand)]
pub(crate) enum MembershipCommand {
    /// Makes a user a member of a workspace; from then on they reach the workspaces that they are members of, only.
    Add {
        #[command(flatten)]
        place: Place,
        /// viewer, member or admin.
        #[arg(long, default_value = "member", value_parser = role)]
        role: Role,
    },
    /// Changes what a member may do there, whatever their keys were granted.
    Role {
        #[command(flatten)]
        place: Place,
        /// viewer, member or admin.
        #[arg(value_parser = role)]
        role: Role,
    },
    /// Ends a membership.
    Remove {
        #[command(flatten)]
        place: Place,
        /// Take the last membership too, after which the user is of the whole tenant again.
        #[arg(long)]
        whole_tenant: bool,
        #[command(flatten)]
        yes: Yes,
    },
    /// Lists a tenant's memberships.
    List {
        /// The tenant.
        tenant: String,
        /// Of this user only.
        #[arg(long)]
        user: Option<String>,
        /// Of this workspace only.
        #[arg(long)]
        workspace: Option<String>,
        #[command(flatten)]
        paging: Paging,
    },
}

/// A user and a workspace.
#[derive(Args)]
pub(crate) struct Place {
    /// The tenant.
    tenant: String,
    /// The user's sign-in handle.
    handle: String,
    /// The workspace's slug.
    workspace: String,
}

fn role(word: &str) -> Result<Role, String> {
    Role::parse(word).ok_or_else(|| "roles are viewer, member, admin".to_owned())
}

/// Who and what a tenant has.
struct House {
    tenant: Tenant,
    users: Vec<User>,
    workspaces: Arc<[Arc<Workspace>]>,
}

impl House {
    async fn open(foundation: &Foundation, slug: &str) -> anyhow::Result<Self> {
        let tenant = find_tenant(foundation, slug).await?;
        let session = foundation.store.operator();
        let users = session.users(tenant.id).await?;
        let workspaces = session.workspaces(tenant.id).await?;
        Ok(Self { tenant, users, workspaces })
    }

    fn user(&self, handle: &str) -> anyhow::Result<&User> {
        let found = self.users.iter().find(|one| one.handle == handle);
        found.with_context(|| format!("no user {handle:?} in {}; see `user list`", self.tenant.slug))
    }

    fn workspace(&self, slug: &str) -> anyhow::Result<&Workspace> {
        let found = self.workspaces.iter().find(|one| one.slug == slug);
        let all = || self.workspaces.iter().map(|one| one.slug.as_str()).collect::<Vec<_>>().join(", ");
        Ok(found.with_context(|| format!("no workspace {slug:?}; there are: {}", all()))?)
    }

    /// The names of a membership: handle and slug.
    fn names(&self, of: &Membership) -> (String, String) {
        let user = self.users.iter().find(|one| one.id == of.user);
        let place = self.workspaces.iter().find(|one| one.id == of.workspace);
        (
            user.map_or_else(|| of.user.to_string(), |one| one.handle.clone()),
            place.map_or_else(|| of.workspace.to_string(), |one| one.slug.clone()),
        )
    }
}

/// Runs a membership command.
pub(crate) async fn run(setup: &Setup, command: MembershipCommand) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    match command {
        MembershipCommand::Add { place, role } => {
            let (house, held) = find(&foundation, &place).await?;
            let here = house.workspace(&place.workspace)?.id;
            if let Some(held) = held.iter().find(|one| one.workspace == here) {
                bail!(
                    "{} is a member of {} already, as {}; change it with `membership role`",
                    place.handle,
                    place.workspace,
                    held.role.as_str()
                );
            }
            put(setup, &foundation, &house, &place, role, "admin/membership.add").await?;
        }
        MembershipCommand::Role { place, role } => {
            let (house, held) = find(&foundation, &place).await?;
            let here = house.workspace(&place.workspace)?.id;
            if !held.iter().any(|one| one.workspace == here) {
                bail!(
                    "{} is no member of {}; make them one with `membership add`",
                    place.handle,
                    place.workspace
                );
            }
            put(setup, &foundation, &house, &place, role, "admin/membership.role").await?;
        }
        MembershipCommand::Remove { place, whole_tenant, yes } => {
            let (house, held) = find(&foundation, &place).await?;
            let (user, here) = (house.user(&place.handle)?.id, house.workspace(&place.workspace)?.id);
            let is_last = held.len() == 1 && held.iter().all(|one| one.workspace == here);
            if is_last && !whole_tenant {
                bail!(
                    "this is the only membership of {}: without it they would reach every workspace of {}; add \
                     another first, revoke their keys, or say --whole-tenant",
                    place.handle,
                    place.tenant
                );
            }
            yes.to(&format!("{} is no longer a member of {}", place.handle, place.workspace))?;
            let session = foundation.store.operator();
            session.remove_membership(house.tenant.id, user, here).await?;
            let target = Some(format!("{} {}", foundation.store.pseudonym(user), place.workspace));
            let event = act(house.tenant.id, "admin/membership.remove", target, foundation.clock.now());
            session.commit(event).await?;
            output::done(setup, &[("removed", format!("{}/{}", place.handle, place.workspace))]);
        }
        MembershipCommand::List { tenant, user, workspace, paging } => {
            let house = House::open(&foundation, &tenant).await?;
            // A name that is not there is an error and not an empty list.
            user.as_deref().map(|handle| house.user(handle)).transpose()?;
            workspace.as_deref().map(|slug| house.workspace(slug)).transpose()?;
            let all = foundation.store.operator().members(house.tenant.id).await?;
            let mut rows: Vec<Vec<String>> = all
                .iter()
                .map(|one| {
                    let (handle, slug) = house.names(one);
                    vec![handle, slug, one.role.as_str().to_owned()]
                })
                .filter(|row| user.as_ref().is_none_or(|user| row[0] == *user))
                .filter(|row| workspace.as_ref().is_none_or(|slug| row[1] == *slug))
                .collect();
            rows.sort();
            output::page(setup, &paging, 2, &["user", "workspace", "role"], rows)?;
        }
    }
    foundation.store.close().await;
    Ok(())
}

/// The tenant of a place, and what its user is a member of already.
async fn find(foundation: &Foundation, place: &Place) -> anyhow::Result<(House, Vec<Membership>)> {
    let house = House::open(foundation, &place.tenant).await?;
    let user = house.user(&place.handle)?.id;
    let held = foundation.store.operator().memberships(house.tenant.id, user).await?;
    Ok((house, held))
}

async fn put(
    setup: &Setup,
    foundation: &Foundation,
    house: &House,
    place: &Place,
    role: Role,
    name: &'static str,
) -> anyhow::Result<()> {
    let (user, workspace) = (house.user(&place.handle)?.id, house.workspace(&place.workspace)?.id);
    let session = foundation.store.operator();
    session.put_membership(house.tenant.id, &Membership { user, workspace, role }).await?;
    let pseudonym = foundation.store.pseudonym(user);
    let target = Some(format!("{pseudonym} {} {}", place.workspace, role.as_str()));
    session.commit(act(house.tenant.id, name, target, foundation.clock.now())).await?;
    let told = [
        ("user", place.handle.clone()),
        ("workspace", place.workspace.clone()),
        ("role", role.as_str().to_owned()),
    ];
    output::done(setup, &told);
    Ok(())
}
