//! A source file that is changed for a while. Its text is kept beside the build's output too, for where a run is ended before it
//! could put it back.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// A changed file; it is as it was when the value goes.
pub(super) struct Changed {
    file: PathBuf,
    kept: PathBuf,
    before: String,
}

fn folder() -> PathBuf {
    let target =
        crate::shell::variable("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    target.join("mutate")
}

impl Changed {
    /// Changes a file's text.
    pub(super) fn of(
        file: &Path,
        change: impl FnOnce(&mut String) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let before = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let mut text = before.clone();
        change(&mut text)?;
        let kept = folder().join(file);
        std::fs::create_dir_all(kept.parent().context("a file lies in a folder")?)?;
        std::fs::write(&kept, &before)?;
        let changed = Self { file: file.to_owned(), kept, before };
        std::fs::write(file, text)?;
        Ok(changed)
    }
}

impl Drop for Changed {
    fn drop(&mut self) {
        match std::fs::write(&self.file, &self.before) {
            Ok(()) => drop(std::fs::remove_file(&self.kept)),
            Err(error) => eprintln!("{} stays changed, put it back with git: {error}", self.file.display()),
        }
    }
}

/// Refuses to go on where a run that was ended from outside left a file changed.
pub(super) fn none_is_left() -> anyhow::Result<()> {
    none_is_left_in(&folder())
}

fn none_is_left_in(kept: &Path) -> anyhow::Result<()> {
    let Ok(entries) = std::fs::read_dir(kept) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            none_is_left_in(&path)?;
        } else {
            bail!(
                "a run that was ended left a source changed; as it was before it is {0}: put it back and remove {0}",
                path.display()
            );
        }
    }
    Ok(())
}
