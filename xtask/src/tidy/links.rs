//! Links of the documents: what they point to in the repository is there.

use std::path::Path;

use super::Finding;

/// Checks README, CHANGELOG and docs.
pub(super) fn check() -> anyhow::Result<Vec<Finding>> {
    let mut documents = vec!["README.md".into(), "CHANGELOG.md".into()];
    for entry in std::fs::read_dir("docs")? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "md") {
            documents.push(path);
        }
    }
    let mut findings = Vec::new();
    for document in documents {
        let text = std::fs::read_to_string(&document)?;
        let folder = document.parent().unwrap_or(Path::new(""));
        for target in targets(&text) {
            let file = target.split('#').next().unwrap_or_default();
            if !file.is_empty() && !folder.join(file).exists() {
                findings.push(Finding::new(
                    document.display().to_string(),
                    format!("the link {target} leads nowhere"),
                ));
            }
        }
    }
    Ok(findings)
}

/// Targets of links that stay in the repository.
fn targets(text: &str) -> Vec<&str> {
    let after = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    after.filter(|target| !target.contains("://") && !target.starts_with("mailto:")).collect()
}

#[cfg(test)]
mod tests {
    use super::targets;

    #[test]
    fn links_into_the_repository_are_seen() {
        let text = "see [a](docs/a.md), [b](https://example.org/b) and [c](#part)";
        assert_eq!(targets(text), ["docs/a.md", "#part"]);
    }
}
