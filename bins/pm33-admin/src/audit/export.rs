//! Export of an audit log, and of the signed heads of all logs.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
};

use anyhow::{Context, bail};
use clap::Args;
use pm33_app::{act, publish_heads};
use pm33_tenancy::{AuditLog, Digest, ExportLine, ExportStart, StoredRow, write_line};

use crate::{Setup, output, tenant as find_tenant};

/// What is exported where.
#[derive(Args)]
pub(crate) struct ExportArguments {
    /// The tenant.
    tenant: String,
    /// The file to write, which must not be there yet; `-` is the standard output.
    file: PathBuf,
    /// Number of the row to go on after: what the export before ended at.
    #[arg(long, default_value_t = 0, value_name = "SEQ")]
    after: u64,
    /// Leave the personal sides of rows out (user, network, agent); the rest verifies without them.
    #[arg(long)]
    without_personal: bool,
}

/// Exports a tenant's log up to its newest row, which is the one that says so.
pub(crate) async fn run(setup: &Setup, command: ExportArguments) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let tenant = find_tenant(&foundation, &command.tenant).await?.id;
    let to_stdout = command.file.as_os_str() == "-";
    let mut out: Box<dyn Write + Send> = if to_stdout {
        Box::new(BufWriter::new(std::io::stdout()))
    } else {
        if command.file.exists() {
            bail!("{} is there already; name another file", command.file.display());
        }
        let file = File::create_new(&command.file);
        Box::new(BufWriter::new(file.with_context(|| format!("creating {}", command.file.display()))?))
    };
    let session = foundation.store.session(tenant);
    let now = foundation.clock.now();
    // First, so that an export that is broken off is in the log too.
    let target = format!("rows after {}", command.after);
    session.commit(act(tenant, "admin/audit.export", Some(target), now)).await?;
    let session = foundation.store.session(tenant);
    let chain = session.chain(tenant).await?;
    let (head, signature) = chain.head.context("the log has no head; see `pm33-admin audit verify`")?;
    let removed = chain.anchors.last().map_or(0, |(anchor, _)| anchor.to);
    // Rows that were removed meanwhile cannot be gone on after: then the export begins anew, at the anchors.
    let after = if command.after > removed { command.after } else { 0 };
    let mut put = |line: &ExportLine| writeln!(out, "{}", write_line(line));
    let hash = if after == 0 { Digest::default() } else { hash_of(&session, tenant, after).await? };
    put(&ExportLine::Start(ExportStart { tenant, after, hash, at: now }))?;
    if after == 0 {
        for (anchor, signature) in chain.anchors {
            put(&ExportLine::Anchor(Box::new(anchor), signature))?;
        }
    }
    let mut rows = 0_u64;
    let mut place = (after > 0).then(|| i64::try_from(after)).transpose()?;
    loop {
        let (page, next) = session.stored(tenant, place).await?;
        for row in page.into_iter().filter(|row| row.seq() <= head.seq) {
            rows += 1;
            put(&match row {
                StoredRow::Read(mut row) => {
                    row.personal = row.personal.filter(|_| !command.without_personal);
                    ExportLine::Row(row)
                }
                StoredRow::Unreadable { seq } => ExportLine::Unreadable { seq },
            })?;
        }
        if next.is_none_or(|next| u64::try_from(next).is_ok_and(|next| next >= head.seq)) {
            break;
        }
        place = next;
    }
    put(&ExportLine::Head(head, signature))?;
    out.flush()?;
    drop(out);
    if !to_stdout {
        let done = [
            ("rows", rows.to_string()),
            ("after", after.to_string()),
            ("to", head.seq.to_string()),
            ("file", command.file.display().to_string()),
        ];
        output::done(setup, &done);
    }
    foundation.store.close().await;
    Ok(())
}

async fn hash_of(
    session: &impl AuditLog,
    tenant: pm33_tenancy::TenantId,
    seq: u64,
) -> anyhow::Result<Digest> {
    let (page, _) = session.stored(tenant, Some(i64::try_from(seq)? - 1)).await?;
    match page.into_iter().next() {
        Some(StoredRow::Read(row)) if row.seq == seq => Ok(row.hash),
        _ => bail!("there is no row {seq} to go on after; see `pm33-admin audit list`"),
    }
}

/// Writes the heads of all logs.
pub(crate) async fn heads(setup: &Setup, folder: Option<PathBuf>) -> anyhow::Result<()> {
    let Some(folder) = folder.or_else(|| setup.settings.audit.heads_dir.clone()) else {
        bail!("name a folder, or set audit.heads_dir");
    };
    let foundation = setup.foundation().await?;
    let count = publish_heads(&foundation.store, &*foundation.clock, Some(&folder)).await;
    let count = count.map_err(anyhow::Error::from_boxed)?;
    output::done(setup, &[("heads", count.to_string()), ("folder", folder.display().to_string())]);
    foundation.store.close().await;
    Ok(())
}
