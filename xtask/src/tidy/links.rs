//! Links of the documents: what they point to in the repository is there, headings too.

use std::path::{Path, PathBuf};

use super::Finding;

/// Checks README, CHANGELOG and docs, at any depth.
pub(super) fn check() -> anyhow::Result<Vec<Finding>> {
    let mut documents = vec![PathBuf::from("README.md"), "CHANGELOG.md".into()];
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                documents.push(path);
            }
        }
    }
    let mut findings = Vec::new();
    for document in documents {
        let text = std::fs::read_to_string(&document)?;
        let place = document.display().to_string();
        let dead = targets(&text).into_iter().filter(|target| !leads(&document, target));
        findings.extend(
            dead.map(|target| Finding::new(place.clone(), format!("the link {target} leads nowhere"))),
        );
    }
    Ok(findings)
}

/// Whether a link of a document leads to a file, and to a heading of it where it names one.
fn leads(document: &Path, target: &str) -> bool {
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let file = if file.is_empty() {
        document.to_owned()
    } else {
        document.parent().unwrap_or(Path::new("")).join(file)
    };
    let is_text = file.extension().is_some_and(|ending| ending == "md");
    file.exists()
        && (heading.is_empty()
            || !is_text
            || std::fs::read_to_string(&file)
                .is_ok_and(|text| headings(&text).iter().any(|one| one == heading)))
}

/// A document's headings as links name them: lower case, words joined by hyphens, other signs gone.
fn headings(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| line.starts_with('#'));
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
    let name = |line: &str| {
        line.trim_start_matches('#').trim().chars().filter(|one| plain(*one)).collect::<String>()
    };
    lines.map(|line| name(line).to_lowercase().replace(' ', "-")).collect()
}

/// Targets of links that stay in the repository.
fn targets(text: &str) -> Vec<&str> {
    let after = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    after.filter(|target| !target.contains("://") && !target.starts_with("mailto:")).collect()
}

#[cfg(test)]
mod tests {
    use super::{headings, targets};

    #[test]
    fn links_into_the_repository_are_seen() {
        let text = "see [a](docs/a.md), [b](https://example.org/b) and [c](#part)";
        assert_eq!(targets(text), ["docs/a.md", "#part"]);
    }

    #[test]
    fn headings_are_named_as_links_name_them() {
        assert_eq!(headings("# One call, one way\ntext\n## `tools/call`"), ["one-call-one-way", "toolscall"]);
    }
}
