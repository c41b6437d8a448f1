//! A table of separated cells: a line of column names, then one record after another.

use std::{
    collections::HashMap,
    io::{Read as _, Seek as _, SeekFrom},
};

use csv::{ByteRecord, Reader, ReaderBuilder};
use serde_json::Value;

use super::{Broken, Fields, ReadSeek, Record, delimiter::delimiter, sniff::Text};
use crate::{ImportLimits, InterchangeError};

/// A column: repeated names are one column with several cells.
#[derive(Debug)]
struct Column {
    name: String,
    places: Vec<usize>,
}

/// A table with its header read.
pub(crate) struct Table<'a> {
    input: Box<dyn ReadSeek + 'a>,
    start: u64,
    delimiter: u8,
    columns: Vec<Column>,
    /// Cells of the header.
    width: usize,
    limits: ImportLimits,
}

fn reader<R: std::io::Read>(input: R, delimiter: u8) -> Reader<R> {
    ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(input)
}

impl<'a> Table<'a> {
    pub(super) fn open(text: Text<'a>, limits: ImportLimits) -> Result<Self, InterchangeError> {
        let delimiter = delimiter(&text.head);
        let Text { mut input, start, .. } = text;
        input.seek(SeekFrom::Start(start))?;
        let mut header = ByteRecord::new();
        if !read(&mut reader(&mut input, delimiter), &mut header)? {
            return Err(InterchangeError::NotRecords);
        }
        let width = header.len();
        if width > limits.columns {
            return Err(InterchangeError::TooManyColumns { limit: limits.columns });
        }
        let mut columns: Vec<Column> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for (place, name) in header.iter().enumerate() {
            let name = std::str::from_utf8(name).map_err(|_| InterchangeError::CellNotText {
                line: 1,
                column: format!("the name of column {}", place + 1),
            })?;
            let name = match pm33_text::clean(name.trim()).text.trim() {
                "" => format!("(column {})", place + 1),
                name => name.to_owned(),
            };
            if let Some(at) = known.get(&name) {
                columns[*at].places.push(place);
            } else {
                known.insert(name.clone(), columns.len());
                columns.push(Column { name, places: vec![place] });
            }
        }
        Ok(Self { input, start, delimiter, columns, width, limits })
    }

    pub(super) fn columns(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    pub(super) fn records(&mut self, wanted: Option<&[&str]>) -> Result<Rows<'_>, InterchangeError> {
        self.input.seek(SeekFrom::Start(self.start))?;
        let columns = self
            .columns
            .iter()
            .filter(|column| wanted.is_none_or(|wanted| wanted.contains(&column.name.as_str())))
            .collect();
        let mut rows = Rows {
            reader: reader(&mut self.input, self.delimiter),
            all: &self.columns,
            columns,
            width: self.width,
            start: self.start,
            delimiter: self.delimiter,
            limits: self.limits,
            record: ByteRecord::new(),
            number: 0,
            last: Last::default(),
            uncounted: 0,
        };
        read(&mut rows.reader, &mut rows.record)?;
        rows.began();
        Ok(rows)
    }
}

fn read<R: std::io::Read>(reader: &mut Reader<R>, record: &mut ByteRecord) -> Result<bool, InterchangeError> {
    reader
        .read_byte_record(record)
        .map_err(|error| InterchangeError::Unreadable(std::io::Error::other(error)))
}

/// Where the record read last began.
#[derive(Clone, Copy, Default)]
struct Last {
    byte: u64,
    line: u64,
}

/// One way through a table.
pub(crate) struct Rows<'p> {
    reader: Reader<&'p mut (dyn ReadSeek + 'p)>,
    all: &'p [Column],
    columns: Vec<&'p Column>,
    width: usize,
    start: u64,
    delimiter: u8,
    limits: ImportLimits,
    record: ByteRecord,
    number: usize,
    last: Last,
    /// Lines that the reader has not counted yet: 1 where it stands between the two characters of a line end.
    uncounted: u64,
}

