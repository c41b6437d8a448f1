//! Restore of a backup: checked whole before anything is touched; what was there is put aside and not deleted.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use pm33_app::SystemClock;
use pm33_tenancy::Clock;

use crate::{
    Setup,
    backup::{DATABASE, MANIFEST, Manifest, SECRETS, Scratch, check, digest, embedded_only, told_of},
    confirm::Yes,
    output,
};

/// Checks a backup and puts it in the place of the data folder's contents, which are kept beside it. No server may run
/// on the folder. A backup of an older version is migrated.
#[derive(Args)]
pub(crate) struct RestoreArguments {
    /// The folder that `backup` made.
    folder: PathBuf,
    /// Check the backup and say what it holds; change nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    yes: Yes,
}

/// Runs the restore.
pub(crate) async fn run(setup: &Setup, command: RestoreArguments) -> anyhow::Result<()> {
    embedded_only(setup)?;
    let manifest = read(&command.folder)?;
    let home = &setup.settings.data.dir;
    std::fs::create_dir_all(home).with_context(|| format!("making {}", home.display()))?;
    // Beside its place, so that putting it there is a rename.
    let scratch = Scratch::make(home.join(format!(".restore-{}", std::process::id())))?;
    for (name, expected) in [(DATABASE, &manifest.database), (SECRETS, &manifest.secrets)] {
        let copy = scratch.path().join(name);
        let from = command.folder.join(name);
        std::fs::copy(&from, &copy).with_context(|| format!("copying {}", from.display()))?;
        if digest(&copy)? != *expected {
            bail!("{} is not what was backed up: its SHA-256 is not the manifest's", from.display());
        }
    }
    let rows = check(setup, scratch.path()).await.context("the backup does not pass its check")?;
    if rows != manifest.audit_rows {
        bail!("the backup's audit logs hold {rows:?}, the manifest says {:?}", manifest.audit_rows);
    }
    let mut told = told_of(&manifest).to_vec();
    if command.dry_run {
        told.push(("dry run", "the backup is good; nothing was changed".to_owned()));
        output::done(setup, &told);
        return Ok(());
    }
    if let Some(aside) = put_aside(home, &command.yes).await? {
        told.push(("put aside", aside.display().to_string()));
    }
    // A database without its secrets is refused at start; secrets without theirs would begin anew. So they come last.
    for name in [DATABASE, SECRETS] {
        let place = home.join(name);
        std::fs::rename(scratch.path().join(name), &place)
            .with_context(|| format!("putting {} in place", place.display()))?;
    }
    std::fs::File::open(home)?.sync_all()?;
    told.extend(replayed(setup).await?);
    told.push(("restored", home.display().to_string()));
    output::done(setup, &told);
    Ok(())
}

/// Erases again whoever was erased since the backup: the journal is not part of it.
async fn replayed(setup: &Setup) -> anyhow::Result<[(&'static str, String); 1]> {
    let foundation = setup.foundation().await?;
    let done =
        pm33_app::replay(&foundation, &setup.settings.data.dir).await.map_err(anyhow::Error::from_boxed);
    foundation.store.close().await;
    let done = done.context(
        "the backup is in place, but erasures since it could not be replayed; serve nothing from it",
    )?;
    Ok([("erased again", done.erased.to_string())])
}

fn read(folder: &Path) -> anyhow::Result<Manifest> {
    let path = folder.join(MANIFEST);
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("{} is no backup: cannot read its {MANIFEST}", folder.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not what `backup` wrote", path.display()))
}

/// Moves what is in the data folder into a folder in it; where to, if there was anything.
async fn put_aside(home: &Path, yes: &Yes) -> anyhow::Result<Option<PathBuf>> {
    let (database, secrets) = (home.join(DATABASE), home.join(SECRETS));
    if !database.exists() && !secrets.exists() {
        return Ok(None);
    }
    yes.to(&format!("the data in {} are replaced by the backup's and put aside", home.display()))?;
    if database.exists() && !pm33_app::fold(&database).await? {
        bail!("{} is open: stop every server and client on it first", database.display());
    }
    let now = SystemClock::new().now().to_string().replace(':', "-");
    let aside = home.join(format!("before-restore-{now}"));
    std::fs::create_dir(&aside).with_context(|| format!("making {}", aside.display()))?;
    for path in [&secrets, &database, &pm33_app::spool(&database)] {
        if let Some(name) = path.file_name().filter(|_| path.exists()) {
            std::fs::rename(path, aside.join(name))
                .with_context(|| format!("putting {} aside", path.display()))?;
        }
    }
    Ok(Some(aside))
}
