//! The formats that can be imported.

use serde::Serialize;

/// A format that can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Format {
    /// `gh issue list --json …` (or `gh pr list`): an array of objects, or one per line.
    GithubJson,
    /// Jira's CSV export, Cloud or classic.
    JiraCsv,
    /// Issues as Jira's REST API gives them, with their changelog.
    JiraJson,
    /// Linear's CSV export.
    LinearCsv,
    /// Azure DevOps' CSV export of a query.
    AzureDevopsCsv,
    /// Shortcut's CSV export of stories.
    ShortcutCsv,
    /// Asana's CSV export of a project.
    AsanaCsv,
    /// Lighthouse's CSV export of a team's work items.
    LighthouseCsv,
    /// The table that this program exports.
    Pm33Csv,
    /// A table, or flat JSON records, with a mapping of the caller's own.
    Mapped,
}

impl Format {
    /// Every format that is found by its columns.
    pub const ALL: &[Self] = &[
        Self::GithubJson,
        Self::JiraCsv,
        Self::JiraJson,
        Self::LinearCsv,
        Self::AzureDevopsCsv,
        Self::ShortcutCsv,
        Self::AsanaCsv,
        Self::LighthouseCsv,
        Self::Pm33Csv,
    ];

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::GithubJson => "GitHub JSON",
            Self::JiraCsv => "Jira CSV",
            Self::JiraJson => "Jira JSON",
            Self::LinearCsv => "Linear CSV",
            Self::AzureDevopsCsv => "Azure DevOps CSV",
            Self::ShortcutCsv => "Shortcut CSV",
            Self::AsanaCsv => "Asana CSV",
            Self::LighthouseCsv => "Lighthouse CSV",
            Self::Pm33Csv => "PM33 CSV",
            Self::Mapped => "mapped file",
        }
    }

    /// The word for it on a command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GithubJson => "github-json",
            Self::JiraCsv => "jira-csv",
            Self::JiraJson => "jira-json",
            Self::LinearCsv => "linear-csv",
            Self::AzureDevopsCsv => "azure-devops-csv",
            Self::ShortcutCsv => "shortcut-csv",
            Self::AsanaCsv => "asana-csv",
            Self::LighthouseCsv => "lighthouse-csv",
            Self::Pm33Csv => "pm33-csv",
            Self::Mapped => "mapped",
        }
    }

    /// Whether its files are tables; the others are JSON.
    pub const fn is_table(self) -> bool {
        !matches!(self, Self::GithubJson | Self::JiraJson)
    }

    /// Reads that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.as_str() == word)
    }
}
