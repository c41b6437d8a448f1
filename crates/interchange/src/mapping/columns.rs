//! The fields of an item that columns can fill.

use serde::Deserialize;

/// The columns of one field, best first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct Columns {
    names: Vec<String>,
    /// What separates several values in one cell.
    pub separator: Option<String>,
    /// Whether a backslash before it, or before another backslash, makes it a part of a value.
    pub escaped: bool,
}

impl Columns {
    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.names.iter().map(String::as_str)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// A name, several, or names with a separator.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a column name, a list of column names, or { columns = [...], separator = \";\" }"
)]
enum Written {
    One(String),
    Several(Vec<String>),
    Separated {
        columns: Vec<String>,
        separator: String,
        #[serde(default)]
        escaped: bool,
    },
}

impl From<Written> for Columns {
    fn from(written: Written) -> Self {
        match written {
            Written::One(name) => Self { names: vec![name], ..Self::default() },
            Written::Several(names) => Self { names, ..Self::default() },
            Written::Separated { columns, separator, escaped } => {
                Self { names: columns, separator: Some(separator), escaped }
            }
        }
    }
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Which columns fill which field.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct FieldColumns { $($(#[$doc])* pub $name: Columns,)* }

        impl FieldColumns {
            /// Every field with its columns.
            pub fn all(&self) -> impl Iterator<Item = (&'static str, &Columns)> {
                [$((stringify!($name), &self.$name),)*].into_iter()
            }
        }
    };
}

fields! {
    /// Id in the origin: what a record is recognised by when it is imported again.
    id,
    /// Other ids that records use for it.
    other_ids,
    /// Where it came from before it was in the origin; it is recognised by that then.
    origin,
    /// Its id there.
    origin_id,
    /// Title.
    title,
    /// Titles by depth: a record whose title is in the second of them belongs to the last one with a title in the first.
    levels,
    /// Description.
    description,
    /// What sort of work.
    item_type,
    /// Where it stands, in the words of the origin.
    status,
    /// The phase of that word: to do, in progress or done.
    status_category,
    /// How it ended.
    resolution,
    /// The log of changes, as Jira's REST API gives it.
    changelog,
    /// Changes of status as this program's table has them.
    history,
    /// How much it matters.
    priority,
    /// Story points.
    points,
    /// Estimate in working days.
    estimate_days,
    /// Estimate in hours; eight make a working day.
    estimate_hours,
    /// Estimate in seconds; 28,800 make a working day.
    estimate_seconds,
    /// Id of the item that holds it.
    parent,
    /// Name of the epic or project that holds it, where that is no record of its own.
    epic,
    /// Id of that epic.
    epic_id,
    /// Name of the team.
    team,
    /// Path of areas whose last part is the team.
    team_path,
    /// Sprints, the last one counts.
    sprint,
    /// Path of iterations whose last part is the sprint.
    sprint_path,
    /// Number of the sprint, where it has no name.
    sprint_number,
    /// First day of the sprint.
    sprint_start,
    /// Last day of the sprint.
    sprint_end,
    /// Who does it; the first of several.
    assignee,
    /// Labels.
    labels,
    /// Skills that it needs.
    skills,
    /// When it was created.
    created,
    /// When work began.
    started,
    /// When it was finished.
    finished,
    /// When it was given up.
    cancelled,
    /// When it last changed.
    updated,
    /// Due date.
    due,
    /// Not to be started before.
    release,
    /// Whether it is put away: since when, or yes or no.
    archived,
    /// Scoring inputs as this program's table has them.
    scoring,
    /// Ids of what must be finished first.
    blocked_by,
    /// Working days between what must be finished first and this, one number for each.
    lag_days,
    /// Ids of what it must be finished before.
    blocks,
    /// Ids of what has to do with it.
    related,
}

impl FieldColumns {
    /// The columns that hold dates.
    pub(crate) fn dates(&self) -> Vec<&str> {
        let all = [
            &self.created,
            &self.started,
            &self.finished,
            &self.cancelled,
            &self.updated,
            &self.due,
            &self.release,
            &self.archived,
            &self.sprint_start,
            &self.sprint_end,
        ];
        all.into_iter().flat_map(Columns::names).collect()
    }
}
