//! Generated documents: written by one program from the code's own data, compared in CI.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::bail;

use crate::shell;

/// What is generated, under `docs`: files, and a folder that holds nothing else.
const FILES: [&str; 3] = ["tools.md", "configuration.md", "tool-hashes.txt"];
const FOLDER: &str = "schemas";

/// What to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write the files.
    Write,
    /// Compare them.
    Check,
}

/// Writes or compares.
pub(crate) fn run(mode: Mode) -> anyhow::Result<()> {
    let fresh = shell::root()?.join("target/codegen");
    if fresh.is_dir() {
        std::fs::remove_dir_all(&fresh)?;
    }
    std::fs::create_dir_all(&fresh)?;
    shell::run(Command::new(shell::build("docgen")?).arg(&fresh))?;
    let docs = Path::new("docs");
    let (fresh, old) = (read(&fresh)?, read(docs)?);
    let stale = differing(&old, &fresh);
    match mode {
        Mode::Check if !stale.is_empty() => {
            bail!("not fresh: {stale:?}; run `cargo xtask codegen` and read the difference")
        }
        Mode::Check => println!("codegen: fresh"),
        Mode::Write => {
            std::fs::create_dir_all(docs.join(FOLDER))?;
            for name in &stale {
                match fresh.get(name) {
                    Some(text) => std::fs::write(docs.join(name), text)?,
                    None => std::fs::remove_file(docs.join(name))?,
                }
                println!("codegen: {}", docs.join(name).display());
            }
        }
    }
    Ok(())
}

/// The generated files of a folder with their texts.
fn read(folder: &Path) -> anyhow::Result<BTreeMap<PathBuf, String>> {
    let mut names: Vec<PathBuf> = FILES.iter().map(PathBuf::from).collect();
    if let Ok(entries) = std::fs::read_dir(folder.join(FOLDER)) {
        for entry in entries {
            names.push(Path::new(FOLDER).join(entry?.file_name()));
        }
    }
    let text = |name: PathBuf| Some((std::fs::read_to_string(folder.join(&name)).ok()?, name));
    Ok(names.into_iter().filter_map(text).map(|(text, name)| (name, text)).collect())
}

/// Files that are missing, different or left over.
fn differing(old: &BTreeMap<PathBuf, String>, fresh: &BTreeMap<PathBuf, String>) -> Vec<PathBuf> {
    let mut names: Vec<_> =
        old.keys().chain(fresh.keys()).filter(|name| old.get(*name) != fresh.get(*name)).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::PathBuf};

    use super::differing;

    #[test]
    fn changed_missing_and_left_over_files_are_found() {
        let files = |all: &[(&str, &str)]| -> BTreeMap<PathBuf, String> {
            all.iter().map(|(name, text)| (PathBuf::from(name), (*text).to_owned())).collect()
        };
        let old = files(&[("same", "a"), ("changed", "a"), ("gone", "a")]);
        let fresh = files(&[("same", "a"), ("changed", "b"), ("new", "a")]);
        assert_eq!(differing(&old, &fresh), ["changed", "gone", "new"].map(PathBuf::from));
        assert!(differing(&old, &old).is_empty());
    }
}
