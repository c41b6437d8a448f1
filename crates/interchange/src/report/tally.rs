//! A report in the making.

use std::collections::HashMap;

use pm33_text::Removals;

use super::{ColumnReport, Fate, LossReport, Outcome, Totals};
use crate::{Format, ImportLimits, InterchangeError, row::Row};

/// Counts rows into a report.
pub(crate) struct Tally {
    report: LossReport,
    positions: HashMap<String, usize>,
    limits: ImportLimits,
}

impl Tally {
    pub(crate) fn new(format: Format, limits: ImportLimits) -> Self {
        let report = LossReport {
            format,
            totals: Totals::default(),
            columns: Vec::new(),
            problems: Vec::new(),
            problems_unlisted: 0,
            removed: Removals::default(),
        };
        Self { report, positions: HashMap::new(), limits }
    }

    /// Enters a record's cells and problems.
    pub(crate) fn enter(&mut self, row: Row) -> Result<(), InterchangeError> {
        let skipped = row.is_skipped();
        for (column, fate) in row.fates() {
            self.count(column, fate)?;
        }
        let report = &mut self.report;
        report.totals.read += 1;
        *if skipped { &mut report.totals.skipped } else { &mut report.totals.made } += 1;
        report.removed += row.removed;
        for problem in row.problems {
            report.totals.warnings += usize::from(problem.outcome == Outcome::Warning);
            if report.problems.len() < self.limits.problems {
                report.problems.push(problem);
            } else {
                report.problems_unlisted += 1;
            }
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> LossReport {
        self.report
    }

    fn count(&mut self, name: &str, fate: Fate) -> Result<(), InterchangeError> {
        let columns = &mut self.report.columns;
        let at = match self.positions.get(name) {
            Some(at) => *at,
            None if columns.len() == self.limits.columns => {
                return Err(InterchangeError::TooManyColumns { limit: self.limits.columns });
            }
            None => {
                self.positions.insert(name.to_owned(), columns.len());
                columns.push(ColumnReport {
                    name: name.to_owned(),
                    seen: 0,
                    used: 0,
                    kept: 0,
                    dropped: 0,
                    empty: 0,
                });
                columns.len() - 1
            }
        };
        let column = &mut columns[at];
        column.seen += 1;
        *match fate {
            Fate::Used => &mut column.used,
            Fate::Kept => &mut column.kept,
            Fate::Dropped => &mut column.dropped,
            Fate::Empty => &mut column.empty,
        } += 1;
        Ok(())
    }
}
