//! Reading an organisation's copy back: its workspaces with everything in them, and its members, but for those who were
//! erased since.

use std::io::{BufReader, Read, Seek};

use pm33_interchange::BundleReader;
use pm33_tenancy::{
    Administration, Directory, TenancyError, TenantId, User, UserId, Workspace, WorkspaceAccess, WorkspaceId,
    open_workspace,
};
use serde_json::Value;

use crate::{Foundation, act, restore};

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BroughtBack {
    /// Workspaces that were made.
    pub workspaces: usize,
    /// Members that were made.
    pub members: usize,
    /// Members that were left out: erased, or there already.
    pub left_out: usize,
}

fn text<'a>(row: &'a Value, name: &str) -> Result<&'a str, Fault> {
    row[name].as_str().ok_or_else(|| format!("a row without {name}").into())
}

/// Reads a copy into a tenant. Every file is held against the manifest's hash first. Keys do not come back: nobody has
/// them but their owners, and the copy holds no proof of one.
///
/// # Errors
/// When the file is not what `privacy export` wrote, a workspace is there already, or the store refuses.
pub async fn bring_back(
    foundation: &Foundation,
    tenant: TenantId,
    from: impl Read + Seek,
) -> Result<BroughtBack, Fault> {
    let mut bundle = BundleReader::open(from)?;
    let mut back = BroughtBack::default();
    let now = foundation.clock.now();
    for row in bundle.rows("identity", "app_user")? {
        let user = User {
            tenant,
            id: UserId::new(now),
            handle: text(&row, "handle")?.to_owned(),
            name: text(&row, "name")?.to_owned(),
            created: now,
        };
        let session = foundation.store.operator();
        match session.create_user(&user).await {
            Ok(()) => {
                let target = Some(foundation.store.pseudonym(user.id).to_string());
                session.commit(act(tenant, "admin/user.create", target, now)).await?;
                back.members += 1;
            }
            Err(TenancyError::Taken { .. } | TenancyError::Invalid { .. }) => back.left_out += 1,
            Err(error) => return Err(error.into()),
        }
    }
    for row in bundle.rows("content", "workspace")? {
        let slug = text(&row, "slug")?.to_owned();
        let new = Workspace {
            tenant,
            id: WorkspaceId::new(now),
            slug: slug.clone(),
            prefix: text(&row, "prefix")?.to_owned(),
            name: text(&row, "name")?.to_owned(),
            created: now,
        };
        let session = foundation.store.operator();
        session.create_workspace(&new).await?;
        session.commit(act(tenant, "admin/workspace.create", Some(slug.clone()), now)).await?;
        let session = foundation.store.session(tenant);
        // What was just made is seen.
        session.workspaces(tenant).await?;
        let (at, _) = open_workspace(&session, tenant, &WorkspaceAccess::All, Some(&slug)).await?;
        let lines = bundle.file(&format!("workspaces/{slug}.jsonl"))?;
        restore(foundation, tenant, at, &mut BufReader::new(&lines[..]), &|_| ()).await?;
        back.workspaces += 1;
    }
    Ok(back)
}
