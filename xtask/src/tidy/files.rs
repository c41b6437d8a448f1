//! Files: each says what it is for, none is too long, nothing names a machine.

use std::path::Path;

use super::{Finding, prose};
use crate::shell;

const LONGEST: usize = 500;
const MEDIAN: usize = 150;

/// Checks every tracked file; also the median length of the Rust files.
pub(super) fn check() -> anyhow::Result<(Vec<Finding>, usize)> {
    let tracked = shell::read(std::process::Command::new("git").args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let mut findings = Vec::new();
    let mut lengths = Vec::new();
    for path in tracked.lines().filter(|path| Path::new(path).is_file()) {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        findings.extend(machine(path, &text));
        if Path::new(path).extension().is_some_and(|ending| ending == "rs") {
            lengths.push(text.lines().count());
            findings.extend(rust(path, &text));
            findings.extend(prose::name(path));
            if path.contains("src/") {
                findings
                    .extend(prose::parameters(path, text.split("#[cfg(test)]").next().unwrap_or_default()));
            }
        }
    }
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or_default();
    if median > MEDIAN {
        findings.push(Finding::new(
            "crates",
            format!("the median file has {median} lines; split some, below {MEDIAN}"),
        ));
    }
    Ok((findings, median))
}

fn rust(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut tell = |words: String| findings.push(Finding::new(path, words));
    if !text.starts_with("//! ") {
        tell("the first line must be `//!` and say what the file is for".to_owned());
    }
    let lines = text.lines().count();
    if lines > LONGEST {
        tell(format!("has {lines} lines; split it, at most {LONGEST}"));
    }
    // Written apart, so that this file does not find itself.
    for banned in [concat!("#[", "ignore"), concat!("#[", "allow("), concat!("#![", "allow(")] {
        if text.contains(banned) {
            tell(format!("{banned} is not used here; mend the cause, or #[expect] with a reason"));
        }
    }
    findings
}

/// Paths of one machine do not belong into the repository.
fn machine(path: &str, text: &str) -> Option<Finding> {
    let home = [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/")];
    let found = home.into_iter().find(|prefix| text.contains(prefix))?;
    Some(Finding::new(path, format!("{found}… is a path of one machine")))
}

#[cfg(test)]
mod tests {
    use super::{machine, rust};

    #[test]
    fn headless_long_and_silenced_files_are_found() {
        assert!(rust("a.rs", "//! What it is for.\n").is_empty());
        assert_eq!(rust("a.rs", "use a;\n").len(), 1);
        assert_eq!(rust("a.rs", &format!("//! Long.\n{}", "\n".repeat(600))).len(), 1);
        assert_eq!(rust("a.rs", concat!("//! Silenced.\n#[", "allow(dead_code)]\n")).len(), 1);
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        assert!(machine("a.md", "see crates/app").is_none());
        assert!(machine("a.md", concat!("see /ho", "me/me/x")).is_some());
    }
}
