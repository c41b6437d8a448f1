//! Access, portability and erasure carried out: the copy and the certificate are written into files of the operator's
//! choice, which only their owner may read.

use std::{
    fs::{File, OpenOptions},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::Args;
use pm33_app::{
    Certificate, Foundation, act, bring_back, check_certificate, erase, export, finish, replay, unfinished,
};
use pm33_tenancy::{Administration, DataSubject, TenantId};

use super::limits::member;
use crate::{Setup, output, tenant as find_tenant};

/// What is exported.
#[derive(Args)]
pub(crate) struct Exporting {
    /// The tenant.
    tenant: String,
    /// The file to write, which must not be there yet.
    file: PathBuf,
    /// Of this member; without, of the whole organisation.
    #[arg(long)]
    user: Option<String>,
}

/// What is read back.
#[derive(Args)]
pub(crate) struct BringingBack {
    /// The tenant, which has no workspace of the same names yet.
    tenant: String,
    /// What `privacy export` wrote of an organisation.
    file: PathBuf,
}

/// A certificate.
#[derive(Args)]
pub(crate) struct Certified {
    /// The file.
    file: PathBuf,
}

/// A new file that only its owner may read.
fn private(path: &Path) -> anyhow::Result<File> {
    if path.exists() {
        bail!("{} is there already; name another file", path.display());
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).with_context(|| format!("creating {}", path.display()))
}

/// Writes the copy of a subject; what it holds, in words.
pub(super) async fn copy(
    foundation: &Foundation,
    tenant: TenantId,
    whose: DataSubject,
    file: &Path,
) -> anyhow::Result<String> {
    let out = BufWriter::new(private(file)?);
    let exported =
        Box::pin(export(foundation, tenant, whose, out)).await.map_err(anyhow::Error::from_boxed)?;
    Ok(format!(
        "{} rows of {} tables and {} workspaces in {}",
        exported.rows,
        exported.tables,
        exported.workspaces,
        file.display()
    ))
}

/// Erases a subject and writes the certificate; what was done, in words.
pub(crate) async fn remove(
    setup: &Setup,
    foundation: &Foundation,
    tenant: TenantId,
    whose: DataSubject,
    file: &Path,
) -> anyhow::Result<String> {
    let out = private(file)?;
    let folder = &setup.settings.data.dir;
    let certificate = erase(foundation, folder, tenant, whose).await.map_err(anyhow::Error::from_boxed)?;
    told(foundation, &certificate, out, file)
}

/// Brings an erasure of an organisation or of its members to its end that was interrupted, and writes its certificate; what
/// was done, in words.
pub(super) async fn end(
    setup: &Setup,
    foundation: &Foundation,
    tenant: TenantId,
    file: Option<&Path>,
) -> anyhow::Result<String> {
    let folder = &setup.settings.data.dir;
    let begun = unfinished(foundation, folder, Some(tenant)).map_err(anyhow::Error::from_boxed)?;
    if begun == 0 {
        return Ok("the member was erased before".to_owned());
    }
    if begun > 1 {
        bail!(
            "{begun} erasures of this organisation were interrupted; run `pm33-admin privacy replay` first"
        );
    }
    let file = file.context("--out: name the new file for the certificate")?;
    let out = private(file)?;
    let ended = finish(foundation, folder, Some(tenant)).await.map_err(anyhow::Error::from_boxed)?;
    let certificate = ended.first().context("somebody else has ended it meanwhile")?;
    told(foundation, certificate, out, file)
}

/// Writes a certificate, signed.
fn keep(foundation: &Foundation, certificate: &Certificate, mut out: File) -> anyhow::Result<()> {
    let keys = foundation.secrets.audit().context("the audit key is missing")?;
    writeln!(out, "{}", serde_json::to_string_pretty(&certificate.signed(&keys)?)?)?;
    out.sync_all()?;
    Ok(())
}

/// Writes a certificate; what it says, in words.
fn told(
    foundation: &Foundation,
    certificate: &Certificate,
    out: File,
    file: &Path,
) -> anyhow::Result<String> {
    keep(foundation, certificate, out)?;
    let rows = |act: &str| {
        let of_act = certificate.done.iter().filter(|one| one.act == act);
        of_act.map(|one| one.rows).sum::<u64>()
    };
    let breaks = certificate.verification.audit_breaks;
    if breaks > 0 {
        bail!("the erasure is done, but the audit log has {breaks} breaks; see `pm33-admin audit verify`");
    }
    Ok(format!(
        "{} rows deleted, {} unlinked, {} emptied, {} kept; certificate in {}",
        rows("deleted"),
        rows("unlinked"),
        rows("emptied"),
        rows("kept"),
        file.display()
    ))
}

/// Runs an export that no request asked for.
pub(super) async fn export_file(setup: &Setup, command: Exporting) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let tenant = find_tenant(&foundation, &command.tenant).await?;
    let whose = match &command.user {
        None => DataSubject::Organisation,
        Some(handle) => {
            let users = foundation.store.operator().users(tenant.id).await?;
            DataSubject::Member(member(&users, &command.tenant, handle)?.id)
        }
    };
    let told = copy(&foundation, tenant.id, whose, &command.file).await?;
    let now = foundation.clock.now();
    foundation.store.session(tenant.id).commit(act(tenant.id, "admin/privacy.export", None, now)).await?;
    output::done(setup, &[("exported", told)]);
    foundation.store.close().await;
    Ok(())
}

