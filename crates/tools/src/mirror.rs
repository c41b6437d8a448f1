//! JSON that is written together with its copy for the inside of a string. What most calls answer is written so: whoever
//! writes a name or a quote knows what becomes of it there, and nobody looks for it afterwards.

use pm33_product::Row;
use serde::{Serialize, ser::SerializeMap};

use crate::written::{self, Written};

/// Room that an object takes beside its rows; most take less.
const ROOM: usize = 512;

/// An entry's name: with what stands around it in an object, and the same inside of a string.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name {
    pub(crate) word: &'static str,
    pub(crate) json: &'static str,
    pub(crate) escaped: &'static str,
}

/// A [`Name`] of a word without quotes.
macro_rules! name {
    ($word:literal) => {
        $crate::mirror::Name {
            word: $word,
            json: concat!(",\"", $word, "\":"),
            escaped: concat!(",\\\"", $word, "\\\":"),
        }
    };
}
pub(crate) use name;

/// Takes an object's entries, wherever they go.
pub(crate) trait Entries {
    /// Why one was not taken.
    type Error;

    /// Takes a text.
    ///
    /// # Errors
    /// As its type says.
    fn text(&mut self, name: Name, text: &str) -> Result<(), Self::Error>;

    /// Takes any value.
    ///
    /// # Errors
    /// As its type says.
    fn value<T: Serialize + ?Sized>(&mut self, name: Name, value: &T) -> Result<(), Self::Error>;
}

impl<M: SerializeMap> Entries for M {
    type Error = M::Error;

    fn text(&mut self, name: Name, text: &str) -> Result<(), M::Error> {
        self.serialize_entry(name.word, text)
    }

    fn value<T: Serialize + ?Sized>(&mut self, name: Name, value: &T) -> Result<(), M::Error> {
        self.serialize_entry(name.word, value)
    }
}

/// An object in the making, and its copy.
pub(crate) struct Mirror {
    json: String,
    escaped: String,
}

impl Mirror {
    /// An object without entries, with room for rows.
    pub(crate) fn object(rows: &[impl AsRef<Row>]) -> Self {
        let room = |length: fn(&Row) -> usize| rows.iter().map(|row| length(row.as_ref()) + 1).sum::<usize>();
        let mut json = String::with_capacity(ROOM + room(|row| row.json.len()));
        let mut escaped = String::with_capacity(ROOM + room(|row| row.escaped.len()));
        json.push('{');
        escaped.push('{');
        Self { json, escaped }
    }

    /// Takes rows, which are written already.
    pub(crate) fn rows(&mut self, name: Name, rows: &[impl AsRef<Row>]) {
        self.name(name);
        for (place, row) in rows.iter().enumerate() {
            self.put(if place == 0 { "[" } else { "," });
            self.json.push_str(&row.as_ref().json);
            self.escaped.push_str(&row.as_ref().escaped);
        }
        self.put(if rows.is_empty() { "[]" } else { "]" });
    }

    /// The whole object.
    pub(crate) fn done(mut self) -> Written {
        self.put("}");
        Written::new(self.json, self.escaped)
    }

    fn name(&mut self, name: Name) {
        // The first entry has no comma before it.
        let from = usize::from(self.json.len() == 1);
        self.json.push_str(&name.json[from..]);
        self.escaped.push_str(&name.escaped[from..]);
    }

    /// Writes what reads the same in both.
    fn put(&mut self, same: &str) {
        self.json.push_str(same);
        self.escaped.push_str(same);
    }
}

impl Entries for Mirror {
    type Error = serde_json::Error;

    fn text(&mut self, name: Name, text: &str) -> Result<(), serde_json::Error> {
        if !written::is_plain(text) {
            return self.value(name, text);
        }
        self.name(name);
        self.json.push('"');
        self.escaped.push_str(r#"\""#);
        self.put(text);
        self.json.push('"');
        self.escaped.push_str(r#"\""#);
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, name: Name, value: &T) -> Result<(), serde_json::Error> {
        self.name(name);
        let value = serde_json::to_string(value)?;
        self.json.push_str(&value);
        written::escape(&value, &mut self.escaped);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn row(text: &str) -> Arc<Row> {
        let mut row = Mirror::object(&[] as &[Arc<Row>]);
        let written = row.text(name!("title"), text).map(|()| row.done());
        let (json, escaped) = written.map(Written::into_parts).unwrap_or_default();
        Arc::new(Row { json, escaped })
    }

    proptest! {
        #[test]
        fn both_texts_are_what_serde_writes(text in any::<String>(), number in any::<f64>(), titles in prop::collection::vec(any::<String>(), 0..4)) {
            let rows: Vec<_> = titles.iter().map(|title| row(title)).collect();
            let mut mirror = Mirror::object(&rows);
            mirror.value(name!("n"), &number)?;
            mirror.text(name!("text"), &text)?;
            mirror.rows(name!("rows"), &rows);
            mirror.value(name!("list"), &[&text, "b"])?;
            let titles: Vec<_> = titles.iter().map(|title| json!({ "title": title })).collect();
            let plain = json!({ "n": number, "text": text, "rows": titles, "list": [text, "b".to_owned()] }).to_string();
            let quoted = serde_json::to_string(&plain)?;
            prop_assert_eq!(mirror.done().into_parts(), (plain, quoted[1..quoted.len() - 1].to_owned()));
        }
    }
}
