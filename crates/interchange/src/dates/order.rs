//! Which order the dates of each column are in: as the caller says, else as its own values prove.

use std::collections::HashMap;

use super::parse;
use crate::{DateOrder, InterchangeError, report::shorten};

/// What the values of a column say of their order.
#[derive(Clone, Debug, Default)]
struct Evidence {
    /// Values that are a date in one order only, with their records.
    day_first: Option<(usize, String)>,
    month_first: Option<(usize, String)>,
    /// The first values that are a date in both.
    ambiguous: Vec<(usize, String)>,
    lacks_offset: bool,
}

/// The order of each column's dates.
#[derive(Clone, Debug, Default)]
pub(crate) struct DateOrders {
    given: Option<DateOrder>,
    proven: HashMap<String, Evidence>,
}

impl DateOrders {
    pub(crate) fn new(given: Option<DateOrder>) -> Self {
        Self { given, proven: HashMap::new() }
    }

    /// Looks at a value.
    pub(crate) fn note(&mut self, column: &str, record: usize, text: &str) {
        let Some(written) = parse(text) else { return };
        let proof = written.proves();
        if proof.is_none() && !written.is_ambiguous() && !written.lacks_offset() {
            return;
        }
        if !self.proven.contains_key(column) {
            self.proven.insert(column.to_owned(), Evidence::default());
        }
        let Some(evidence) = self.proven.get_mut(column) else { return };
        evidence.lacks_offset |= written.lacks_offset();
        let shown = || (record, shorten(text, 40));
        match proof {
            Some(DateOrder::DayFirst) => _ = evidence.day_first.get_or_insert_with(shown),
            Some(DateOrder::MonthFirst) => _ = evidence.month_first.get_or_insert_with(shown),
            None if written.is_ambiguous() && evidence.ambiguous.len() < 3 => {
                evidence.ambiguous.push(shown());
            }
            None => {}
        }
    }

    /// Refuses columns whose order nothing tells.
    pub(crate) fn check(&self) -> Result<(), InterchangeError> {
        if self.given.is_some() {
            return Ok(());
        }
        let mut columns: Vec<_> = self.proven.iter().collect();
        columns.sort_unstable_by_key(|(column, _)| column.as_str());
        for (column, evidence) in columns {
            let contradicts = evidence.day_first.is_some() && evidence.month_first.is_some();
            let unproven = evidence.day_first.is_none() && evidence.month_first.is_none();
            if contradicts || unproven && !evidence.ambiguous.is_empty() {
                let values =
                    evidence.day_first.iter().chain(&evidence.month_first).chain(&evidence.ambiguous);
                let shown: Vec<_> =
                    values.map(|(record, text)| format!("{text:?} (record {record})")).collect();
                return Err(InterchangeError::AmbiguousDates {
                    column: column.clone(),
                    samples: shown.join(", "),
                });
            }
        }
        Ok(())
    }

    /// The order of a column's dates, where one is needed and known.
    pub(crate) fn of(&self, column: &str) -> Option<DateOrder> {
        self.given.or_else(|| {
            let evidence = self.proven.get(column)?;
            match (&evidence.day_first, &evidence.month_first) {
                (Some(_), None) => Some(DateOrder::DayFirst),
                (None, Some(_)) => Some(DateOrder::MonthFirst),
                _ => None,
            }
        })
    }

    /// What is to be told of how dates were read.
    pub(crate) fn notes(&self, offset: jiff::tz::Offset) -> Vec<String> {
        let mut columns: Vec<_> = self.proven.iter().collect();
        columns.sort_unstable_by_key(|(column, _)| column.as_str());
        let mut notes = Vec::new();
        for (column, evidence) in columns {
            if let (None, Some((record, text))) =
                (self.given, evidence.day_first.as_ref().or(evidence.month_first.as_ref()))
            {
                let order = if evidence.day_first.is_some() { "day-month" } else { "month-day" };
                notes.push(format!("{column}: read as {order}, as {text:?} in record {record} proves"));
            }
            if evidence.lacks_offset {
                notes.push(format!("{column}: times without a zone are read at offset {offset}"));
            }
        }
        notes
    }
}