/// Reads an organisation's copy back.
pub(super) async fn read_back(setup: &Setup, command: BringingBack) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let tenant = find_tenant(&foundation, &command.tenant).await?;
    let file = File::open(&command.file).with_context(|| format!("opening {}", command.file.display()))?;
    let back = bring_back(&foundation, tenant.id, file).await.map_err(anyhow::Error::from_boxed)?;
    let told = [
        ("workspaces", back.workspaces.to_string()),
        ("members", back.members.to_string()),
        ("left out", back.left_out.to_string()),
    ];
    output::done(setup, &told);
    foundation.store.close().await;
    Ok(())
}

/// Says whether a certificate is this deployment's, unchanged.
pub(super) async fn certificate(setup: &Setup, command: Certified) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let text = std::fs::read_to_string(&command.file)
        .with_context(|| format!("reading {}", command.file.display()))?;
    let value = serde_json::from_str(&text).context("a certificate is one JSON document")?;
    let keys = foundation.secrets.audit().context("the audit key is missing")?;
    foundation.store.close().await;
    if !check_certificate(&value, &keys) {
        bail!("{} was changed, or is another deployment's", command.file.display());
    }
    output::done(setup, &[("certificate", "good".to_owned())]);
    Ok(())
}

/// What is replayed.
#[derive(Args)]
pub(crate) struct Replaying {
    /// The folder for certificates of what is brought to its end; needed where an erasure was interrupted.
    #[arg(long)]
    certificates: Option<PathBuf>,
}

/// Erases again whoever a restored database brought back, and brings to their end what was interrupted.
pub(super) async fn replay_journal(setup: &Setup, command: Replaying) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let home = &setup.settings.data.dir;
    let begun = unfinished(&foundation, home, None).map_err(anyhow::Error::from_boxed)?;
    if begun > 0 && command.certificates.is_none() {
        bail!("{begun} erasures were interrupted; name a folder for their certificates with --certificates");
    }
    if let Some(folder) = command.certificates.as_deref().filter(|folder| !folder.is_dir()) {
        bail!("{} is no folder", folder.display());
    }
    let replayed = Box::pin(replay(&foundation, home)).await.map_err(anyhow::Error::from_boxed)?;
    for (number, (certificate, folder)) in
        replayed.finished.iter().zip(command.certificates.iter().cycle()).enumerate()
    {
        let ended = certificate.ended.to_string().replace(':', "-");
        let path = folder.join(format!("erasure-{ended}-{number}.json"));
        keep(&foundation, certificate, private(&path)?)?;
    }
    foundation.store.close().await;
    let told = [
        ("journal", replayed.erasures.to_string()),
        ("erased again", replayed.erased.to_string()),
        ("finished", replayed.finished.len().to_string()),
    ];
    output::done(setup, &told);
    Ok(())
}
