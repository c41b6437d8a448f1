//! A workspace's own status words and typed custom fields: shown and changed.

use anyhow::{Context, bail};
use pm33_app::{Foundation, act};
use pm33_product::{Backlog, FieldType, Status, Vocabulary};
use pm33_tenancy::{Tenant, WorkspaceAccess, WorkspaceRef, open_workspace};

use crate::{Setup, output};

/// What a workspace calls things now.
pub(crate) async fn vocabulary(foundation: &Foundation, at: WorkspaceRef) -> anyhow::Result<Vocabulary> {
    // Not from a snapshot: an import would go on to hold all that it writes.
    Ok(foundation.store.session(at.tenant()).vocabulary(at).await?)
}

/// Changes what is asked, and shows the whole.
pub(crate) async fn run(
    setup: &Setup,
    foundation: &Foundation,
    tenant: &Tenant,
    slug: &str,
    statuses: &[String],
    fields: &[String],
) -> anyhow::Result<()> {
    let session = foundation.store.session(tenant.id);
    let (at, _) = open_workspace(&session, tenant.id, &WorkspaceAccess::All, Some(slug)).await?;
    let mut own = vocabulary(foundation, at).await?;
    if !statuses.is_empty() || !fields.is_empty() {
        for pair in statuses {
            put_status(&mut own, pair)?;
        }
        for pair in fields {
            put_field(&mut own, pair)?;
        }
        session.put_vocabulary(at, &own).await?;
        let target = Some(slug.to_owned());
        session.commit(act(tenant.id, "admin/workspace.vocabulary", target, foundation.clock.now())).await?;
    }
    let status = |(word, status): (&String, &Status)| {
        vec!["status".to_owned(), word.clone(), status.as_str().to_owned()]
    };
    let field =
        |(name, kind): (&String, &FieldType)| vec!["field".to_owned(), name.clone(), kind.to_string()];
    let rows = own.statuses.iter().map(status).chain(own.fields.iter().map(field)).collect();
    output::rows(setup, &["kind", "word", "means"], rows);
    Ok(())
}

fn put_status(own: &mut Vocabulary, pair: &str) -> anyhow::Result<()> {
    let Some((word, meaning)) = pair.split_once('=') else { bail!("{pair:?}: write WORD=STATUS") };
    let word = word.trim();
    if meaning.trim().is_empty() {
        own.statuses.remove(word).with_context(|| format!("the workspace has no status word {word:?}"))?;
        return Ok(());
    }
    let status = Status::parse(meaning).with_context(|| {
        let all: Vec<_> = Status::ALL.iter().map(|status| status.as_str()).collect();
        format!("{meaning:?}: statuses are {}", all.join(", "))
    })?;
    own.statuses.insert(word.to_owned(), status);
    Ok(())
}

fn put_field(own: &mut Vocabulary, pair: &str) -> anyhow::Result<()> {
    let Some((name, kind)) = pair.split_once('=') else { bail!("{pair:?}: write NAME=TYPE") };
    let name = name.trim();
    if kind.trim().is_empty() {
        own.fields.remove(name).with_context(|| format!("the workspace gives {name:?} no type"))?;
        return Ok(());
    }
    let kind = FieldType::parse(kind)
        .with_context(|| format!("{kind:?}: types are text, number, date, url, list and enum:ONE,TWO,…"))?;
    own.fields.insert(name.to_owned(), kind);
    Ok(())
}
