//! The journal of erasures: a file beside the database and outside every backup. After a restore it is replayed before
//! anything is served, so that nobody comes back. Its lines hold keyed marks and no names: one when an erasure begins, one
//! when all of it is done.

use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
};

use pm33_tenancy::{AuditKeys, ErasedMark, TenantId, Timestamp};
use serde::{Deserialize, Serialize};

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// What a line tells of its erasure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// It begins.
    Begun,
    /// Rows, files and certificate are done.
    Done,
}

/// A line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub(super) tenant: TenantId,
    /// When the erasure began.
    pub(super) at: Timestamp,
    pub(super) marks: Vec<ErasedMark>,
    /// Lines of older versions have none, and nothing is known of how their erasures ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stage: Option<Stage>,
    /// Keyed digest of the rest: a line that somebody added or changed is refused.
    signature: String,
}

fn path(folder: &Path) -> PathBuf {
    folder.join("erasures.jsonl")
}

fn sign(
    keys: &AuditKeys,
    tenant: TenantId,
    at: Timestamp,
    marks: &[ErasedMark],
    stage: Option<Stage>,
) -> String {
    let mut bytes = tenant.uuid().as_bytes().to_vec();
    bytes.extend_from_slice(&at.micros().to_be_bytes());
    for mark in marks {
        bytes.extend_from_slice(mark.as_bytes());
    }
    bytes.extend(stage.map(|stage| match stage {
        Stage::Begun => b'b',
        Stage::Done => b'd',
    }));
    keys.pseudonym(b"erasure journal", &bytes).to_string()
}

/// Adds a line and waits until it is on disk.
pub(super) fn note(
    folder: &Path,
    keys: &AuditKeys,
    tenant: TenantId,
    at: Timestamp,
    marks: &[ErasedMark],
    stage: Stage,
) -> Result<(), Fault> {
    let stage = Some(stage);
    let line =
        Line { tenant, at, marks: marks.to_vec(), stage, signature: sign(keys, tenant, at, marks, stage) };
    let mut file = OpenOptions::new().create(true).append(true).open(path(folder))?;
    // One write, so that lines of two processes do not mix.
    file.write_all(format!("{}\n", serde_json::to_string(&line)?).as_bytes())?;
    file.sync_all()?;
    Ok(())
}

/// The last line of each erasure, in the order of their beginnings.
pub(super) fn read(folder: &Path, keys: &AuditKeys) -> Result<Vec<Line>, Fault> {
    let path = path(folder);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut erasures: Vec<Line> = Vec::new();
    for (number, text) in std::fs::read_to_string(&path)?.lines().enumerate() {
        let place = || format!("{}, line {}", path.display(), number + 1);
        let line: Line = serde_json::from_str(text).map_err(|_| format!("{} cannot be read", place()))?;
        if sign(keys, line.tenant, line.at, &line.marks, line.stage) != line.signature {
            return Err(format!(
                "{} was not written with this deployment's secrets; put the journal or secrets.toml back that belong together",
                place()
            )
            .into());
        }
        let is_same = |one: &&mut Line| (one.tenant, &one.marks) == (line.tenant, &line.marks);
        match erasures.iter_mut().find(is_same) {
            Some(known) => *known = line,
            None => erasures.push(line),
        }
    }
    Ok(erasures)
}
