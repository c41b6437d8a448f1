//! GitHub issues as JSON, in the shape of `gh issue list --json …`.

mod dates;
mod identity;
mod issue;
mod labels;
mod people;
mod state;
mod texts;

use crate::{
    Format, ImportOptions, ImportPlan, InterchangeError, decode,
    github::{identity::tell_apart, issue::read_issue},
    records::{self, Fields},
    report::Tally,
    row::Row,
};

/// Plans the import of a GitHub export. A record that cannot become an item is skipped and reported, never the file.
///
/// | column | becomes |
/// |---|---|
/// | `number`, `url` | external id `owner/name#12`; without a repository `12`; without a number the URL, the node id, or a fingerprint of title, creation and body |
/// | `title` | title; beyond 500 characters cut there, the full title heads the description |
/// | `body` | description; beyond 65,536 characters cut there, with a warning |
/// | `state`, `stateReason` | status: open is backlog, closed is done or, by its reason, cancelled; merged is done |
/// | `createdAt`, `closedAt`, `updatedAt` | times, and the state history they prove; what is no date stays unknown |
/// | `labels` | labels; also type (`bug`, `kind/feature`), priority (`P1`, `priority/high`) and team (by the options) |
/// | `assignees` | the first is the assignee; all of several also a custom field |
/// | `milestone` | custom field; its due date, where it has one, the due date |
/// | anything else | custom field |
///
/// One external id twice: where title, creation and body are the same, it is one issue exported twice, and the newer
/// record counts; else both become items, and the later one's id gets a fingerprint as its ending.
///
/// # Errors
/// When the file as a whole cannot be read: too large, too many records or columns, no text, no JSON, no records.
pub fn github(bytes: &[u8], options: &ImportOptions) -> Result<ImportPlan, InterchangeError> {
    let limits = options.limits;
    if bytes.len() > limits.bytes {
        return Err(InterchangeError::TooLarge { bytes: bytes.len(), limit: limits.bytes });
    }
    let text = decode::text(bytes)?;
    let raw = records::split(&text)?;
    if raw.len() > limits.records {
        return Err(InterchangeError::TooManyRecords { records: raw.len(), limit: limits.records });
    }
    let mut rows = Vec::with_capacity(raw.len());
    for (record, raw) in (1..).zip(raw) {
        rows.push(match raw.and_then(Fields::read) {
            Ok(fields) if fields.0.len() > limits.columns => {
                return Err(InterchangeError::TooManyColumns { limit: limits.columns });
            }
            Ok(fields) => read_issue(Row::new(record, fields), options),
            Err(what) => {
                let mut row = Row::empty(record);
                row.skip(None, what, None);
                (row, None)
            }
        });
    }
    tell_apart(&mut rows);
    let mut tally = Tally::new(Format::GithubJson, limits);
    let mut items = Vec::with_capacity(rows.len());
    for (row, issue) in rows {
        items.extend(issue.filter(|_| !row.is_skipped()).map(|issue| issue.imported));
        tally.enter(row)?;
    }
    Ok(ImportPlan { items, report: tally.finish() })
}
