//! The one table of a grading run.

use std::fmt;

use serde::Serialize;

/// One measured value.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    /// What was graded.
    pub(crate) subject: String,
    /// What was measured on it.
    pub(crate) measure: String,
    /// The value, in words with its unit.
    pub(crate) value: String,
    /// The bar, where there is one.
    pub(crate) bar: Option<String>,
    /// Whether the bar holds.
    pub(crate) pass: Option<bool>,
}

/// Rows in the order in which they were measured.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// Adds a value without a bar.
    pub(crate) fn tell(&mut self, subject: &str, measure: impl Into<String>, value: impl Into<String>) {
        self.rows.push(Row {
            subject: subject.to_owned(),
            measure: measure.into(),
            value: value.into(),
            bar: None,
            pass: None,
        });
    }

    /// Adds a value with its bar.
    pub(crate) fn judge(
        &mut self,
        subject: &str,
        measure: impl Into<String>,
        value: impl Into<String>,
        bar: &str,
        pass: bool,
    ) {
        self.tell(subject, measure, value);
        if let Some(row) = self.rows.last_mut() {
            row.bar = Some(bar.to_owned());
            row.pass = Some(pass);
        }
    }

    /// Says that something could not be graded.
    pub(crate) fn absent(&mut self, subject: &str, why: &str) {
        self.tell(subject, "not graded", why);
    }

    /// How many bars do not hold.
    pub(crate) fn failed(&self) -> usize {
        self.rows.iter().filter(|row| row.pass == Some(false)).count()
    }

    /// The table for machines.
    pub(crate) fn json(&self) -> String {
        serde_json::json!({ "rows": self.rows, "failed": self.failed() }).to_string()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |text: fn(&Row) -> &str| self.rows.iter().map(|row| text(row).chars().count()).max();
        let subject = width(|row| &row.subject).unwrap_or(0);
        let measure = width(|row| &row.measure).unwrap_or(0);
        let value = width(|row| &row.value).unwrap_or(0);
        for row in &self.rows {
            write!(f, "{:subject$}  {:measure$}  {:value$}", row.subject, row.measure, row.value)?;
            match (&row.bar, row.pass) {
                (Some(bar), Some(true)) => writeln!(f, "  pass ({bar})")?,
                (Some(bar), _) => writeln!(f, "  FAIL ({bar})")?,
                (None, _) => writeln!(f)?,
            }
        }
        let judged = self.rows.iter().filter(|row| row.pass.is_some()).count();
        write!(f, "{} of {judged} bars hold", judged - self.failed())
    }
}
