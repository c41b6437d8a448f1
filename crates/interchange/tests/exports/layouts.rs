//! The layouts: names of the columns, separator, line ends.

/// A layout of a tracker's CSV export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    JiraCloud,
    JiraClassic,
    JiraWide,
    Linear30,
    Linear34,
    AzureMin,
    AzureDates,
    AzurePaths,
    AzureWide,
    Shortcut,
    Asana,
    Lighthouse,
}

/// How a layout is written down.
pub(super) struct Style {
    pub(super) mark: &'static [u8],
    pub(super) separator: &'static str,
    pub(super) line_end: &'static [u8],
}

impl Layout {
    /// All of them.
    pub(crate) const ALL: &'static [Self] = &[
        Self::JiraCloud,
        Self::JiraClassic,
        Self::JiraWide,
        Self::Linear30,
        Self::Linear34,
        Self::AzureMin,
        Self::AzureDates,
        Self::AzurePaths,
        Self::AzureWide,
        Self::Shortcut,
        Self::Asana,
        Self::Lighthouse,
    ];

    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::JiraCloud => "jira-cloud",
            Self::JiraClassic => "jira-classic",
            Self::JiraWide => "jira-wide",
            Self::Linear30 => "linear-30",
            Self::Linear34 => "linear-34",
            Self::AzureMin => "azure-min",
            Self::AzureDates => "azure-dates",
            Self::AzurePaths => "azure-paths",
            Self::AzureWide => "azure-wide",
            Self::Shortcut => "shortcut",
            Self::Asana => "asana",
            Self::Lighthouse => "lighthouse",
        }
    }

    pub(super) fn is_jira(self) -> bool {
        matches!(self, Self::JiraCloud | Self::JiraClassic | Self::JiraWide)
    }

    pub(super) fn is_azure(self) -> bool {
        matches!(self, Self::AzureMin | Self::AzureDates | Self::AzurePaths | Self::AzureWide)
    }

    pub(super) fn is_linear(self) -> bool {
        matches!(self, Self::Linear30 | Self::Linear34)
    }

    pub(super) fn style(self) -> Style {
        match self {
            Self::AzureDates | Self::AzureWide => {
                Style { mark: b"\xef\xbb\xbf", separator: ";", line_end: b"\r\n" }
            }
            Self::AzureMin | Self::AzurePaths => {
                Style { mark: b"\xef\xbb\xbf", separator: ",", line_end: b"\r\n" }
            }
            _ => Style { mark: b"", separator: ",", line_end: b"\n" },
        }
    }

    /// The names of its columns; repeated ones are repeated.
    pub(crate) fn header(self) -> Vec<&'static str> {
        let names = match self {
            Self::JiraCloud => {
                "Summary|Issue key|Issue id|Issue Type|Status|Project key|Project name|Project type|Project lead|Project lead \
                 id|Priority|Reporter|Creator|Created|Updated|Sprint|Sprint|Parent|Parent key|Parent summary|Status \
                 Category|Status Category Changed"
            }
            Self::JiraClassic => {
                "Summary|Issue key|Issue id|Parent id|Issue Type|Status|Project key|Resolution|Assignee|Reporter|Creator|Created|\
                 Updated|Resolved|Fix Version/s|Component/s|Labels|Labels|Description|Watchers|Watchers|Outward issue link \
                 (Blocks)|Outward issue link (Parent-Child)|Attachment|Custom field (Acceptance Criteria)|Custom field (Epic \
                 Colour)|Custom field (Epic Link)|Custom field (Epic Name)|Custom field (Epic Status)|Sprint"
            }
            Self::JiraWide => {
                "Issue key|Issue id|Summary|Issue Type|Status|Project key|Project name|Priority|Resolution|Assignee|Reporter|\
                 Created|Updated|Last Viewed|Resolved|Due Date|Sprint|Sprint|Parent|Parent summary|Labels|Labels|Labels|Comment|\
                 Comment"
            }
            Self::Linear30 => {
                "ID|Team|Title|Description|Status|Estimate|Priority|Project ID|Project|Creator|Assignee|Labels|Cycle Number|Cycle \
                 Name|Cycle Start|Cycle End|Created|Updated|Started|Triaged|Completed|Canceled|Archived|Due Date|Parent issue|\
                 Initiatives|Project Milestone ID|Project Milestone|SLA Status|Roadmaps"
            }
            Self::Linear34 => {
                "ID|Team|Title|Description|Status|Estimate|Priority|Project ID|Project|Creator|Assignee|Labels|Cycle Number|Cycle \
                 Name|Cycle Start|Cycle End|Created|Updated|Started|Triaged|Completed|Canceled|Archived|Due Date|Parent issue|\
                 Initiatives|Project Milestone ID|Project Milestone|SLA Status|UUID|Time in status (minutes)|Related to|Blocked \
                 by|Duplicate of"
            }
            Self::AzureMin => "ID|Work Item Type|Title|Assigned To|State|Tags",
            Self::AzureDates => "ID|Work Item Type|Title|State|Tags|Activated Date|Closed Date|Parent",
            Self::AzurePaths => "ID|Work Item Type|Title|Assigned To|State|Tags|Area Path|Iteration Path",
            Self::AzureWide => {
                "ID|Work Item Type|Title|Assigned To|State|Tags|Description|Acceptance Criteria|Created Date|Changed Date|Area \
                 Path|Iteration Path|Parent|Repro Steps"
            }
            Self::Shortcut => {
                "id|name|type|requester|owners|description|created_at|started_at|completed_at|labels|epic|state|project|workflow"
            }
            Self::Asana => {
                "Task ID|Created At|Completed At|Last Modified|Name|Section/Column|Assignee|Assignee Email|Start Date|Due Date|\
                 Tags|Notes|Projects|Parent task"
            }
            Self::Lighthouse => {
                "ID|Name|State|Type|Started Date|Closed Date|Created Date|Parent Reference Id|Tags|Url"
            }
        };
        names.split('|').collect()
    }
}
