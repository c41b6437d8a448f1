//! One record on its way to an item: every cell ends with a fate, so that nothing is lost unseen.

mod custom;

use pm33_product::{CustomFields, CustomValue};
use pm33_text::{Removals, clean, clean_json};
use serde_json::Value;

use crate::{
    report::{Fate, Outcome, Problem, Remark, shorten},
    source::{Broken, Record},
};

/// Most custom fields of an item.
const CUSTOM_MAX: usize = 100;
/// Longest name of a custom field, in characters.
const NAME_MAX: usize = 100;
/// Longest value shown in a problem, in characters.
const SHOWN: usize = 80;

struct Cell {
    column: String,
    value: Value,
    fate: Option<Fate>,
}

/// What stands before the names of custom fields in the columns of a file, by what they hold; `)` ends the name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Customs {
    pub(crate) text: Option<String>,
    pub(crate) number: Option<String>,
    pub(crate) list: Option<String>,
}

/// A record's cells, what became of them, and what is to be said of it.
pub(crate) struct Row {
    record: usize,
    line: Option<u64>,
    customs: Customs,
    cells: Vec<Cell>,
    /// What has no field of its own.
    pub(crate) custom: CustomFields,
    /// In the order in which they were found.
    pub(crate) problems: Vec<Problem>,
    pub(crate) remarks: Vec<Remark>,
    /// Hidden characters taken out of names and values.
    pub(crate) removed: Removals,
}

impl Row {
    /// A record's cells, cleaned. Of a repeated column the last one counts, as in most JSON readers. A record that
    /// cannot be read is a row without cells that is given up.
    pub(crate) fn new(record: Record, customs: Customs) -> Self {
        let mut row = Self {
            record: record.number,
            line: record.line,
            customs,
            cells: Vec::new(),
            custom: CustomFields::new(),
            problems: Vec::new(),
            remarks: Vec::new(),
            removed: Removals::default(),
        };
        let fields = match record.fields {
            Ok(fields) => fields,
            Err(Broken { column, what }) => {
                row.skip(column.as_deref(), what, None);
                return row;
            }
        };
        if let Some(told) = record.told {
            row.say(Outcome::Warning, None, told, None);
        }
        row.cells.reserve(fields.0.len());
        for (name, mut value) in fields.0 {
            let name = clean(&name);
            row.removed += name.removed;
            row.removed += clean_json(&mut value);
            let column = name.text.into_owned();
            if let Some(earlier) =
                row.cells.iter_mut().find(|cell| cell.fate.is_none() && cell.column == column)
            {
                earlier.fate = Some(Fate::Dropped);
                let lost = std::mem::take(&mut earlier.value);
                row.warn(&column, "the column occurs twice in the record; the last one counts", Some(&lost));
            }
            row.cells.push(Cell { column, value, fate: None });
        }
        for cell in &mut row.cells {
            if cell.fate.is_none() && is_empty(&cell.value) {
                cell.fate = Some(Fate::Empty);
            }
        }
        row
    }

    /// The record's place in the file, from 1.
    pub(crate) fn record(&self) -> usize {
        self.record
    }

    /// A column's content, left where it is.
    pub(crate) fn peek(&self, column: &str) -> Option<&Value> {
        self.cells.iter().find(|cell| cell.fate.is_none() && cell.column == column).map(|cell| &cell.value)
    }

