//! Documents of a workspace: listed, exported as Markdown; templates of a workspace's own.

use std::{fs::File, io::Write, path::PathBuf};

use anyhow::{Context, bail};
use clap::Subcommand;
use pm33_app::{Foundation, act};
use pm33_product::{Backlog, DocumentTemplate, Documents, Freshness, shipped_templates, write_markdown};
use pm33_tenancy::{Tenant, WorkspaceAccess, WorkspaceRef, open_workspace};

use crate::{Setup, confirm::Yes, output, output::Paging, tenant as find_tenant};

/// Documents.
#[derive(Subcommand)]
pub(crate) enum DocumentsCommand {
    /// Lists a workspace's documents, the last changed first.
    List {
        /// The tenant.
        tenant: String,
        /// The workspace, by slug.
        workspace: String,
        #[command(flatten)]
        paging: Paging,
    },
    /// Writes a document as Markdown, with its sources.
    Export {
        /// The tenant.
        tenant: String,
        /// The workspace, by slug.
        workspace: String,
        /// The document, by id or title.
        document: String,
        /// The file to write, which must not be there yet; `-` is the standard output.
        file: PathBuf,
        /// This version; the newest when absent.
        #[arg(long)]
        version: Option<u32>,
    },
    /// Templates of a workspace's own.
    #[command(subcommand)]
    Template(TemplateCommand),
}

/// Templates.
#[derive(Subcommand)]
pub(crate) enum TemplateCommand {
    /// Lists the templates that a workspace can use.
    List {
        /// The tenant.
        tenant: String,
        /// The workspace, by slug.
        workspace: String,
        #[command(flatten)]
        paging: Paging,
    },
    /// Adds a template, or replaces the one of its name, from a file of JSON.
    Put {
        /// The tenant.
        tenant: String,
        /// The workspace, by slug.
        workspace: String,
        /// The file: `{"name", "title", "type", "sections": [{"heading", "holds", "mandatory", "about", "from"}]}`.
        file: PathBuf,
    },
    /// Removes a template; documents that follow it stay.
    Remove {
        /// The tenant.
        tenant: String,
        /// The workspace, by slug.
        workspace: String,
        /// Its name.
        name: String,
        #[command(flatten)]
        yes: Yes,
    },
}

/// Largest file of a template.
const TEMPLATE_BYTES: u64 = 1 << 20;

async fn open(
    foundation: &Foundation,
    tenant: &str,
    workspace: &str,
) -> anyhow::Result<(Tenant, WorkspaceRef)> {
    let tenant = find_tenant(foundation, tenant).await?;
    let session = foundation.store.session(tenant.id);
    let (at, _) = open_workspace(&session, tenant.id, &WorkspaceAccess::All, Some(workspace)).await?;
    Ok((tenant, at))
}

/// Runs a command about documents.
pub(crate) async fn run(setup: &Setup, command: DocumentsCommand) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    match command {
        DocumentsCommand::List { tenant, workspace, paging } => {
            let (tenant, at) = open(&foundation, &tenant, &workspace).await?;
            let session = foundation.store.session(tenant.id);
            let heads = session.documents(at, None, 0, u64::from(u32::MAX)).await?;
            let row = |head: pm33_product::DocumentHead| {
                vec![
                    head.id.to_string(),
                    head.title,
                    head.kind.to_string(),
                    head.template,
                    head.status.to_string(),
                    head.version.to_string(),
                    head.updated.to_string(),
                ]
            };
            let headings = ["id", "title", "type", "template", "status", "version", "updated"];
            output::page(setup, &paging, 1, &headings, heads.into_iter().map(row).collect())?;
        }
        DocumentsCommand::Export { tenant, workspace, document, file, version } => {
            let (tenant, at) = open(&foundation, &tenant, &workspace).await?;
            let session = foundation.store.session(tenant.id);
            let found = session.document(at, &document, version).await?;
            let found =
                found.with_context(|| format!("no document {document:?} in {workspace}; list shows them"))?;
            let snapshot = session.snapshot(at, Freshness::Newest).await?;
            let about =
                found.about.and_then(|id| snapshot.get(id)).map(|item| snapshot.key(item).to_string());
            let text = write_markdown(&found, about.as_deref());
            if file.as_os_str() == "-" {
                output::text(&text);
            } else {
                if file.exists() {
                    bail!("{} is there already; name another file", file.display());
                }
                let out = File::create_new(&file);
                let mut out = out.with_context(|| format!("creating {}", file.display()))?;
                out.write_all(text.as_bytes())?;
                let version = found.version.to_string();
                output::done(setup, &[("version", version), ("file", file.display().to_string())]);
            }
        }
        DocumentsCommand::Template(command) => template(setup, &foundation, command).await?,
    }
    foundation.store.close().await;
    Ok(())
}

async fn template(setup: &Setup, foundation: &Foundation, command: TemplateCommand) -> anyhow::Result<()> {
    let now = foundation.clock.now();
    match command {
        TemplateCommand::List { tenant, workspace, paging } => {
            let (tenant, at) = open(foundation, &tenant, &workspace).await?;
            let own = foundation.store.session(tenant.id).templates(at).await?;
            let row = |whose: &str, one: DocumentTemplate| {
                let sections: Vec<_> = one.sections.iter().map(|section| section.heading.as_str()).collect();
                vec![one.name, one.title, one.kind.to_string(), whose.to_owned(), sections.join(", ")]
            };
            let rows = shipped_templates().into_iter().map(|one| row("the product", one));
            let rows = rows.chain(own.into_iter().map(|one| row("the workspace", one))).collect();
            output::page(setup, &paging, 1, &["name", "title", "type", "of", "sections"], rows)?;
        }
        TemplateCommand::Put { tenant, workspace, file } => {
            let (tenant, at) = open(foundation, &tenant, &workspace).await?;
            let named = || format!("reading {}", file.display());
            if std::fs::metadata(&file).with_context(named)?.len() > TEMPLATE_BYTES {
                bail!(
                    "{} is larger than {TEMPLATE_BYTES} bytes; a template has at most 30 sections",
                    file.display()
                );
            }
            let text = std::fs::read_to_string(&file).with_context(named)?;
            let template: DocumentTemplate = serde_json::from_str(&text).with_context(named)?;
            let template = template.completed();
            let session = foundation.store.session(tenant.id);
            session.put_template(at, &template).await?;
            let target = Some(format!("{workspace}/{}", template.name));
            session.commit(act(tenant.id, "admin/documents.template", target, now)).await?;
            output::done(
                setup,
                &[("template", template.name), ("sections", template.sections.len().to_string())],
            );
        }
        TemplateCommand::Remove { tenant, workspace, name, yes } => {
            yes.to(&format!("remove template {name} of {workspace}"))?;
            let (tenant, at) = open(foundation, &tenant, &workspace).await?;
            let session = foundation.store.session(tenant.id);
            if !session.remove_template(at, &name).await? {
                bail!("no template {name:?} of {workspace}'s own; list shows them");
            }
            let target = Some(format!("{workspace}/{name}"));
            session.commit(act(tenant.id, "admin/documents.template", target, now)).await?;
            output::done(setup, &[("removed", name)]);
        }
    }
    Ok(())
}
