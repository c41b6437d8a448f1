//! The report as people read it.

use std::fmt;

use crate::{LossReport, Outcome};

/// Record numbers named per group of like problems.
const RECORDS_NAMED: usize = 8;

struct Group<'a> {
    outcome: Outcome,
    column: Option<&'a str>,
    message: &'a str,
    records: Vec<usize>,
}

impl fmt::Display for LossReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals = self.totals;
        writeln!(
            f,
            "{}: {} records read, {} items, {} skipped, {} warnings",
            self.format.title(),
            totals.read,
            totals.made,
            totals.skipped,
            totals.warnings
        )?;
        let width =
            self.columns.iter().map(|column| column.name.chars().count()).max().unwrap_or(0).clamp(6, 40);
        writeln!(
            f,
            "\n{:width$}  {:>7}  {:>7}  {:>7}  {:>7}  {:>7}",
            "column", "seen", "used", "custom", "dropped", "empty"
        )?;
        for column in &self.columns {
            writeln!(
                f,
                "{:width$}  {:>7}  {:>7}  {:>7}  {:>7}  {:>7}",
                shorten(&column.name, 40),
                column.seen,
                column.used,
                column.kept,
                column.dropped,
                column.empty
            )?;
        }
        if self.removed.total() > 0 {
            writeln!(f, "\n{} hidden characters were removed from the texts", self.removed.total())?;
        }
        if !self.notes.is_empty() {
            writeln!(f, "\nnotes:")?;
        }
        for note in &self.notes {
            writeln!(f, "  {note}")?;
        }
        self.write_problems(f)
    }
}

impl LossReport {
    fn write_problems(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (outcome, title) in [(Outcome::Skipped, "skipped"), (Outcome::Warning, "warnings")] {
            let groups: Vec<_> = self.groups().into_iter().filter(|group| group.outcome == outcome).collect();
            if !groups.is_empty() {
                writeln!(f, "\n{title}:")?;
            }
            for group in groups {
                let named: Vec<_> = group.records.iter().take(RECORDS_NAMED).map(usize::to_string).collect();
                let more = if group.records.len() > RECORDS_NAMED { ", …" } else { "" };
                let column =
                    group.column.map(|column| format!("{}: ", shorten(column, 40))).unwrap_or_default();
                let count = group.records.len();
                writeln!(f, "  {count:>5} × {column}{} (record {}{more})", group.message, named.join(", "))?;
            }
        }
        match self.problems_unlisted {
            0 => Ok(()),
            more => writeln!(f, "  and {more} more that are not listed"),
        }
    }

    /// Problems of one kind together, in order of their first record.
    fn groups(&self) -> Vec<Group<'_>> {
        let mut groups: Vec<Group<'_>> = Vec::new();
        for problem in &self.problems {
            let column = problem.column.as_deref();
            let same = |group: &&mut Group<'_>| {
                group.outcome == problem.outcome && group.column == column && group.message == problem.message
            };
            match groups.iter_mut().find(same) {
                Some(group) => group.records.push(problem.record),
                None => groups.push(Group {
                    outcome: problem.outcome,
                    column,
                    message: &problem.message,
                    records: vec![problem.record],
                }),
            }
        }
        groups
    }
}

/// At most so many characters, the cut marked.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
}
