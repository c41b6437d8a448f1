//! A file as a sequence of records, which can be gone through several times without holding them.

mod decode;
mod delimiter;
mod jira;
mod json;
mod sniff;
mod table;

use std::io::{Read, Seek};

use crate::{ImportLimits, InterchangeError};
pub(crate) use json::Fields;
use json::JsonText;
use sniff::Sniffed;
use table::Table;

/// What an export is read from.
pub(crate) trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// A record, or why it is none.
pub(crate) struct Record {
    /// Its place in the file, from 1.
    pub(crate) number: usize,
    /// The line that it begins on, where that is known.
    pub(crate) line: Option<u64>,
    pub(crate) fields: Result<Fields, Broken>,
    /// What is to be said of it although it can be read.
    pub(crate) told: Option<String>,
}

/// Why a record cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) column: Option<String>,
    pub(crate) what: String,
}

impl Broken {
    pub(crate) fn whole(what: impl Into<String>) -> Self {
        Self { column: None, what: what.into() }
    }
}

/// An opened file.
pub(crate) enum Source<'a> {
    Table(Table<'a>),
    Json(JsonText),
}

impl<'a> Source<'a> {
    /// Opens a file: its kind, encoding and separator are found by looking.
    pub(crate) fn open(
        input: Box<dyn ReadSeek + 'a>,
        limits: ImportLimits,
    ) -> Result<Self, InterchangeError> {
        match sniff::sniff(input, limits)? {
            Sniffed::Table(text) => Table::open(text, limits).map(Self::Table),
            Sniffed::Json(text) => JsonText::open(text, limits).map(Self::Json),
        }
    }

    /// Names of the columns: the header of a table, or those of the first record that can be read.
    pub(crate) fn columns(&self) -> Vec<String> {
        match self {
            Self::Table(table) => table.columns(),
            Self::Json(text) => text.columns(),
        }
    }

    pub(crate) fn is_table(&self) -> bool {
        matches!(self, Self::Table(_))
    }

    /// Goes through the records from the first on. With `wanted`, a table's other columns are left out.
    pub(crate) fn records(&mut self, wanted: Option<&[&str]>) -> Result<Records<'_>, InterchangeError> {
        Ok(match self {
            Self::Table(table) => Records::Table(Box::new(table.records(wanted)?)),
            Self::Json(text) => Records::Json(text.records()),
        })
    }
}

/// One way through the records. The first error ends it.
pub(crate) enum Records<'p> {
    Table(Box<table::Rows<'p>>),
    Json(json::JsonRecords<'p>),
}

impl Iterator for Records<'_> {
    type Item = Result<Record, InterchangeError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Table(rows) => rows.next(),
            Self::Json(records) => records.next().map(Ok),
        }
    }
}