impl Rows<'_> {
    /// Where the record that was just read began. What the reader says is a line short after a line end of two
    /// characters, of which it has taken one.
    fn began(&mut self) -> Option<Last> {
        let position = self.record.position()?;
        let inside = memchr::memchr_iter(b'\n', self.record.as_slice()).count() as u64;
        let ended = self.reader.position().line();
        let mut line = position.line() + self.uncounted;
        if line + inside > ended {
            line = position.line();
        }
        self.uncounted = u64::from(line + inside == ended);
        Some(Last { byte: position.byte(), line })
    }

    pub(super) fn next(&mut self) -> Option<Result<Record, InterchangeError>> {
        match read(&mut self.reader, &mut self.record) {
            Err(error) => Some(Err(error)),
            Ok(false) => self.check_end().err().map(Err),
            Ok(true) => {
                if let Some(began) = self.began() {
                    self.last = began;
                }
                self.number += 1;
                if self.number > self.limits.records {
                    return Some(Err(InterchangeError::TooManyRecords { limit: self.limits.records }));
                }
                let told = self.shortness();
                Some(self.fields().map(|fields| Record {
                    number: self.number,
                    line: Some(self.last.line),
                    fields,
                    told,
                }))
            }
        }
    }

    fn column_at(&self, place: usize) -> String {
        let found = self.all.iter().find(|column| column.places.contains(&place));
        found.map_or_else(|| format!("(column {})", place + 1), |column| column.name.clone())
    }

    /// What a record lacks that ends before the line of column names does.
    fn shortness(&self) -> Option<String> {
        let cells = self.record.len();
        (cells < self.width).then(|| {
            format!(
                "has {cells} cells, the line of column names {}: nothing is read from {:?} on; is a separator or the end of the \
                 record lost?",
                self.width,
                self.column_at(cells)
            )
        })
    }

    fn fields(&self) -> Result<Result<Fields, Broken>, InterchangeError> {
        if let Some(place) = (self.width..self.record.len()).find(|place| !self.record[*place].is_empty()) {
            let what = format!(
                "has {} cells, the line of column names {}; a separator inside a cell needs quotes around it",
                self.record.len(),
                self.width
            );
            return Ok(Err(Broken { column: Some(self.column_at(place)), what }));
        }
        if let Some(place) = self.record.iter().position(|cell| cell.len() > self.limits.cell) {
            let what = format!(
                "a cell of {} bytes; at most {} are read: is a quote missing before it?",
                self.record[place].len(),
                self.limits.cell
            );
            return Ok(Err(Broken { column: Some(self.column_at(place)), what }));
        }
        let mut fields = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let value = match column.places.as_slice() {
                [place] => self.cell(*place)?.map_or(Value::Null, Value::from),
                places => {
                    let mut cells = Vec::new();
                    for place in places {
                        cells.extend(self.cell(*place)?.filter(|cell| !cell.trim().is_empty()));
                    }
                    Value::from(cells)
                }
            };
            fields.push((column.name.clone(), value));
        }
        Ok(Ok(Fields(fields)))
    }

    fn cell(&self, place: usize) -> Result<Option<&str>, InterchangeError> {
        let Some(bytes) = self.record.get(place) else { return Ok(None) };
        let text = std::str::from_utf8(bytes);
        text.map(Some).map_err(|_| InterchangeError::CellNotText {
            line: self.last.line,
            column: self.column_at(place),
        })
    }

    /// The reader ends a quoted cell at the end of the file without a word; so the last record is looked at again.
    fn check_end(&mut self) -> Result<(), InterchangeError> {
        let last = std::mem::take(&mut self.last);
        if last.line == 0 {
            return Ok(());
        }
        let mut tail = Vec::new();
        let input = self.reader.get_mut();
        input.seek(SeekFrom::Start(self.start + last.byte))?;
        input.read_to_end(&mut tail)?;
        match open_cell(&tail, self.delimiter) {
            None => Ok(()),
            Some(place) => {
                Err(InterchangeError::Truncated { line: last.line, column: self.column_at(place) })
            }
        }
    }
}

/// The place of the cell whose quotes are open at the end.
fn open_cell(tail: &[u8], delimiter: u8) -> Option<usize> {
    #[derive(PartialEq)]
    enum At {
        Start,
        Bare,
        Quoted,
        Quote,
    }
    let mut at = At::Start;
    let mut place = 0;
    for &byte in tail {
        at = match (at, byte) {
            (At::Quoted, b'"') => At::Quote,
            (At::Start | At::Quote, b'"') | (At::Quoted, _) => At::Quoted,
            (_, byte) if byte == delimiter => {
                place += 1;
                At::Start
            }
            (At::Start, b'\r' | b'\n') => At::Start,
            _ => At::Bare,
        };
    }
    (at == At::Quoted).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::open_cell;

    #[test]
    fn an_open_quote_is_seen() {
        assert_eq!(open_cell(b"1,\"a b", b','), Some(1));
        assert_eq!(open_cell(b"1,\"a \"\"b", b','), Some(1));
        assert_eq!(open_cell(b"1,\"a \"\"\"\n", b','), None);
        assert_eq!(open_cell(b"1,5\" pipe", b','), None);
        assert_eq!(open_cell(b"\"1\";x", b';'), None);
        assert_eq!(open_cell(b"", b','), None);
    }
}
