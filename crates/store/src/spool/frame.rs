//! Frames of a spool: the rows of one group under one signature. A frame names its process and its number, so that none
//! can be left out, put elsewhere or made by whoever has not the deployment's key.

use std::{fs::File, io, ops::Range, os::unix::fs::FileExt as _};

use pm33_tenancy::AuditKeys;
use uuid::Uuid;

use super::codec;
use crate::grant::Prepared;

/// Bytes before a frame's rows: mark, length of the rows, number, process.
pub(super) const HEAD: usize = 32;
/// Bytes of the signature behind the rows.
const SIGNATURE: usize = 32;
const MARK: [u8; 4] = *b"PM3A";
/// What the signature is of.
const LABEL: &[u8] = b"spooled audit rows";
/// Rows' bytes in a frame at most: a bound for what is read into memory of a file that may be damaged.
const MOST: u32 = 64 << 20;

/// A frame's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) number: u64,
    /// Bytes of the whole frame.
    pub(super) size: u64,
    process: Uuid,
}

/// Writes a frame.
pub(super) fn write(process: Uuid, number: u64, rows: &[Vec<u8>], keys: &AuditKeys) -> Vec<u8> {
    let length: usize = rows.iter().map(|row| row.len() + 4).sum();
    let mut frame = Vec::with_capacity(HEAD + length + SIGNATURE);
    frame.extend_from_slice(&MARK);
    frame.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    frame.extend_from_slice(&number.to_le_bytes());
    frame.extend_from_slice(process.as_bytes());
    for row in rows {
        frame.extend_from_slice(&u32::try_from(row.len()).unwrap_or(u32::MAX).to_le_bytes());
        frame.extend_from_slice(row);
    }
    let signature = keys.pseudonym(LABEL, &frame);
    frame.extend_from_slice(&signature.0);
    frame
}

/// The head of a frame at a place of a file; `None` where none begins.
pub(super) fn head(file: &File, at: u64) -> io::Result<Option<Head>> {
    let mut bytes = [0; HEAD];
    match file.read_exact_at(&mut bytes, at) {
        Ok(()) => Ok(parse(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

fn parse(bytes: &[u8]) -> Option<Head> {
    let (mark, rest) = bytes.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (number, rest) = rest.split_first_chunk::<8>()?;
    let process = Uuid::from_bytes(*rest.first_chunk::<16>()?);
    let length = u32::from_le_bytes(*length);
    let size = u64::from(length) + (HEAD + SIGNATURE) as u64;
    (*mark == MARK && length <= MOST).then_some(Head { number: u64::from_le_bytes(*number), size, process })
}

/// The rows of the frame at a place of a file; `None` when it is not whole, of another process, or not ours.
pub(super) fn rows(
    file: &File,
    at: u64,
    head: Head,
    process: Uuid,
    keys: &AuditKeys,
) -> io::Result<Option<Vec<Prepared>>> {
    let Ok(size) = usize::try_from(head.size) else { return Ok(None) };
    if head.process != process {
        return Ok(None);
    }
    let mut frame = vec![0; size];
    match file.read_exact_at(&mut frame, at) {
        Ok(()) => Ok(open(&frame, keys)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether no frame of the process that is newer than a number begins at a place of a file, or one whose end was not written:
/// what lies ahead of frames is zero, or an older frame where the zeros over it had not come to the disk.
pub(super) fn is_absent_or_torn(file: &File, at: u64, process: Uuid, number: u64) -> io::Result<bool> {
    const END: usize = 8;
    let is_next = |head: &Head| head.process == process && head.number > number;
    let Some(head) = head(file, at)?.filter(is_next) else { return Ok(true) };
    let mut end = [0; END];
    match file.read_exact_at(&mut end, at + head.size - END as u64) {
        Ok(()) => Ok(end == [0; END]),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(true),
        Err(error) => Err(error),
    }
}

/// Whether a whole frame with a higher number begins somewhere in a part of a file.
pub(super) fn is_behind(
    file: &File,
    part: Range<u64>,
    number: u64,
    process: Uuid,
    keys: &AuditKeys,
) -> io::Result<bool> {
    let mut rest = vec![0; usize::try_from(part.end.saturating_sub(part.start)).unwrap_or(0)];
    file.read_exact_at(&mut rest, part.start)?;
    for (at, _) in (part.start..).zip(rest.windows(MARK.len())).filter(|(_, bytes)| *bytes == MARK) {
        if let Some(head) = head(file, at)?.filter(|head| head.number > number)
            && rows(file, at, head, process, keys)?.is_some()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn open(frame: &[u8], keys: &AuditKeys) -> Option<Vec<Prepared>> {
    let (signed, signature) = frame.split_last_chunk::<SIGNATURE>()?;
    if !keys.is_pseudonym(LABEL, signed, signature) {
        return None;
    }
    let mut rest = signed.get(HEAD..)?;
    let mut rows = Vec::new();
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let (row, behind) = behind.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        rows.push(codec::decode(row)?);
        rest = behind;
    }
    rest.is_empty().then_some(rows)
}
