//! A store of its own with workspaces to write into.

use std::{io::Cursor, sync::Arc};

use pm33_app::{Foundation, Imported, Settings, Start, act, found, open_local};
use pm33_interchange::{ImportOptions, InterchangeError, export_lines, open};
use pm33_product::{Backlog, Freshness, Snapshot};
use pm33_tenancy::{
    Administration, Directory, Workspace, WorkspaceAccess, WorkspaceId, WorkspaceRef, open_workspace,
};

/// A store in a folder that goes with it.
pub(crate) struct Place {
    _folder: tempfile::TempDir,
    pub(crate) foundation: Foundation,
    pub(crate) at: WorkspaceRef,
}

/// A fresh store with the local tenant.
pub(crate) async fn place(start: Start) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::default();
    settings.data.dir = folder.path().to_owned();
    let foundation = found(&settings).await.unwrap();
    let local = open_local(&foundation, start).await.unwrap();
    let session = foundation.store.session(local.tenant);
    let (at, _) = open_workspace(&session, local.tenant, &WorkspaceAccess::All, None).await.unwrap();
    drop(session);
    Place { _folder: folder, foundation, at }
}

impl Place {
    /// Another, empty workspace of the same tenant.
    pub(crate) async fn another(&self, slug: &str) -> WorkspaceRef {
        let now = self.foundation.clock.now();
        let tenant = self.at.tenant();
        // Prefixes are unique in a tenant and have at most ten characters.
        let others = self.foundation.store.operator().workspaces(tenant).await.unwrap().len();
        let prefix = format!("W{others}");
        let new = Workspace {
            tenant,
            id: WorkspaceId::new(now),
            slug: slug.to_owned(),
            prefix,
            name: slug.to_owned(),
            created: now,
        };
        let session = self.foundation.store.operator();
        session.create_workspace(&new).await.unwrap();
        session.commit(act(tenant, "test", None, now)).await.unwrap();
        let session = self.foundation.store.session(tenant);
        open_workspace(&session, tenant, &WorkspaceAccess::All, Some(slug)).await.unwrap().0
    }

    /// Imports a file.
    pub(crate) async fn import(&self, at: WorkspaceRef, bytes: &[u8]) -> Imported {
        self.try_import(at, bytes).await.unwrap()
    }

    /// Imports a file that may be refused.
    pub(crate) async fn try_import(
        &self,
        at: WorkspaceRef,
        bytes: &[u8],
    ) -> Result<Imported, InterchangeError> {
        let options = ImportOptions::new(self.foundation.clock.now());
        let mut import = open(Cursor::new(bytes), &options)?;
        Ok(pm33_app::import(&self.foundation, at.tenant(), at, &mut import, &|_| {}).await.unwrap())
    }

    /// The archive of a workspace, without the line that tells when it was written.
    pub(crate) async fn archive(&self, at: WorkspaceRef) -> String {
        let session = self.foundation.store.session(at.tenant());
        let mut out = Vec::new();
        export_lines(&session, at, self.foundation.clock.now(), &mut out, &|_| {}).await.unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The workspace as it is.
    pub(crate) async fn snapshot(&self, at: WorkspaceRef) -> Arc<Snapshot> {
        self.foundation.store.session(at.tenant()).snapshot(at, Freshness::Newest).await.unwrap()
    }
}

/// The lines after the first, which tells when it was written.
pub(crate) fn body(archive: &str) -> &str {
    archive.split_once('\n').unwrap().1
}
