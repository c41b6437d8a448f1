//! The journal of erasures: a file beside the database and outside every backup. After a restore it is replayed before
//! anything is served, so that nobody comes back. Its lines hold keyed marks and no names.

use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
};

use pm33_tenancy::{
    Administration, AuditKeys, DataSubject, ErasedMark, Processing, TenantId, Timestamp, erased_member,
    erased_organisation,
};
use serde::{Deserialize, Serialize};

use super::erase::carry_out;
use crate::{Foundation, act};

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// A line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub(super) tenant: TenantId,
    pub(super) at: Timestamp,
    pub(super) marks: Vec<ErasedMark>,
    /// Keyed digest of the rest: a line that somebody added or changed is refused.
    signature: String,
}

fn path(folder: &Path) -> PathBuf {
    folder.join("erasures.jsonl")
}

fn sign(keys: &AuditKeys, tenant: TenantId, at: Timestamp, marks: &[ErasedMark]) -> String {
    let mut bytes = tenant.uuid().as_bytes().to_vec();
    bytes.extend_from_slice(&at.micros().to_be_bytes());
    for mark in marks {
        bytes.extend_from_slice(mark.as_bytes());
    }
    keys.pseudonym(b"erasure journal", &bytes).to_string()
}

/// Adds a line and waits until it is on disk; before the erasure begins, so that a crash loses none.
pub(super) fn write(
    folder: &Path,
    keys: &AuditKeys,
    tenant: TenantId,
    at: Timestamp,
    marks: &[ErasedMark],
) -> Result<(), Fault> {
    let line = Line { tenant, at, marks: marks.to_vec(), signature: sign(keys, tenant, at, marks) };
    let mut file = OpenOptions::new().create(true).append(true).open(path(folder))?;
    writeln!(file, "{}", serde_json::to_string(&line)?)?;
    file.sync_all()?;
    Ok(())
}

/// Every line of the journal.
fn read(folder: &Path, keys: &AuditKeys) -> Result<Vec<Line>, Fault> {
    let path = path(folder);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut lines = Vec::new();
    for (number, text) in std::fs::read_to_string(&path)?.lines().enumerate() {
        let place = || format!("{}, line {}", path.display(), number + 1);
        let line: Line = serde_json::from_str(text).map_err(|_| format!("{} cannot be read", place()))?;
        if sign(keys, line.tenant, line.at, &line.marks) != line.signature {
            return Err(format!(
                "{} was not written with this deployment's secrets; put the journal or secrets.toml back that belong together",
                place()
            )
            .into());
        }
        lines.push(line);
    }
    Ok(lines)
}

/// What a replay did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Lines of the journal.
    pub lines: usize,
    /// Members and organisations that had come back and were erased again.
    pub erased: usize,
}

/// Lines whose marks the database does not hold: it is older than they are.
async fn missing(foundation: &Foundation, folder: &Path) -> Result<(usize, Vec<Line>), Fault> {
    let Some(keys) = foundation.secrets.audit() else { return Ok((0, Vec::new())) };
    let lines = read(folder, &keys)?;
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

/// Erases again whoever the journal names and the database holds.
///
/// # Errors
/// When the journal cannot be read or the store refuses; it can be done again.
pub async fn replay(foundation: &Foundation, folder: &Path) -> Result<Replayed, Fault> {
    let Some(keys) = foundation.secrets.audit() else { return Ok(Replayed::default()) };
    let (lines, missing) = missing(foundation, folder).await?;
    let mut replayed = Replayed { lines, erased: 0 };
    let tenants = foundation.store.operator().tenants().await?;
    for line in missing {
        // A backup from before the organisation was made has nothing of it.
        let Some(tenant) = tenants.iter().find(|one| one.id == line.tenant) else { continue };
        let mut subjects = Vec::new();
        if line.marks.contains(&erased_organisation(&keys, line.tenant)) {
            subjects.push(DataSubject::Organisation);
        } else {
            let users = foundation.store.operator().users(line.tenant).await?;
            let back =
                users.iter().filter(|user| line.marks.contains(&erased_member(&keys, line.tenant, user.id)));
            subjects.extend(back.map(|user| DataSubject::Member(user.id)));
        }
        for whose in subjects {
            carry_out(foundation, line.tenant, whose, line.at).await?;
            replayed.erased += 1;
        }
        let session = foundation.store.operator();
        session.put_marks(line.tenant, &line.marks, line.at).await?;
        session.commit(act(tenant.id, "admin/privacy.replay", None, foundation.clock.now())).await?;
    }
    if replayed.erased > 0 {
        foundation.store.shred().await?;
    }
    Ok(replayed)
}
