//! A JSON text cut into records, each of which is read on its own, so that a bad one costs no other.

use std::{fmt, ops::Range};

use serde::{
    Deserialize,
    de::{Deserializer, MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use super::{
    Broken, Record,
    jira::{self, Names},
};
use crate::{ImportLimits, InterchangeError};

/// A record as it stands in the file, or why it is none.
type Raw<'a> = Result<&'a RawValue, String>;

/// A JSON text with the places of its records.
pub(crate) struct JsonText {
    text: String,
    places: Vec<Result<Range<usize>, String>>,
    names: Names,
}

/// A page of issues, as Jira's REST API answers a search.
#[derive(Deserialize)]
struct JiraPage<'a> {
    #[serde(borrow)]
    issues: Vec<&'a RawValue>,
    #[serde(default)]
    names: Names,
}

impl JsonText {
    pub(super) fn open(text: String, limits: ImportLimits) -> Result<Self, InterchangeError> {
        let start = text.as_ptr() as usize;
        let place = |raw: &RawValue| {
            let from = raw.get().as_ptr() as usize - start;
            from..from + raw.get().len()
        };
        let mut places = Vec::new();
        let mut names = Names::new();
        for raw in split(&text)? {
            let page = raw.as_ref().ok().filter(|raw| raw.get().contains("\"issues\""));
            match page.and_then(|raw| serde_json::from_str::<JiraPage<'_>>(raw.get()).ok()) {
                None => places.push(raw.map(place)),
                Some(page) => {
                    names.extend(page.names);
                    places.extend(page.issues.into_iter().map(|raw| Ok(place(raw))));
                }
            }
        }
        if places.len() > limits.records {
            return Err(InterchangeError::TooManyRecords { limit: limits.records });
        }
        Ok(Self { text, places, names })
    }

    pub(super) fn columns(&self) -> Vec<String> {
        let first = self.records().find_map(|record| record.fields.ok());
        first.map(|fields| fields.0.into_iter().map(|(name, _)| name).collect()).unwrap_or_default()
    }

    pub(super) fn records(&self) -> JsonRecords<'_> {
        JsonRecords { text: &self.text, places: self.places.iter(), names: &self.names, number: 0 }
    }
}

/// One way through the records of a JSON text.
pub(crate) struct JsonRecords<'p> {
    text: &'p str,
    places: std::slice::Iter<'p, Result<Range<usize>, String>>,
    names: &'p Names,
    number: usize,
}

impl Iterator for JsonRecords<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let place = self.places.next()?;
        self.number += 1;
        let fields = match place {
            Ok(place) => {
                serde_json::from_str::<Fields>(&self.text[place.clone()]).map_err(|error| error.to_string())
            }
            Err(what) => Err(what.clone()),
        };
        let fields = fields
            .map(|fields| if jira::is_issue(&fields) { jira::flat(fields, self.names) } else { fields });
        Some(Record { number: self.number, line: None, fields: fields.map_err(Broken::whole), told: None })
    }
}

/// Cuts an array, or objects that follow one another (one per line or not), into records.
fn split(text: &str) -> Result<Vec<Raw<'_>>, InterchangeError> {
    match text.trim_start().chars().next() {
        Some('[') => {
            let records: Vec<&RawValue> = serde_json::from_str(text)
                .map_err(|error| InterchangeError::NotJson { what: error.to_string() })?;
            Ok(records.into_iter().map(Ok).collect())
        }
        Some('{') => Ok(split_objects(text)),
        _ => Err(InterchangeError::NotRecords),
    }
}

/// Objects, each to its own end. From the first malformed one on, a line that begins with `{` begins an object, whatever
/// came before: so a malformed one ends there, and no part of the text is looked at more than twice.
fn split_objects(text: &str) -> Vec<Raw<'_>> {
    let mut records = Vec::new();
    let mut read = 0;
    let mut whole = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    while let Some(Ok(record)) = whole.next() {
        records.push(Ok(record));
        read = whole.byte_offset();
    }
    let mut rest = &text[read..];
    while !rest.is_empty() {
        let end = rest.find("\n{").map_or(rest.len(), |line| line + 1);
        let (part, later) = rest.split_at(end);
        for record in serde_json::Deserializer::from_str(part).into_iter::<&RawValue>() {
            let is_broken = record.is_err();
            records.push(record.map_err(|error| format!("not valid JSON: {error}")));
            if is_broken {
                break;
            }
        }
        rest = later;
    }
    records
}

/// The columns of one record in their order; a repeated name stays repeated.
pub(crate) struct Fields(pub(crate) Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object that describes one issue")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fields, split};

    fn shapes(text: &str) -> Vec<bool> {
        split(text).unwrap().into_iter().map(|record| record.is_ok()).collect()
    }

    #[test]
    fn arrays_and_lines_are_cut() {
        assert_eq!(shapes(r#" [{"a":1}, 2, null]"#), [true; 3]);
        assert_eq!(shapes("{\"a\":1}\n{\"a\":2}\n\n{\n \"a\":3}"), [true; 3]);
        assert_eq!(shapes("{\"a\":1}\n{\"a\":\n{\"a\":3}\n{\"a\":4"), [true, false, true, false]);
        assert_eq!(shapes("{\"a\":[{\"b\":1},\n{\"b\":2}],\n\"c\":3}\n{\"a\":4}\n"), [true; 2]);
        assert_eq!(shapes("{\"a\":1} {\"a\":2}x\r\n{\"a\":3}\r\n"), [true, true, false, true]);
        assert!(split("[{]").is_err() && split("").is_err() && split("Id,Title").is_err());
    }

    #[test]
    fn repeated_names_are_kept_apart() {
        let raw = split(r#"[{"a":1,"a":2}]"#).unwrap()[0].clone().unwrap();
        assert_eq!(serde_json::from_str::<Fields>(raw.get()).unwrap().0.len(), 2);
    }
}
