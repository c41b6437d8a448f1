//! The copy of what is kept of a member or an organisation: one ZIP with JSON for each category, CSV for each table, the
//! workspaces as archives that `import` reads back, and a manifest.

use std::io::{Seek, Write};

use pm33_interchange::{Bundle, BundlePart, Manifest, export_lines};
use pm33_store::Gathered;
use pm33_tenancy::{DataSubject, Directory, TenantId, WorkspaceAccess, data_map, open_workspace};

use crate::Foundation;

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Tables that hold something of the subject.
    pub tables: usize,
    /// Rows in them.
    pub rows: usize,
    /// Workspaces, for an organisation.
    pub workspaces: usize,
}

fn part(gathered: &Gathered) -> BundlePart<'_> {
    BundlePart { table: gathered.table, columns: &gathered.columns, rows: &gathered.rows }
}

/// Writes the copy.
///
/// # Errors
/// When the store does not answer or nothing can be written.
pub async fn export(
    foundation: &Foundation,
    tenant: TenantId,
    whose: DataSubject,
    out: impl Write + Seek + Send,
) -> Result<Exported, Fault> {
    let session = foundation.store.session(tenant);
    let gathered = session.gather(tenant, whose).await?;
    let mut exported = Exported {
        tables: gathered.len(),
        rows: gathered.iter().map(|one| one.rows.len()).sum(),
        workspaces: 0,
    };
    let mut bundle = Bundle::begin(out);
    let parts: Vec<_> = gathered.iter().map(part).collect();
    bundle.categories(&parts)?;
    for one in &parts {
        bundle.table(one)?;
    }
    if whose == DataSubject::Organisation {
        for place in session.workspaces(tenant).await?.iter() {
            let (at, _) = open_workspace(&session, tenant, &WorkspaceAccess::All, Some(&place.slug)).await?;
            let mut lines = Vec::new();
            let now = foundation.clock.now();
            Box::pin(export_lines(&session, at, now, &mut lines, &|_| ())).await?;
            bundle.file(&format!("workspaces/{}.jsonl", place.slug), &lines)?;
            exported.workspaces += 1;
        }
    }
    let manifest = Manifest {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made: foundation.clock.now(),
        tenant: tenant.to_string(),
        subject: match whose {
            DataSubject::Member(user) => user.to_string(),
            DataSubject::Organisation => "organisation".to_owned(),
        },
        standing: data_map::STANDING,
        elsewhere: data_map::elsewhere(),
    };
    bundle.finish(&manifest, &parts)?;
    Ok(exported)
}
