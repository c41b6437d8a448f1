//! The audit log on its way out: one `CloudEvent` a line (NDJSON), each row as an OCSF API Activity with the row itself
//! unmapped in it. A line has one text only, so that a check of the text is a check of every field.

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
#[derive(Serialize, Deserialize)]
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

fn event<T: Serialize>(
    kind: &'static str,
    name: &str,
    seq: u64,
    time: Option<Timestamp>,
    traceparent: Option<&str>,
    data: T,
) -> String {
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
    // Plain data always has a JSON text.
    serde_json::to_string(&event).unwrap_or_default()
}

/// Writes a line, without its end.
pub fn write_line(line: &ExportLine) -> String {
    match line {
        ExportLine::Start(start) => {
            event(START, &format!("{}:start", start.tenant), start.after, Some(start.at), None, start)
        }
        ExportLine::Anchor(anchor, signature) => {
            let data = Signed { what: &**anchor, signature: *signature };
            event(ANCHOR, &format!("{}:anchor", anchor.tenant), anchor.to, Some(anchor.at), None, data)
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
            event(ROW, &name, stored.seq, Some(row.at), row.traceparent.as_deref(), activity)
        }
        ExportLine::Unreadable { seq } => {
            event(UNREADABLE, "unreadable", *seq, None, None, serde_json::json!({ "seq": seq }))
        }
        ExportLine::Head(head, signature) => {
            let what = Head { tenant: head.tenant, seq: head.seq, hash: head.hash };
            let data = Signed { what, signature: *signature };
            event(HEAD, &format!("{}:head", head.tenant), head.seq, None, None, data)
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
struct Inner<T> {
    unmapped: Unmapped<T>,
}

#[derive(Deserialize)]
struct Number {
    seq: u64,
}

/// Reads a line, without its end; `None` when it is not the very text that [`write_line`] makes of what it says.
pub fn read_line(text: &str) -> Option<ExportLine> {
    let outer: Outer<'_> = serde_json::from_str(text).ok()?;
    let data = outer.data.get();
    let line = match outer.r#type {
        START => ExportLine::Start(serde_json::from_str(data).ok()?),
        ANCHOR => {
            let Signed { what, signature } = serde_json::from_str(data).ok()?;
            ExportLine::Anchor(Box::new(what), signature)
        }
        ROW => {
            let inner: Inner<Kept<_, _>> = serde_json::from_str(data).ok()?;
            let Kept { seq, previous, hash, row, personal } = inner.unmapped.pm33;
            ExportLine::Row(Box::new(ChainedRow { seq, previous, hash, row, personal }))
        }
        UNREADABLE => ExportLine::Unreadable { seq: serde_json::from_str::<Number>(data).ok()?.seq },
        HEAD => {
            let Signed { what: Head { tenant, seq, hash }, signature } = serde_json::from_str(data).ok()?;
            ExportLine::Head(ChainHead { tenant, seq, hash }, signature)
        }
        _ => return None,
    };
    (write_line(&line) == text).then_some(line)
}
