//! Writing a workspace as lines.

use std::io::Write;

use pm33_product::{Backlog, Documents, Forecasts, Freshness, ProductError, Strategy};
use pm33_tenancy::{Timestamp, WorkspaceRef};

use super::{ItemRecord, Line, VERSION};
use crate::InterchangeError;

/// Items whose descriptions are read at once.
const CHUNK: usize = 200;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Items.
    pub items: usize,
    /// Lines.
    pub lines: usize,
}

/// Writes a workspace; `progress` hears how many items are done.
///
/// # Errors
/// When the store does not answer, or nothing can be written.
pub async fn export_lines<S: Backlog + Documents + Forecasts + Strategy + ?Sized>(
    store: &S,
    at: WorkspaceRef,
    now: Timestamp,
    out: &mut (dyn Write + Send),
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Exported, InterchangeError> {
    let store_error = |error: ProductError| InterchangeError::Unreadable(std::io::Error::other(error));
    let snapshot = store.snapshot(at, Freshness::Newest).await.map_err(store_error)?;
    let mut exported = Exported::default();
    let mut lines =
        vec![Line::Pm33Workspace { version: VERSION, exported: now, prefix: snapshot.prefix().to_owned() }];
    if !snapshot.vocabulary().is_empty() {
        lines.push(Line::Vocabulary(snapshot.vocabulary().clone()));
    }
    lines.extend(snapshot.teams().iter().cloned().map(Line::Team));
    lines.extend(snapshot.sprints().iter().cloned().map(Line::Sprint));
    lines.push(Line::Mission(store.mission(at).await.map_err(store_error)?));
    lines.extend(snapshot.objectives().iter().cloned().map(Line::Objective));
    lines.extend(store.competitors(at).await.map_err(store_error)?.into_iter().map(Line::Competitor));
    for line in lines {
        write(out, &line, &mut exported)?;
    }
    let mut items: Vec<_> = snapshot.items().collect();
    items.sort_unstable_by_key(|item| item.number);
    for chunk in items.chunks(CHUNK) {
        let ids: Vec<_> = chunk.iter().map(|item| item.id).collect();
        let descriptions = store.descriptions(at, &ids).await.map_err(store_error)?;
        for (item, description) in chunk.iter().zip(descriptions) {
            let history = store.history(at, item.id).await.map_err(store_error)?;
            let record = ItemRecord::new(item, description, &history);
            write(out, &Line::Item(Box::new(record)), &mut exported)?;
            exported.items += 1;
        }
        progress(exported.items);
    }
    for template in store.templates(at).await.map_err(store_error)? {
        write(out, &Line::DocumentTemplate(template), &mut exported)?;
    }
    documents(store, at, out, &mut exported).await?;
    let mut forecasts = store.kept_forecasts(at, u64::from(u32::MAX)).await.map_err(store_error)?;
    // The first saved first.
    forecasts.reverse();
    for forecast in forecasts {
        write(out, &Line::Forecast(Box::new(forecast)), &mut exported)?;
    }
    out.flush()?;
    Ok(exported)
}

/// Every version of every document, the first changed first.
async fn documents<S: Documents + ?Sized>(
    store: &S,
    at: WorkspaceRef,
    out: &mut (dyn Write + Send),
    exported: &mut Exported,
) -> Result<(), InterchangeError> {
    let store_error = |error: ProductError| InterchangeError::Unreadable(std::io::Error::other(error));
    let mut heads = store.documents(at, None, 0, u64::from(u32::MAX)).await.map_err(store_error)?;
    heads.sort_by_key(|head| (head.created, head.id));
    for head in heads {
        for version in 1..=head.version {
            let asked = head.id.to_string();
            if let Some(document) = store.document(at, &asked, Some(version)).await.map_err(store_error)? {
                write(out, &Line::Document(Box::new(document)), exported)?;
            }
        }
    }
    Ok(())
}

fn write(out: &mut (dyn Write + Send), line: &Line, exported: &mut Exported) -> Result<(), InterchangeError> {
    let text = serde_json::to_string(line).map_err(std::io::Error::other)?;
    writeln!(out, "{text}")?;
    exported.lines += 1;
    Ok(())
}
