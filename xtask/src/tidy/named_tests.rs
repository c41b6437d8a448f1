//! Tests that the documents name: a promise leads to a test that is there.

use std::path::{Path, PathBuf};

use super::Finding;

/// The documents whose tables name tests in their last column.
const DOCUMENTS: [&str; 3] = ["docs/evaluation.md", "docs/privacy.md", "docs/security.md"];

/// Checks that each named test is there.
pub(super) fn check() -> anyhow::Result<Vec<Finding>> {
    let mut sources = String::new();
    for folder in ["crates", "bins", "xtask"] {
        read(Path::new(folder), &mut sources)?;
    }
    let mut lost = Vec::new();
    for document in DOCUMENTS {
        let text = std::fs::read_to_string(document)?;
        let missing = named(&text).into_iter().filter(|name| !is_test(&sources, name));
        lost.extend(
            missing.map(|name| Finding::new(document, format!("there is no test {name}; name one that is"))),
        );
    }
    Ok(lost)
}

/// Names in the last column of the tables with the heading `test`.
fn named(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut is_table = false;
    for line in text.lines() {
        let Some(last) = line.strip_prefix('|').and_then(|row| row.trim_end_matches('|').rsplit('|').next())
        else {
            is_table = false;
            continue;
        };
        is_table |= last.trim() == "test";
        if is_table {
            names.extend(last.split('`').skip(1).step_by(2));
        }
    }
    names
}

/// Whether a function of that name has the attribute of a test, which stands on a line of its own above it.
fn is_test(sources: &str, name: &str) -> bool {
    // A contract of the store is a test on each engine.
    let contracts = sources.split("on_both!(").skip(1).filter_map(|rest| rest.split(')').next());
    if contracts.flat_map(|names| names.split([',', ' ', '\n'])).any(|one| one == name) {
        return true;
    }
    let declared = [format!("fn {name}("), format!("fn {name}<")];
    let mut attributes = "";
    for line in sources.lines().map(str::trim_start) {
        if declared.iter().any(|one| line.contains(one)) {
            return attributes.contains("test");
        }
        if line.starts_with("#[") {
            attributes = line;
        } else if !line.starts_with("//") {
            attributes = "";
        }
    }
    false
}

fn read(folder: &Path, sources: &mut String) -> anyhow::Result<()> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    for path in paths {
        if path.is_dir() {
            read(&path, sources)?;
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            sources.push_str(&std::fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{is_test, named};

    #[test]
    fn names_come_from_the_column_of_tests() {
        let text = "| a | `x` |\n|---|---|\n\n| complaint | test |\n|---|---|\n| `no` | `one_is`, `two_is` |\n\n`three`\n| a | `b` |";
        assert_eq!(named(text), ["one_is", "two_is"]);
    }

    #[test]
    fn a_function_without_the_attribute_is_no_test() {
        let source =
            "#[test]\nfn one_is() {}\n\nfn two_is() {}\n#[tokio::test]\n// why\nasync fn three_is() {}";
        assert!(is_test(source, "one_is") && is_test(source, "three_is"));
        assert!(is_test("on_both!(\n    one_is,\n    two_is\n);\nasync fn two_is() {}", "two_is"));
        assert!(!is_test(source, "two_is") && !is_test(source, "four_is") && !is_test(source, "one"));
    }
}
