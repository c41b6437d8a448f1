//! Erasure of a member or an organisation: marked first, so that nothing is written in its name any more, then removed,
//! then the files, then a look through all of it.

use std::{path::Path, time::Duration};

use pm33_store::Erased;
use pm33_tenancy::{Administration, AuditLog, DataSubject, TenantId, Timestamp, data_map};

use super::{
    certificate::{Certificate, Verification, look},
    journal,
};
use crate::{Foundation, act};

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// How long after the mark it is known everywhere: twice what any process may remember.
const KNOWN: Duration = Duration::from_millis(1_200);
/// Rounds until nothing is left: a call that had passed its last check may still have written.
const ROUNDS: usize = 5;

/// Marks a subject and removes it from the tables; what was done. Can be done again after a crash.
pub(super) async fn carry_out(
    foundation: &Foundation,
    tenant: TenantId,
    whose: DataSubject,
    at: Timestamp,
) -> Result<Vec<Erased>, Fault> {
    let session = foundation.store.operator();
    session.mark_erased(tenant, whose, at).await?;
    session.commit(act(tenant, "admin/privacy.mark", None, at)).await?;
    foundation.keys.forget();
    tokio::time::sleep(KNOWN).await;
    let mut done: Vec<Erased> = Vec::new();
    for _ in 0..ROUNDS {
        for one in foundation.store.erase(tenant, whose).await? {
            match done.iter_mut().find(|known| (known.table, known.act) == (one.table, one.act)) {
                // What is kept is found again each time.
                Some(known) if one.because.is_some() => known.rows = one.rows,
                Some(known) => known.rows += one.rows,
                None => done.push(one),
            }
        }
        let left = foundation.store.remaining(tenant, whose).await?;
        if left.is_empty() {
            return Ok(done);
        }
    }
    let left = foundation.store.remaining(tenant, whose).await?;
    Err(format!("rows come back while they are removed: {left:?}; stop what writes them and do it again")
        .into())
}

/// Erases a subject; the journal in `folder` is written first, the certificate comes back.
///
/// # Errors
/// When the store refuses or a file cannot be written; it can be done again, and what was done stays done.
pub async fn erase(
    foundation: &Foundation,
    folder: &Path,
    tenant: TenantId,
    whose: DataSubject,
) -> Result<Certificate, Fault> {
    let keys = foundation.secrets.audit().ok_or("the audit key is missing")?;
    let begun = foundation.clock.now();
    let mut texts = Vec::new();
    if let DataSubject::Member(user) = whose {
        let users = foundation.store.operator().users(tenant).await?;
        let own = users.into_iter().find(|one| one.id == user);
        texts.extend(own.into_iter().flat_map(|one| [one.handle, one.name]));
        texts.dedup();
    }
    let marks = foundation.store.operator().marks_of(tenant, whose).await?;
    journal::write(folder, &keys, tenant, begun, &marks)?;
    let done = carry_out(foundation, tenant, whose, begun).await?;
    let shredded = foundation.store.shred().await?;
    let mut files = Vec::new();
    for file in &shredded.files {
        files.push(look(file, &texts)?);
    }
    let (audit_rows, breaks) = foundation.store.session(tenant).verify(tenant).await?;
    let certificate = Certificate {
        format: "pm33-erasure-certificate/1",
        program: env!("CARGO_PKG_VERSION"),
        tenant,
        whose: match whose {
            DataSubject::Member(_) => "member",
            DataSubject::Organisation => "organisation",
        },
        marks,
        begun,
        ended: foundation.clock.now(),
        done,
        method: shredded.steps,
        verification: Verification {
            remaining_rows: 0,
            audit_rows,
            audit_breaks: breaks.len() as u64,
            files,
        },
        elsewhere: data_map::elsewhere()
            .iter()
            .filter(|one| one.rule.retention.ended_by != data_map::Keeper::Program)
            .map(|one| (one.place, one.rule.retention.until))
            .collect(),
    };
    let target = match whose {
        DataSubject::Member(user) => Some(foundation.store.pseudonym(user).to_string()),
        DataSubject::Organisation => None,
    };
    let session = foundation.store.operator();
    session.commit(act(tenant, "admin/privacy.erase", target, foundation.clock.now())).await?;
    Ok(certificate)
}
