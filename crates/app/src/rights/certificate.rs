//! The certificate of an erasure: what was removed, by what method, what was looked through afterwards, and what is kept on
//! which ground; signed with the deployment's key, so that a changed one is seen.

use std::{fs::File, io::Read, path::Path};

use pm33_store::Erased;
use pm33_tenancy::{AuditKeys, ErasedMark, TenantId, Timestamp};
use serde::Serialize;
use serde_json::Value;

/// A certificate.
#[derive(Clone, Debug, Serialize)]
pub struct Certificate {
    /// `pm33-erasure-certificate/1`.
    pub format: &'static str,
    /// Version of the program.
    pub program: &'static str,
    /// The organisation.
    pub tenant: TenantId,
    /// `member` or `organisation`.
    pub whose: &'static str,
    /// The subject's marks: keyed digests, which name nobody.
    pub marks: Vec<ErasedMark>,
    /// When it began.
    pub begun: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// What was done to each table.
    pub done: Vec<Erased>,
    /// How removed rows were taken out of files.
    pub method: Vec<&'static str>,
    /// What was looked through afterwards.
    pub verification: Verification,
    /// What an erasure does not reach, and until when it is there.
    pub elsewhere: Vec<(&'static str, &'static str)>,
}

/// What was looked through.
#[derive(Clone, Debug, Serialize)]
pub struct Verification {
    /// Rows that still hold what was to go: none.
    pub remaining_rows: u64,
    /// Rows of the audit log that were checked.
    pub audit_rows: u64,
    /// Breaks of its chain: none.
    pub audit_breaks: u64,
    /// Files that were searched for the subject's handle and name.
    pub files: Vec<FileLook>,
}

/// A searched file.
#[derive(Clone, Debug, Serialize)]
pub struct FileLook {
    /// Its name.
    pub file: String,
    /// Its bytes.
    pub bytes: u64,
    /// Places that hold the handle or the name: texts of the organisation may, and short names are found by chance.
    pub found: u64,
}

/// Searches a file for texts.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn look(path: &Path, texts: &[String]) -> std::io::Result<FileLook> {
    let longest = texts.iter().map(String::len).max().unwrap_or(0);
    let mut file = File::open(path)?;
    let (mut window, mut chunk) = (Vec::new(), vec![0; 1 << 20]);
    let (mut bytes, mut found) = (0_u64, 0_u64);
    loop {
        let count = file.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        bytes += count as u64;
        let old = window.len();
        window.extend_from_slice(&chunk[..count]);
        for text in texts.iter().filter(|text| !text.is_empty()) {
            let needle = text.as_bytes();
            // What lies whole in the part that was looked at before was counted before.
            let from = (old + 1).saturating_sub(needle.len());
            let places = window.get(from..).unwrap_or_default().windows(needle.len());
            found += places.filter(|place| *place == needle).count() as u64;
        }
        let keep = window.len().saturating_sub(longest.saturating_sub(1));
        window.drain(..keep);
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(FileLook { file: name, bytes, found })
}

impl Certificate {
    /// The certificate as JSON with its signature.
    ///
    /// # Errors
    /// None in practice: it is plain data.
    pub fn signed(&self, keys: &AuditKeys) -> Result<Value, serde_json::Error> {
        let mut value = serde_json::to_value(self)?;
        let signature = sign(&value, keys)?;
        value["signature"] = signature.into();
        Ok(value)
    }
}

fn sign(value: &Value, keys: &AuditKeys) -> Result<String, serde_json::Error> {
    let bytes = serde_json::to_vec(value)?;
    Ok(keys.pseudonym(b"erasure certificate", &bytes).to_string())
}

/// Whether a certificate is this deployment's, unchanged.
pub fn check_certificate(certificate: &Value, keys: &AuditKeys) -> bool {
    let Some(object) = certificate.as_object() else { return false };
    let mut bare = object.clone();
    let Some(Value::String(signature)) = bare.shift_remove("signature") else { return false };
    sign(&Value::Object(bare), keys).is_ok_and(|expected| expected == signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_searched_across_the_parts_that_are_read() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("f");
        let mut bytes = vec![b'x'; 3 << 20];
        for at in [0, (1 << 20) - 3, (2 << 20) - 1, (3 << 20) - 6] {
            bytes[at..at + 6].copy_from_slice(b"needle");
        }
        std::fs::write(&path, &bytes)?;
        let texts = ["needle".to_owned(), String::new(), "eedl".to_owned()];
        let found = look(&path, &texts)?;
        assert_eq!((found.found, found.bytes), (8, 3 << 20));
        Ok(())
    }
}
