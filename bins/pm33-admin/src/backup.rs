//! Backup of an embedded deployment: a folder with the database as it was at one moment, its secrets, and a manifest
//! that a restore is checked against.

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::Args;
use pm33_app::{Settings, found};
use pm33_tenancy::Digest;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{Setup, care, output};

/// Copies database and secrets into a new folder and checks the copy. On PostgreSQL it says what to use instead.
#[derive(Args)]
pub(crate) struct BackupArguments {
    /// The folder to make, which must not be there yet.
    folder: PathBuf,
}

/// The database's file.
pub(crate) const DATABASE: &str = "pm33.db";
/// The secrets' file.
pub(crate) const SECRETS: &str = "secrets.toml";
/// The manifest's file.
pub(crate) const MANIFEST: &str = "backup.json";

/// What a backup holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// Version of the program that made it.
    pub version: String,
    /// When.
    pub taken: String,
    /// SHA-256 of the database.
    pub database: String,
    /// SHA-256 of the secrets.
    pub secrets: String,
    /// Rows of each tenant's audit log, all of which verified.
    pub audit_rows: BTreeMap<String, u64>,
}

/// A folder that is removed unless it is kept.
pub(crate) struct Scratch(Option<PathBuf>);

impl Scratch {
    /// Makes the folder, open to its owner only.
    pub(crate) fn make(path: PathBuf) -> anyhow::Result<Self> {
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).with_context(|| format!("making {}", path.display()))?;
        Ok(Self(Some(path)))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.0.as_deref().unwrap_or(Path::new(""))
    }

    /// Gives it its name.
    fn keep(mut self, name: &Path) -> io::Result<()> {
        if let Some(path) = self.0.take() {
            std::fs::rename(path, name)?;
        }
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // What is left of a failure is not worth another.
            let _ = std::fs::remove_dir_all(path);
        }
    }
}

/// Refuses where the data is not in the data folder, and says what to do.
pub(crate) fn embedded_only(setup: &Setup) -> anyhow::Result<()> {
    if setup.settings.database.url_file.is_none() {
        return Ok(());
    }
    bail!(
        "the data is in PostgreSQL: back it up with `pg_dump --format=custom --enable-row-security` as the owner, or \
         with the server's own continuous archiving, and keep {} with it; docs/operations.md has the commands, also \
         those that put it back",
        setup.settings.data.dir.join(SECRETS).display()
    )
}

/// Runs the backup.
pub(crate) async fn run(setup: &Setup, command: BackupArguments) -> anyhow::Result<()> {
    embedded_only(setup)?;
    let folder = command.folder;
    if folder.exists() {
        bail!("{} is there already; name a new folder", folder.display());
    }
    let name = folder.file_name().with_context(|| format!("{} names no folder", folder.display()))?;
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
    let scratch = Scratch::make(parent.join(format!(".{}.partial", name.to_string_lossy())))?;
    let (database, secrets) = (scratch.path().join(DATABASE), scratch.path().join(SECRETS));

    let foundation = setup.foundation().await?;
    let taken = foundation.clock.now().to_string();
    foundation.store.copy_to(&database).await.context("copying the database")?;
    foundation.store.close().await;
    std::fs::copy(setup.settings.data.dir.join(SECRETS), &secrets).context("copying the secrets")?;
    let audit_rows = check(setup, scratch.path()).await.context("the copy does not pass its check")?;
    let manifest = Manifest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        taken,
        database: digest(&database)?,
        secrets: digest(&secrets)?,
        audit_rows,
    };
    let listed = scratch.path().join(MANIFEST);
    std::fs::write(&listed, serde_json::to_string_pretty(&manifest)?)?;
    for path in [&database, &secrets, &listed] {
        File::open(path)?.sync_all()?;
    }
    let size = std::fs::metadata(&database)?.len();
    scratch.keep(&folder).with_context(|| format!("naming {}", folder.display()))?;
    File::open(parent)?.sync_all()?;
    let mut told = vec![("backup", folder.display().to_string()), ("bytes", size.to_string())];
    told.extend(told_of(&manifest));
    output::done(setup, &told);
    Ok(())
}

/// What a manifest says, for people.
pub(crate) fn told_of(manifest: &Manifest) -> [(&'static str, String); 3] {
    let rows: u64 = manifest.audit_rows.values().sum();
    [
        ("taken", manifest.taken.clone()),
        ("tenants", manifest.audit_rows.len().to_string()),
        ("audit rows checked", rows.to_string()),
    ]
}

/// Opens a folder's database with the folder's secrets, as a server would, and looks through all of it: pages, indexes,
/// references, every tenant's audit chain. Leaves it as one file; what each tenant's audit log holds.
pub(crate) async fn check(setup: &Setup, folder: &Path) -> anyhow::Result<BTreeMap<String, u64>> {
    let mut settings: Settings = setup.settings.clone();
    settings.data.dir = folder.to_owned();
    let foundation = found(&settings).await?;
    let looked = care::look_through(&foundation).await;
    foundation.store.close().await;
    let health = looked?;
    if let Some(complaint) = health.damage.first() {
        bail!("the database is damaged: {complaint}");
    }
    if let Some(chain) = health.chains.iter().find(|chain| chain.breaks > 0) {
        bail!("the audit log of {} does not verify: {} breaks", chain.tenant, chain.breaks);
    }
    if !pm33_app::fold(&folder.join(DATABASE)).await? {
        bail!("{} is open elsewhere", folder.display());
    }
    Ok(health.chains.into_iter().map(|chain| (chain.tenant, chain.rows)).collect())
}

/// The SHA-256 of a file.
pub(crate) fn digest(path: &Path) -> anyhow::Result<String> {
    let reading = || format!("reading {}", path.display());
    let mut hash = Sha256::new();
    let mut file = File::open(path).with_context(reading)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = io::Read::read(&mut file, &mut buffer).with_context(reading)?;
        if count == 0 {
            return Ok(Digest(hash.finalize().into()).to_string());
        }
        hash.update(&buffer[..count]);
    }
}
