//! Reading a workspace back from an archive of lines, in units of work with an audit row each; or only what that would do.

use std::io::BufRead;

use pm33_interchange::{Rehearsal, Rehearsed, Restored, Restorer};
use pm33_product::{Backlog, Freshness};
use pm33_tenancy::{TenantId, WorkspaceRef};

use crate::{Foundation, units::Units};

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Reads an archive into a workspace; `progress` hears how many lines are done.
///
/// # Errors
/// The first line that is wrong or that the store refuses ends it; what was committed before stays, and it can be done
/// again.
pub async fn restore(
    foundation: &Foundation,
    tenant: TenantId,
    at: WorkspaceRef,
    archive: &mut (dyn BufRead + Send),
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Restored, Fault> {
    let mut units = Units::new(foundation, tenant, "admin/import");
    let mut restorer = Restorer::begin(units.session(), at, None).await?;
    let (mut line, mut number) = (String::new(), 0);
    while archive.read_line(&mut line)? > 0 {
        number += 1;
        restorer.line(units.session(), &line).await.map_err(|error| format!("line {number}: {error}"))?;
        line.clear();
        if units.written().await? {
            progress(number);
        }
    }
    while restorer.link_next(units.session()).await? {
        units.written().await?;
    }
    units.finish().await?;
    Ok(restorer.restored())
}

/// What reading an archive into a workspace would do; nothing is written.
///
/// # Errors
/// The first line that is wrong.
pub async fn rehearse(
    foundation: &Foundation,
    at: WorkspaceRef,
    archive: &mut (dyn BufRead + Send),
) -> Result<Rehearsed, Fault> {
    let snapshot = foundation.store.session(at.tenant()).snapshot(at, Freshness::Newest).await?;
    let mut rehearsal = Rehearsal::new(snapshot);
    let (mut line, mut number) = (String::new(), 0);
    while archive.read_line(&mut line)? > 0 {
        number += 1;
        rehearsal.line(&line).map_err(|error| format!("line {number}: {error}"))?;
        line.clear();
    }
    Ok(rehearsal.finish())
}
