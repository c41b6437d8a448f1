//! Erasure of a member or an organisation: marked first, so that nothing is written in its name any more, then removed,
//! then the files, then a look through all of it.

use std::{path::Path, time::Duration};

use pm33_store::Erased;
use pm33_tenancy::{
    Administration, AuditKeys, AuditLog, DataSubject, ErasedMark, TenantId, Timestamp, UserId, data_map,
};

use super::{
    certificate::{Certificate, Verification, look},
    journal::{self, Stage},
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
    let (texts, target) = match whose {
        DataSubject::Member(user) => {
            let pseudonym = foundation.store.pseudonym(user).to_string();
            (texts_of(foundation, tenant, user).await?, Some(pseudonym))
        }
        DataSubject::Organisation => (Vec::new(), None),
    };
    let marks = foundation.store.operator().marks_of(tenant, whose).await?;
    journal::note(folder, &keys, tenant, begun, &marks, Stage::Begun)?;
    let done = carry_out(foundation, tenant, whose, begun).await?;
    let is_organisation = whose == DataSubject::Organisation;
    certify(foundation, folder, &keys, Gone { tenant, is_organisation, target, marks, begun, texts, done })
        .await
}

/// What a member's copies would be found by.
pub(super) async fn texts_of(
    foundation: &Foundation,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<String>, Fault> {
    let users = foundation.store.operator().users(tenant).await?;
    let own = users.into_iter().find(|one| one.id == user);
    let mut texts: Vec<_> = own.into_iter().flat_map(|one| [one.handle, one.name]).collect();
    texts.dedup();
    Ok(texts)
}

/// A subject whose rows are gone.
pub(super) struct Gone {
    pub(super) tenant: TenantId,
    pub(super) is_organisation: bool,
    /// A member's pseudonym in the audit log, where it is known.
    pub(super) target: Option<String>,
    pub(super) marks: Vec<ErasedMark>,
    pub(super) begun: Timestamp,
    /// What files are searched for.
    pub(super) texts: Vec<String>,
    pub(super) done: Vec<Erased>,
}

/// Takes what was removed out of the files, looks through all of it, and notes the end.
pub(super) async fn certify(
    foundation: &Foundation,
    folder: &Path,
    keys: &AuditKeys,
    gone: Gone,
) -> Result<Certificate, Fault> {
    let tenant = gone.tenant;
    let shredded = foundation.store.shred().await?;
    let mut files = Vec::new();
    for file in &shredded.files {
        files.push(look(file, &gone.texts)?);
    }
    let (audit_rows, breaks) = foundation.store.session(tenant).verify(tenant).await?;
    let session = foundation.store.operator();
    session.commit(act(tenant, "admin/privacy.erase", gone.target, foundation.clock.now())).await?;
    journal::note(folder, keys, tenant, gone.begun, &gone.marks, Stage::Done)?;
    Ok(Certificate {
        format: "pm33-erasure-certificate/1",
        program: env!("CARGO_PKG_VERSION"),
        tenant,
        whose: if gone.is_organisation { "organisation" } else { "member" },
        marks: gone.marks,
        begun: gone.begun,
        ended: foundation.clock.now(),
        done: gone.done,
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
    })
}
