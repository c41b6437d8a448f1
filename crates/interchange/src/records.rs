//! A JSON text cut into records, each of which is read on its own, so that a bad one costs no other.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Value, value::RawValue};

use crate::InterchangeError;

/// A record as it stands in the file, or why it is none.
pub(crate) type Raw<'a> = Result<&'a RawValue, String>;

/// Cuts an array, or objects that follow one another (one per line or not), into records.
pub(crate) fn split(text: &str) -> Result<Vec<Raw<'_>>, InterchangeError> {
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

/// A line that begins with `{` begins an object, whatever came before: so a malformed one ends there, and no part of the
/// text is looked at twice.
fn split_objects(text: &str) -> Vec<Raw<'_>> {
    let mut records = Vec::new();
    let mut rest = text;
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

impl Fields {
    /// Reads one record.
    pub(crate) fn read(raw: &RawValue) -> Result<Self, String> {
        serde_json::from_str(raw.get()).map_err(|error| error.to_string())
    }
}

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
        assert_eq!(shapes("{\"a\":1} {\"a\":2}x\r\n{\"a\":3}\r\n"), [true, true, false, true]);
        assert!(split("[{]").is_err() && split("").is_err() && split("Id,Title").is_err());
    }

    #[test]
    fn repeated_names_are_kept_apart() {
        let raw = split(r#"[{"a":1,"a":2}]"#).unwrap()[0].clone().unwrap();
        assert_eq!(Fields::read(raw).unwrap().0.len(), 2);
    }
}
