//! What kind of file it is, by its first bytes.

use std::{
    borrow::Cow,
    io::{Cursor, Read as _, Seek as _, SeekFrom},
};

use super::{ReadSeek, decode};
use crate::{ImportLimits, InterchangeError};

/// Bytes looked at.
const LOOKED_AT: u64 = 64 * 1024;
/// Kinds of files that are given in place of a text.
const OTHERS: &[(&[u8], &str, &str)] = &[
    (
        b"PK\x03\x04",
        "a ZIP archive (or a spreadsheet, which is one)",
        "unpack it, or save the sheet as CSV, and import that",
    ),
    (b"\x1f\x8b", "compressed with gzip", "unpack it first"),
    (b"(\xb5\x2f\xfd", "compressed with zstd", "unpack it first"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV and import that"),
    (b"%PDF", "a PDF", "export the issues as CSV or JSON"),
    (b"SQLite format 3", "a SQLite database", "export the issues as CSV or JSON"),
];
const MARKUP: &str = "a page or an XML document";
const MARKUP_ADVICE: &str = "export the issues as CSV or JSON; a page in place of a file is often a login";

/// A text with its beginning, from where on it is UTF-8.
pub(super) struct Text<'a> {
    pub(super) input: Box<dyn ReadSeek + 'a>,
    /// Bytes before the text.
    pub(super) start: u64,
    /// The first characters.
    pub(super) head: String,
}

/// The two kinds that are read.
pub(super) enum Sniffed<'a> {
    /// One record a line, columns by separators.
    Table(Text<'a>),
    /// JSON, which is held as a whole.
    Json(String),
}

/// Looks at a file; what is UTF-16 is decoded as a whole.
pub(super) fn sniff<'a>(
    mut input: Box<dyn ReadSeek + 'a>,
    limits: ImportLimits,
) -> Result<Sniffed<'a>, InterchangeError> {
    let bytes = input.seek(SeekFrom::End(0))?;
    if bytes > limits.bytes {
        return Err(InterchangeError::TooLarge { bytes, limit: limits.bytes });
    }
    input.seek(SeekFrom::Start(0))?;
    let mut head = Vec::new();
    (&mut input).take(LOOKED_AT).read_to_end(&mut head)?;
    for (beginning, what, advice) in OTHERS {
        if head.starts_with(beginning) {
            return Err(InterchangeError::OtherKind { what, advice });
        }
    }
    let mut start = 0;
    if matches!(head.as_slice(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        let whole = read_whole(&mut input)?;
        let text = decode::text(&whole)?.into_owned();
        head = text.bytes().take(usize::try_from(LOOKED_AT).unwrap_or(usize::MAX)).collect();
        input = Box::new(Cursor::new(text));
    } else if head.starts_with(b"\xef\xbb\xbf") {
        start = 3;
        head.drain(..3);
    } else if head.iter().take(1_000).filter(|byte| **byte == 0).count() > 0 {
        let advice = "save it as UTF-8, or as UTF-16 with a byte order mark";
        return Err(InterchangeError::OtherKind { what: "no text: it holds zero bytes", advice });
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let beginning = head.trim_start();
    if beginning.starts_with('<') {
        return Err(InterchangeError::OtherKind { what: MARKUP, advice: MARKUP_ADVICE });
    }
    if beginning.starts_with(['[', '{']) {
        let whole = read_whole(&mut input)?;
        let text = match decode::text(&whole)? {
            Cow::Borrowed(_) => {
                let mut whole = whole;
                whole.drain(..usize::try_from(start).unwrap_or(0));
                String::from_utf8(whole).map_err(|_| InterchangeError::NotText { offset: 0 })?
            }
            Cow::Owned(text) => text,
        };
        return Ok(Sniffed::Json(text));
    }
    Ok(Sniffed::Table(Text { input, start, head }))
}

fn read_whole(input: &mut Box<dyn ReadSeek + '_>) -> Result<Vec<u8>, InterchangeError> {
    let mut whole = Vec::new();
    input.seek(SeekFrom::Start(0))?;
    input.read_to_end(&mut whole)?;
    Ok(whole)
}
