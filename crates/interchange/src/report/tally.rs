//! A report in the making.

use std::collections::HashMap;

use pm33_text::Removals;

use super::{ColumnReport, Fate, LossReport, Outcome, Totals, remark::Remarks};
use crate::{ImportLimits, InterchangeError, layout::Layout, row::Row};

/// Counts rows into a report.
pub(crate) struct Tally {
    report: LossReport,
    positions: HashMap<String, usize>,
    layout: Layout,
    limits: ImportLimits,
    remarks: Remarks,
}

impl Tally {
    pub(crate) fn new(layout: &Layout, columns: &[String], notes: Vec<String>, limits: ImportLimits) -> Self {
        let report = LossReport {
            format: layout.format(),
            notes,
            totals: Totals::default(),
            columns: Vec::new(),
            problems: Vec::new(),
            problems_unlisted: 0,
            removed: Removals::default(),
        };
        let mut tally = Self {
            report,
            positions: HashMap::new(),
            layout: layout.clone(),
            limits,
            remarks: Remarks::default(),
        };
        for column in columns.iter().take(limits.columns) {
            tally.position(column);
        }
        tally
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
        if !skipped {
            row.remarks.iter().for_each(|remark| self.remarks.count(*remark));
        }
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

    pub(crate) fn finish(mut self) -> LossReport {
        self.report.notes.extend(self.remarks.notes());
        self.report
    }

    /// Counts an epic that no record describes.
    pub(crate) fn enter_epic(&mut self) {
        self.report.totals.epics += 1;
    }

    pub(crate) fn report(&self) -> &LossReport {
        &self.report
    }

    fn position(&mut self, name: &str) -> usize {
        if let Some(at) = self.positions.get(name) {
            return *at;
        }
        let at = self.report.columns.len();
        self.positions.insert(name.to_owned(), at);
        self.report.columns.push(ColumnReport {
            name: name.to_owned(),
            becomes: self.layout.becomes(name),
            seen: 0,
            used: 0,
            kept: 0,
            dropped: 0,
            empty: 0,
        });
        at
    }

    fn count(&mut self, name: &str, fate: Fate) -> Result<(), InterchangeError> {
        if !self.positions.contains_key(name) && self.positions.len() >= self.limits.columns {
            return Err(InterchangeError::TooManyColumns { limit: self.limits.columns });
        }
        let at = self.position(name);
        let column = &mut self.report.columns[at];
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
