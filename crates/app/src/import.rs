//! Bringing an export into a workspace in units of work, each with its audit row. Interrupted, it can be run again:
//! what is there is updated, never doubled.

use std::fmt;

use pm33_interchange::{Import, LossReport, Unresolved, Writer, Written};
use pm33_product::{Backlog, Freshness};
use pm33_tenancy::{TenantId, WorkspaceRef};

use crate::{Foundation, units::Units};

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// What an import read and wrote.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What became of the file.
    pub report: LossReport,
    /// What became of the workspace.
    pub written: Written,
    /// Links that could not be made, the first of them.
    pub unresolved: Vec<Unresolved>,
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = self.written;
        writeln!(f, "{}", self.report)?;
        for link in &self.unresolved {
            writeln!(
                f,
                "record {}: {} {:?} is not made: {}",
                link.record, link.link, link.target, link.reason
            )?;
        }
        writeln!(f, "created: {}", written.created)?;
        writeln!(f, "updated: {}", written.updated)?;
        writeln!(f, "unchanged: {}", written.unchanged)?;
        writeln!(f, "new teams: {}", written.teams)?;
        writeln!(f, "new sprints: {}", written.sprints)?;
        write!(f, "unresolved links: {}", written.unresolved)
    }
}

/// Writes an export into a workspace; `progress` hears how many records are done.
///
/// # Errors
/// The first item that the store refuses ends the import; what was committed before stays.
pub async fn import(
    foundation: &Foundation,
    tenant: TenantId,
    at: WorkspaceRef,
    import: &mut Import<'_>,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Imported, Fault> {
    let fields = import.fields();
    let mut units = Units::new(foundation, tenant, "admin/import");
    let mut writer = Writer::begin(units.session(), at, None, foundation.clock.now(), fields).await?;
    let mut items = import.items()?;
    loop {
        let batch = items.by_ref().take(units.together()).collect::<Result<Vec<_>, _>>()?;
        let Some(last) = batch.last().map(|imported| imported.record) else { break };
        let number = batch.len();
        units.begin();
        writer.items(units.session(), batch).await?;
        units.written_together(number).await?;
        progress(last);
    }
    units.begin();
    while writer.link_next(units.session()).await? {
        units.written().await?;
    }
    units.finish().await?;
    let mut report = items.into_report();
    report.notes.extend(writer.notes());
    Ok(Imported { report, written: writer.written(), unresolved: writer.unresolved().to_vec() })
}

/// How many items a workspace has now.
///
/// # Errors
/// When the store does not answer.
pub async fn count(foundation: &Foundation, at: WorkspaceRef) -> Result<usize, Fault> {
    Ok(foundation.store.session(at.tenant()).snapshot(at, Freshness::Newest).await?.len())
}
