//! The closed vocabularies of a backlog, with the tracker words that are understood on input.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal $(| $alias:literal)*,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Every word that is understood on input, ours first.
            pub const ACCEPTED: &'static [&'static str] = &[$($word,)* $($($alias,)*)*];

            /// The word in the store and on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Reads our word or a tracker's, in any case, with spaces or dashes for underscores.
            pub fn parse(text: &str) -> Option<Self> {
                match folded(text).as_str() {
                    $($word $(| $alias)* => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// A word without what people write differently: case, spaces and dashes for underscores.
pub(crate) fn folded(text: &str) -> String {
    let plain = |c: char| if c == ' ' || c == '-' { '_' } else { c };
    text.trim().chars().map(plain).flat_map(char::to_lowercase).collect()
}

words! {
    /// What sort of work an item is.
    ItemType {
        /// Something that may become work.
        Idea = "idea",
        /// A capability for users.
        Feature = "feature" | "enhancement",
        /// A body of work that holds other items.
        Epic = "epic",
        /// A user's need, small enough to finish.
        Story = "story" | "user_story" | "issue",
        /// Work to be done.
        Task = "task" | "sub_task" | "subtask" | "chore",
        /// A defect.
        Bug = "bug" | "defect",
        /// A change for the better of something that works.
        Improvement = "improvement",
        /// A problem written up before it is designed.
        Brief = "brief" | "one_pager",
    }
}

words! {
    /// Where an item stands.
    Status {
        /// Not planned yet.
        Backlog = "backlog" | "open" | "todo" | "to_do" | "new" | "triage",
        /// Planned.
        Planned = "planned" | "selected" | "ready" | "selected_for_development",
        /// Being worked on.
        InProgress = "in_progress" | "doing" | "started" | "active",
        /// Being reviewed.
        InReview = "in_review" | "review",
        /// Cannot go on.
        Blocked = "blocked" | "on_hold",
        /// Finished.
        Done = "done" | "closed" | "completed" | "resolved",
        /// Will not be done.
        Cancelled = "cancelled" | "canceled" | "not_planned" | "wont_do" | "duplicate",
    }
}

words! {
    /// The three phases of work.
    StatusCategory {
        /// Not begun.
        ToDo = "to_do",
        /// Begun.
        Doing = "doing",
        /// Over.
        Finished = "finished",
    }
}

words! {
    /// How much an item matters.
    Priority {
        /// Drop other work.
        Critical = "critical" | "p0" | "urgent" | "highest" | "blocker",
        /// Soon.
        High = "high" | "p1" | "major",
        /// In its turn.
        Medium = "medium" | "p2" | "normal",
        /// When there is room.
        Low = "low" | "p3" | "minor" | "lowest" | "trivial",
        /// Nobody has said.
        None = "none" | "no_priority",
    }
}

words! {
    /// MoSCoW class.
    Moscow {
        /// Must have.
        Must = "must",
        /// Should have.
        Should = "should",
        /// Could have.
        Could = "could",
        /// Will not have this time.
        Wont = "wont",
    }
}

impl Status {
    /// The phase that a status belongs to.
    pub const fn category(self) -> StatusCategory {
        match self {
            Self::Backlog | Self::Planned => StatusCategory::ToDo,
            Self::InProgress | Self::InReview | Self::Blocked => StatusCategory::Doing,
            Self::Done | Self::Cancelled => StatusCategory::Finished,
        }
    }

    /// Whether work is still to be done.
    pub const fn is_open(self) -> bool {
        !matches!(self.category(), StatusCategory::Finished)
    }
}

words! {
    /// What sort of document.
    DocumentKind {
        /// Product requirements.
        Prd = "prd" | "product_requirements",
        /// One page for a decision.
        OnePager = "one_pager",
        /// A problem or a bet in short.
        Brief = "brief",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// How far a document is agreed.
    DocumentStatus {
        /// Being written.
        Draft = "draft",
        /// Being reviewed.
        InReview = "in_review" | "review",
        /// Agreed.
        Approved = "approved",
    }
}