    /// Whether a column has content that nobody took.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.cells.iter().any(|cell| cell.fate.is_none() && cell.column == column)
    }

    /// The first of some columns that has content which nobody took.
    pub(crate) fn first_of<'c>(&self, mut columns: impl Iterator<Item = &'c str>) -> Option<&'c str> {
        columns.find(|column| self.has(column))
    }

    /// Takes a column's content, if it has any, to be used.
    pub(crate) fn take(&mut self, column: &str) -> Option<Value> {
        let cell = self.cells.iter_mut().find(|cell| cell.fate.is_none() && cell.column == column)?;
        cell.fate = Some(Fate::Used);
        Some(std::mem::take(&mut cell.value))
    }

    /// Keeps a value that was taken from a column as a custom field, because its own field cannot hold it.
    pub(crate) fn give_back(&mut self, column: &str, value: &Value, why: &str) {
        self.warn(column, why, Some(value));
        self.keep_taken(column, value);
    }

    /// Keeps a value that was taken from a column as a custom field, where that is its place.
    pub(crate) fn keep_taken(&mut self, column: &str, value: &Value) {
        let fate = self.keep(column, value);
        if let Some(cell) =
            self.cells.iter_mut().find(|cell| cell.column == column && cell.fate == Some(Fate::Used))
        {
            cell.fate = Some(fate);
        }
    }

    /// Keeps what a used column has beyond its field.
    pub(crate) fn keep_beside(&mut self, column: &str, value: &[String]) {
        self.keep(column, &Value::from(value));
    }

    /// Drops what a column has, because it has no place here.
    pub(crate) fn discard(&mut self, column: &str) -> Option<Value> {
        let cell = self.cells.iter_mut().find(|cell| cell.fate.is_none() && cell.column == column)?;
        cell.fate = Some(Fate::Dropped);
        Some(std::mem::take(&mut cell.value))
    }

    /// Sets a custom field that no column holds as it is.
    pub(crate) fn set_custom(&mut self, name: &str, value: CustomValue) {
        if self.custom.len() < CUSTOM_MAX {
            self.custom.insert(name.to_owned(), value);
        }
    }

    /// Counts a part of a column, such as `labels.color`.
    pub(crate) fn part(&mut self, column: &str, part: &str, fate: Fate) {
        self.cells.push(Cell { column: format!("{column}.{part}"), value: Value::Null, fate: Some(fate) });
    }

    /// Keeps every cell that nobody took as a custom field.
    pub(crate) fn keep_rest(&mut self) {
        for at in 0..self.cells.len() {
            if self.cells[at].fate.is_none() {
                let value = std::mem::take(&mut self.cells[at].value);
                let column = self.cells[at].column.clone();
                let fate = self.keep(&column, &value);
                self.cells[at].fate = Some(fate);
            }
        }
    }

    /// Says something of one column.
    pub(crate) fn warn(&mut self, column: &str, message: &str, value: Option<&Value>) {
        let value = value.map(|value| match value {
            Value::String(text) => shorten(text, SHOWN),
            other => shorten(&other.to_string(), SHOWN),
        });
        self.say(Outcome::Warning, Some(column), message.to_owned(), value);
    }

    /// Notes what is counted for the whole file.
    pub(crate) fn note(&mut self, remark: Remark) {
        self.remarks.push(remark);
    }

    /// Gives the record up.
    pub(crate) fn skip(&mut self, column: Option<&str>, message: impl Into<String>, value: Option<String>) {
        self.say(Outcome::Skipped, column, message.into(), value);
    }

    /// Whether the record was given up.
    pub(crate) fn is_skipped(&self) -> bool {
        self.problems.iter().any(|problem| problem.outcome == Outcome::Skipped)
    }

    /// Each cell's column and fate; of a record that was given up everything is lost.
    pub(crate) fn fates(&self) -> impl Iterator<Item = (&str, Fate)> {
        let skipped = self.is_skipped();
        self.cells.iter().map(move |cell| {
            let fate = match cell.fate {
                Some(Fate::Empty) => Fate::Empty,
                Some(fate) if !skipped => fate,
                _ => Fate::Dropped,
            };
            (cell.column.as_str(), fate)
        })
    }

    fn keep(&mut self, column: &str, value: &Value) -> Fate {
        let (kind, name) = self.custom_name(column);
        let name = if self.custom.contains_key(name) { column } else { name }.to_owned();
        if name.is_empty() || name.chars().count() > NAME_MAX {
            self.warn(column, "not kept: the name of a custom field has 1 to 100 characters", Some(value));
            return Fate::Dropped;
        }
        if self.custom.len() >= CUSTOM_MAX {
            self.warn(column, "not kept: an item has at most 100 custom fields", Some(value));
            return Fate::Dropped;
        }
        let Some(kept) = custom::value(value, kind) else {
            self.warn(column, "not kept: a custom field has at most 10,000 characters", Some(value));
            return Fate::Dropped;
        };
        for lost in kept.lost {
            self.part(column, &lost, Fate::Dropped);
        }
        self.custom.insert(name, kept.value);
        Fate::Kept
    }

    /// `Custom field (…)` without what is around the name, and what it says that the field holds.
    fn custom_name<'c>(&self, column: &'c str) -> (custom::Kind, &'c str) {
        let Customs { text, number, list } = &self.customs;
        let kinds = [(custom::Kind::Any, text), (custom::Kind::Number, number), (custom::Kind::List, list)];
        let named = kinds.into_iter().find_map(|(kind, prefix)| {
            let name = column.strip_prefix(prefix.as_deref()?)?.strip_suffix(')')?.trim();
            (!name.is_empty()).then_some((kind, name))
        });
        named.unwrap_or((custom::Kind::Any, column))
    }

    fn say(&mut self, outcome: Outcome, column: Option<&str>, message: String, value: Option<String>) {
        let column = column.map(|column| shorten(column, SHOWN));
        self.problems.push(Problem { record: self.record, line: self.line, column, outcome, message, value });
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
