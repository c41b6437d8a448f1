//! How the records of a file are read: which format its columns are of.

use std::collections::BTreeSet;

use crate::{
    Format, ImportOptions, InterchangeError, Mapping, mapping::shipped, report::shorten, source::Source,
};

/// How records are read.
#[derive(Clone, Debug)]
pub(crate) enum Layout {
    Github,
    Mapped { format: Format, mapping: Box<Mapping> },
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

impl Layout {
    pub(crate) fn format(&self) -> Format {
        match self {
            Self::Github => Format::GithubJson,
            Self::Mapped { format, .. } => *format,
        }
    }

    /// The name of the origin in external ids.
    pub(crate) fn source(&self) -> &str {
        match self {
            Self::Github => "github",
            Self::Mapped { mapping, .. } => &mapping.source,
        }
    }

    /// The fields that some columns fill.
    pub(crate) fn fields(&self, columns: &[String]) -> BTreeSet<&'static str> {
        match self {
            Self::Github => {
                let told = columns.iter().filter_map(|column| crate::github::becomes(column));
                told.flat_map(|fields| fields.split(", ")).collect()
            }
            Self::Mapped { mapping, .. } => {
                let has = |name: &str| columns.iter().any(|column| column == name);
                mapping
                    .fields
                    .all()
                    .filter(|(_, columns)| columns.names().any(has))
                    .map(|(field, _)| field)
                    .collect()
            }
        }
    }

    /// What becomes of a column, in words.
    pub(crate) fn becomes(&self, column: &str) -> String {
        let told = match self {
            Self::Github => crate::github::becomes(column).map(str::to_owned),
            Self::Mapped { mapping, .. } => mapping.becomes(column),
        };
        told.unwrap_or_else(|| "custom field".to_owned())
    }
}

/// The layout of a file: as the caller says, else by its columns.
pub(crate) fn find(source: &Source<'_>, options: &ImportOptions) -> Result<Layout, InterchangeError> {
    let columns = source.columns();
    let found = || shorten(&columns.join(", "), 300);
    if let Some(mapping) = &options.mapping {
        let missing = mapping.missing(&columns);
        if !missing.is_empty() && (source.is_table() || !columns.is_empty()) {
            let format = mapping.title.clone();
            return Err(InterchangeError::MissingColumns {
                format,
                missing: missing.join(", "),
                found: found(),
            });
        }
        return Ok(Layout::Mapped { format: Format::Mapped, mapping: Box::new(mapping.clone()) });
    }
    match options.format {
        Some(Format::GithubJson) if source.is_table() => Err(InterchangeError::NotRecords),
        Some(Format::GithubJson) => Ok(Layout::Github),
        Some(format) if format.is_table() != source.is_table() => Err(InterchangeError::NotRecords),
        Some(format) => named(format, &columns, found),
        None if is_github(source, &columns) => Ok(Layout::Github),
        None => by_columns(source, &columns, found),
    }
}

fn named(format: Format, columns: &[String], found: impl Fn() -> String) -> Result<Layout, InterchangeError> {
    let Some((_, mapping)) = shipped().iter().find(|(known, _)| *known == format) else {
        return Err(InterchangeError::NotRecords);
    };
    let missing = mapping.missing(columns);
    if !missing.is_empty() {
        let format = format.title().to_owned();
        return Err(InterchangeError::MissingColumns { format, missing: missing.join(", "), found: found() });
    }
    Ok(Layout::Mapped { format, mapping: Box::new(mapping.clone()) })
}

/// Of the formats whose columns are all there, the one that knows most of the others.
fn by_columns(
    source: &Source<'_>,
    columns: &[String],
    found: impl Fn() -> String,
) -> Result<Layout, InterchangeError> {
    let fitting = shipped().iter().filter(|(format, _)| format.is_table() == source.is_table());
    let fitting = fitting.filter(|(_, mapping)| mapping.missing(columns).is_empty());
    if let Some((format, mapping)) = fitting.max_by_key(|(_, mapping)| mapping.known(columns)) {
        return Ok(Layout::Mapped { format: *format, mapping: Box::new(mapping.clone()) });
    }
    let mut looked: Vec<String> = shipped()
        .iter()
        .map(|(format, mapping)| {
            format!("{} (lacks {})", format.title(), mapping.missing(columns).join(", "))
        })
        .collect();
    looked.push("GitHub JSON (title, and most others of gh issue list)".to_owned());
    Err(InterchangeError::UnknownFormat { found: found(), looked: looked.join("; ") })
}

fn is_github(source: &Source<'_>, columns: &[String]) -> bool {
    let has = |name: &str| columns.iter().any(|column| column == name);
    let known = GITHUB.iter().filter(|name| has(name)).count();
    !source.is_table() && has("title") && known >= 3 && 2 * known > columns.len()
}
