//! The audit log on its way out: one `CloudEvent` a line (NDJSON), each row as an OCSF API Activity with the row itself
//! unmapped in it. A line has one text only, so that a check of the text is a check of every field.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Anchor, ChainHead, ChainedRow, ocsf::Activity};
use crate::{Digest, TenantId, Timestamp};

/// Where an export begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportStart {
    /// Whose log.
    pub tenant: TenantId,
    /// Number of the row that it goes on after; 0 from the beginning.
    pub after: u64,
    /// Hash of that row; zeros from the beginning.
    pub hash: Digest,
    /// When it was made.
    pub at: Timestamp,
}

/// An anchor or a head with its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed<T> {
    #[serde(flatten)]
    what: T,
    signature: Digest,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Head {
    tenant: TenantId,
    seq: u64,
    hash: Digest,
}

/// One line of an export.
#[derive(Clone, Debug)]
pub enum ExportLine {
    /// Where a part begins.
    Start(ExportStart),
    /// Rows that retention had removed, signed.
    Anchor(Box<Anchor>, Digest),
    /// A row.
    Row(Box<ChainedRow>),
    /// A row that could not be read.
    Unreadable {
        /// Its number.
        seq: u64,
    },
    /// Where the log ended, signed.
    Head(ChainHead, Digest),
}

const START: &str = "io.pm33.audit.start.v1";
const ANCHOR: &str = "io.pm33.audit.anchor.v1";
const ROW: &str = "io.pm33.audit.row.v1";
const UNREADABLE: &str = "io.pm33.audit.unreadable.v1";
const HEAD: &str = "io.pm33.audit.head.v1";

/// The envelope, by `CloudEvents` 1.0 with its extensions `sequence` and `traceparent`.
#[derive(Serialize)]
struct Event<'a, T> {
    specversion: &'static str,
    r#type: &'static str,
    id: String,
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Timestamp>,
    datacontenttype: &'static str,
    /// Twenty digits, so that texts sort as numbers do.
    sequence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<&'a str>,
    data: T,
}

/// A row inside its activity.
#[derive(Serialize)]
struct Unmapped<T> {
    pm33: T,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept<R, P> {
    seq: u64,
    previous: Digest,
    hash: Digest,
    row: R,
    personal: P,
}

fn event<W: Write, T: Serialize>(
    to: W,
    kind: &'static str,
    name: &str,
    seq: u64,
    time: Option<Timestamp>,
    traceparent: Option<&str>,
    data: T,
) -> serde_json::Result<()> {
    let event = Event {
        specversion: "1.0",
        r#type: kind,
        id: format!("{name}:{seq}"),
        source: "/pm33/audit",
        time,
        datacontenttype: "application/json",
        sequence: format!("{seq:020}"),
        traceparent,
        data,
    };
    serde_json::to_writer(to, &event)
}

/// Writes a line, without its end.
pub fn write_line(line: &ExportLine) -> String {
    let mut text = Vec::with_capacity(4_096);
    // Plain data always has a JSON text, and a list always takes it.
    let _ = write(&mut text, line);
    String::from_utf8(text).unwrap_or_default()
}

fn write(to: impl Write, line: &ExportLine) -> serde_json::Result<()> {
    match line {
        ExportLine::Start(start) => {
            event(to, START, &format!("{}:start", start.tenant), start.after, Some(start.at), None, start)
        }
        ExportLine::Anchor(anchor, signature) => {
            let data = Signed { what: &**anchor, signature: *signature };
            event(to, ANCHOR, &format!("{}:anchor", anchor.tenant), anchor.to, Some(anchor.at), None, data)
        }
        ExportLine::Row(stored) => {
            let row = &stored.row;
            let own = Kept {
                seq: stored.seq,
                previous: stored.previous,
                hash: stored.hash,
                row,
                personal: stored.personal.as_ref(),
            };
            let activity = Activity::of(stored, Unmapped { pm33: own });
            let name = row.tenant.to_string();
            event(to, ROW, &name, stored.seq, Some(row.at), row.traceparent.as_deref(), activity)
        }
        ExportLine::Unreadable { seq } => {
            event(to, UNREADABLE, "unreadable", *seq, None, None, serde_json::json!({ "seq": seq }))
        }
        ExportLine::Head(head, signature) => {
            let what = Head { tenant: head.tenant, seq: head.seq, hash: head.hash };
            let data = Signed { what, signature: *signature };
            event(to, HEAD, &format!("{}:head", head.tenant), head.seq, None, None, data)
        }
    }
}

#[derive(Deserialize)]
struct Outer<'a> {
    r#type: &'a str,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct Number {
    seq: u64,
}

/// Where a line of a row begins, what stands before the row itself, and what closes the line behind it. All else is made
/// of the row, and is the same text or the line is not read: it need not be taken apart.
const ROW_LINE: &str = r#"{"specversion":"1.0","type":"io.pm33.audit.row.v1","#;
const BEFORE_ROW: &str = r#","unmapped":{"pm33":"#;
const BEHIND_ROW: &str = "}}}";

/// Takes no text but the expected one.
struct Same<'a>(&'a [u8]);

impl Write for Same<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.strip_prefix(bytes).ok_or(io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads a line, without its end; `None` when it is not the very text that [`write_line`] makes of what it says.
pub fn read_line(text: &str) -> Option<ExportLine> {
    let line = if text.starts_with(ROW_LINE) { row_of(text)? } else { other_of(text)? };
    let mut left = Same(text.as_bytes());
    write(&mut left, &line).ok()?;
    left.0.is_empty().then_some(line)
}

fn row_of(text: &str) -> Option<ExportLine> {
    let at = memchr::memmem::find(text.as_bytes(), BEFORE_ROW.as_bytes())?;
    let own = text.get(at + BEFORE_ROW.len()..)?.strip_suffix(BEHIND_ROW)?;
    let Kept { seq, previous, hash, row, personal } = serde_json::from_str(own).ok()?;
    Some(ExportLine::Row(Box::new(ChainedRow { seq, previous, hash, row, personal })))
}

fn other_of(text: &str) -> Option<ExportLine> {
    let outer: Outer<'_> = serde_json::from_str(text).ok()?;
    let data = outer.data.get();
    Some(match outer.r#type {
        START => ExportLine::Start(serde_json::from_str(data).ok()?),
        ANCHOR => {
            let Signed { what, signature } = serde_json::from_str(data).ok()?;
            ExportLine::Anchor(Box::new(what), signature)
        }
        UNREADABLE => ExportLine::Unreadable { seq: serde_json::from_str::<Number>(data).ok()?.seq },
        HEAD => {
            let Signed { what: Head { tenant, seq, hash }, signature } = serde_json::from_str(data).ok()?;
            ExportLine::Head(ChainHead { tenant, seq, hash }, signature)
        }
        _ => return None,
    })
}
