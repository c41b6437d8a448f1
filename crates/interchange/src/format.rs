//! Which tracker wrote a file.

use serde::Serialize;

use crate::{
    decode,
    records::{self, Fields},
};

/// A format that can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Format {
    /// `gh issue list --json …` (or `gh pr list`): an array of objects, or one per line.
    GithubJson,
}

impl Format {
    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::GithubJson => "GitHub JSON",
        }
    }
}

/// Columns of a GitHub issue.
const GITHUB: &[&str] = &[
    "assignees",
    "author",
    "body",
    "closed",
    "closedAt",
    "comments",
    "createdAt",
    "id",
    "isPinned",
    "labels",
    "milestone",
    "number",
    "projectCards",
    "projectItems",
    "reactionGroups",
    "state",
    "stateReason",
    "title",
    "updatedAt",
    "url",
];

/// The format of a file by the columns of its first readable record; `None` when no format claims it. An empty array
/// has no format.
pub fn detect(bytes: &[u8]) -> Option<Format> {
    let text = decode::text(bytes).ok()?;
    let records = records::split(&text).ok()?;
    let Fields(fields) = records.into_iter().flatten().find_map(|raw| Fields::read(raw).ok())?;
    let has = |name: &str| fields.iter().any(|(column, _)| column == name);
    let known = GITHUB.iter().filter(|name| has(name)).count();
    (has("title") && known >= 3 && 2 * known > fields.len()).then_some(Format::GithubJson)
}

#[cfg(test)]
mod tests {
    use super::{Format, detect};

    #[test]
    fn github_is_known_by_its_columns() {
        assert_eq!(detect(br#"[{"number":1,"title":"x","state":"OPEN"}]"#), Some(Format::GithubJson));
        assert_eq!(
            detect(b"\xef\xbb\xbf{\"number\":1,\"title\":\"x\",\"url\":\"u\"}\n"),
            Some(Format::GithubJson)
        );
        for other in [
            &b"[]"[..],
            b"",
            b"Id,Title\n1,x",
            br#"[{"key":"A-1","title":"x","fields":{},"self":""}]"#,
            b"\xff\xff",
        ] {
            assert_eq!(detect(other), None, "{}", String::from_utf8_lossy(other));
        }
    }
}
