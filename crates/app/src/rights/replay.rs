//! Erasures that a restored database undid are done again, and those that were interrupted are brought to their end.

use std::path::Path;

use pm33_tenancy::{
    Administration, AuditKeys, DataSubject, Processing, TenantId, erased_member, erased_organisation,
};

use super::{
    certificate::Certificate,
    erase::{Gone, carry_out, certify, texts_of},
    journal::{self, Line, Stage},
};
use crate::{Foundation, act};

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// What a replay did.
#[derive(Clone, Debug, Default)]
pub struct Replayed {
    /// Erasures of the journal.
    pub erasures: usize,
    /// Members and organisations that had come back and were erased again.
    pub erased: usize,
    /// Certificates of those that were brought to their end.
    pub finished: Vec<Certificate>,
}

/// Erasures whose marks the database does not hold: it is older than they are.
async fn missing(foundation: &Foundation, folder: &Path) -> Result<(usize, Vec<Line>), Fault> {
    let Some(keys) = foundation.secrets.audit() else { return Ok((0, Vec::new())) };
    let lines = journal::read(folder, &keys)?;
    let count = lines.len();
    let mut missing = Vec::new();
    for line in lines {
        let rules = foundation.store.session(line.tenant).processing(line.tenant).await?;
        if !line.marks.iter().all(|mark| rules.erased.contains(mark)) {
            missing.push(line);
        }
    }
    Ok((count, missing))
}

/// How many erasures of the journal the database does not know; nothing may be served then.
///
/// # Errors
/// When the journal or the database cannot be read.
pub async fn unplayed(foundation: &Foundation, folder: &Path) -> Result<usize, Fault> {
    let (_, missing) = missing(foundation, folder).await?;
    let mut count = 0;
    for line in &missing {
        // A database from before the organisation was made has nothing of it.
        count += usize::from(foundation.store.knows(line.tenant).await?);
    }
    Ok(count)
}

/// How many erasures of one organisation or of all were begun and are not done: under way, or interrupted.
///
/// # Errors
/// When the journal cannot be read.
pub fn unfinished(foundation: &Foundation, folder: &Path, only: Option<TenantId>) -> Result<usize, Fault> {
    let Some(keys) = foundation.secrets.audit() else { return Ok(0) };
    Ok(begun(folder, &keys, only)?.len())
}

fn begun(folder: &Path, keys: &AuditKeys, only: Option<TenantId>) -> Result<Vec<Line>, Fault> {
    let mut lines = journal::read(folder, keys)?;
    lines.retain(|line| line.stage == Some(Stage::Begun) && only.is_none_or(|one| one == line.tenant));
    Ok(lines)
}

/// Erases again whoever the journal names and the database holds, and brings to their end what was interrupted.
///
/// # Errors
/// When the journal cannot be read or the store refuses; it can be done again.
pub async fn replay(foundation: &Foundation, folder: &Path) -> Result<Replayed, Fault> {
    let Some(keys) = foundation.secrets.audit() else { return Ok(Replayed::default()) };
    let (erasures, missing) = missing(foundation, folder).await?;
    let mut replayed = Replayed { erasures, ..Replayed::default() };
    let mut back = Vec::new();
    for line in missing {
        // A backup from before the organisation was made has nothing of it.
        if foundation.store.knows(line.tenant).await? {
            replayed.erased += subjects(foundation, &keys, &line).await?.len();
            // Until its files are done it counts as begun, whatever becomes of this process.
            journal::note(folder, &keys, line.tenant, line.at, &line.marks, Stage::Begun)?;
            back.push(line);
        }
    }
    replayed.finished = finish(foundation, folder, None).await?;
    // Names that the database knew no more; last, because nothing is served without them.
    for line in back {
        let session = foundation.store.operator();
        session.put_marks(line.tenant, &line.marks, line.at).await?;
        session.commit(act(line.tenant, "admin/privacy.replay", None, foundation.clock.now())).await?;
    }
    Ok(replayed)
}

/// Brings interrupted erasures to their end, of one organisation or of all; their certificates.
///
/// # Errors
/// When the journal cannot be read or the store refuses; it can be done again.
pub async fn finish(
    foundation: &Foundation,
    folder: &Path,
    only: Option<TenantId>,
) -> Result<Vec<Certificate>, Fault> {
    let Some(keys) = foundation.secrets.audit() else { return Ok(Vec::new()) };
    let mut certificates = Vec::new();
    for line in begun(folder, &keys, only)? {
        if !foundation.store.knows(line.tenant).await? {
            continue;
        }
        let mut gone = Gone {
            tenant: line.tenant,
            is_organisation: line.marks.contains(&erased_organisation(&keys, line.tenant)),
            target: None,
            marks: line.marks.clone(),
            begun: line.at,
            texts: Vec::new(),
            done: Vec::new(),
        };
        // A member whose row is gone already was the last thing of theirs: files are left.
        for whose in subjects(foundation, &keys, &line).await? {
            if let DataSubject::Member(user) = whose {
                gone.texts.extend(texts_of(foundation, line.tenant, user).await?);
                gone.target = Some(foundation.store.pseudonym(user).to_string());
            }
            gone.done.extend(carry_out(foundation, line.tenant, whose, line.at).await?);
        }
        certificates.push(certify(foundation, folder, &keys, gone).await?);
    }
    Ok(certificates)
}

/// Whom an erasure means, as far as the database holds them.
async fn subjects(foundation: &Foundation, keys: &AuditKeys, line: &Line) -> Result<Vec<DataSubject>, Fault> {
    if line.marks.contains(&erased_organisation(keys, line.tenant)) {
        return Ok(vec![DataSubject::Organisation]);
    }
    let users = foundation.store.operator().users(line.tenant).await?;
    let back = users.iter().filter(|user| line.marks.contains(&erased_member(keys, line.tenant, user.id)));
    Ok(back.map(|user| DataSubject::Member(user.id)).collect())
}
