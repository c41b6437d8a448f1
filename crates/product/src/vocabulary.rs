//! A workspace's own vocabulary: its words for statuses, and the types of its custom fields.

use std::{collections::BTreeMap, fmt};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CustomFields, CustomValue, ProductError, Status, words::folded};

/// Most status words, most typed fields, and most values of one field.
const MOST: usize = 200;
/// Longest word or name in characters.
const LONGEST: usize = 100;

/// What a workspace calls things.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Vocabulary {
    /// Its own words for statuses; understood wherever a status is, in any case.
    pub statuses: BTreeMap<String, Status>,
    /// Its custom fields that have a type; other names may hold anything.
    pub fields: BTreeMap<String, FieldType>,
}

/// What a custom field may hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FieldType {
    /// Any text.
    Text,
    /// A number.
    Number,
    /// A day such as 2026-03-31.
    Date,
    /// One of a few texts.
    Enum {
        /// They.
        values: Vec<String>,
    },
    /// An http or https address.
    Url,
    /// A list of texts.
    List,
}

impl Vocabulary {
    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.statuses.is_empty() && self.fields.is_empty()
    }

    /// The status that a word means here: by the workspace's own words first, then by ours and trackers'.
    pub fn status(&self, word: &str) -> Option<Status> {
        let asked = folded(word);
        let own = self.statuses.iter().find(|(known, _)| folded(known) == asked).map(|(_, status)| *status);
        own.or_else(|| Status::parse(word))
    }

    /// Checks the vocabulary itself.
    ///
    /// # Errors
    /// [`ProductError::Invalid`] for the first broken rule.
    pub fn check(&self) -> Result<(), ProductError> {
        let fits = |word: &str| !word.trim().is_empty() && word.chars().count() <= LONGEST;
        let mut seen = Vec::new();
        for (word, status) in &self.statuses {
            let folded = folded(word);
            if !fits(word) || seen.contains(&folded) {
                let rule =
                    format!("{word:?}: words have 1 to {LONGEST} characters and differ by more than case");
                return Err(ProductError::invalid("statuses", rule));
            }
            if Status::ALL.iter().any(|own| own.as_str() == folded && own != status) {
                let rule = format!("{word:?} is the name of a status already and cannot mean {status}");
                return Err(ProductError::invalid("statuses", rule));
            }
            seen.push(folded);
        }
        for (name, kind) in &self.fields {
            let is_sound = match kind {
                FieldType::Enum { values } => {
                    (1..=MOST).contains(&values.len()) && values.iter().all(|value| fits(value))
                }
                _ => true,
            };
            if !fits(name) || !is_sound {
                let rule = format!(
                    "{name:?}: names and values have 1 to {LONGEST} characters, an enum has 1 to {MOST} values"
                );
                return Err(ProductError::invalid("fields", rule));
            }
        }
        if self.statuses.len() > MOST || self.fields.len() > MOST {
            return Err(ProductError::invalid(
                "vocabulary",
                format!("at most {MOST} words and {MOST} fields"),
            ));
        }
        Ok(())
    }

    /// Checks that custom fields hold what their types allow.
    ///
    /// # Errors
    /// [`ProductError::Invalid`] names the field, its type and what was sent.
    pub fn check_custom(&self, custom: &CustomFields) -> Result<(), ProductError> {
        for (name, value) in custom {
            if let Some(kind) = self.fields.get(name)
                && !kind.allows(value)
            {
                let rule = format!("{name:?} must be {kind}, not {}", shown(value));
                return Err(ProductError::invalid("custom_fields", rule));
            }
        }
        Ok(())
    }
}

impl FieldType {
    /// Reads a type as [`fmt::Display`] writes its beginning: `text`, `number`, `date`, `url`, `list`, `enum:one,two`.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text.trim() {
            "text" => Self::Text,
            "number" => Self::Number,
            "date" => Self::Date,
            "url" => Self::Url,
            "list" => Self::List,
            other => {
                let values = other.strip_prefix("enum:")?.split(',').map(|value| value.trim().to_owned());
                Self::Enum { values: values.collect() }
            }
        })
    }

    fn allows(&self, value: &CustomValue) -> bool {
        match (self, value) {
            (Self::Text, CustomValue::Text(_))
            | (Self::Number, CustomValue::Number(_))
            | (Self::List, CustomValue::List(_)) => true,
            (Self::Date, CustomValue::Text(text)) => text.parse::<Date>().is_ok() && text.len() == 10,
            (Self::Enum { values }, CustomValue::Text(text)) => values.contains(text),
            (Self::Url, CustomValue::Text(text)) => {
                let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
                let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control());
                is_plain
                    && rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '['))
            }
            _ => false,
        }
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("a text"),
            Self::Number => f.write_str("a number"),
            Self::Date => f.write_str("a day such as 2026-03-31"),
            Self::Enum { values } => write!(f, "one of {}", values.join(", ")),
            Self::Url => f.write_str("an address such as https://example.com/page"),
            Self::List => f.write_str("a list of texts"),
        }
    }
}

/// A value as an error shows it: short.
fn shown(value: &CustomValue) -> String {
    match value {
        CustomValue::Number(number) => number.to_string(),
        CustomValue::Text(text) => format!("{:?}", text.chars().take(LONGEST).collect::<String>()),
        CustomValue::List(list) => format!("a list of {}", list.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        let kinds = ["text", "number", "date", "enum:S1, S2", "url", "list"];
        let fields =
            kinds.map(|kind| (kind[..3].to_owned(), FieldType::parse(kind).unwrap_or(FieldType::Text)));
        let statuses = [("QA".to_owned(), Status::InReview), ("Open".to_owned(), Status::Planned)];
        Vocabulary { statuses: statuses.into(), fields: fields.into() }
    }

    #[test]
    fn own_words_go_before_those_of_trackers() {
        let own = vocabulary();
        assert!(own.check().is_ok());
        for (word, status) in [
            ("qa", Some(Status::InReview)),
            (" Q-A", None),
            ("open", Some(Status::Planned)),
            ("done", Some(Status::Done)),
            ("closed", Some(Status::Done)),
            ("sideways", None),
        ] {
            assert_eq!(own.status(word), status, "{word}");
        }
        assert_eq!(Vocabulary::default().status("open"), Some(Status::Backlog));
    }

    #[test]
    fn each_type_holds_its_values_only() {
        let text = |text: &str| CustomValue::Text(text.to_owned());
        let list = || CustomValue::List(vec!["a".to_owned()]);
        for (name, value, is_allowed) in [
            ("tex", text("any"), true),
            ("tex", CustomValue::Number(1.0), false),
            ("num", CustomValue::Number(-0.5), true),
            ("num", text("5"), false),
            ("dat", text("2026-02-28"), true),
            ("dat", text("2026-02-30"), false),
            ("dat", text("2026-02-28T00:00"), false),
            ("enu", text("S2"), true),
            ("enu", text("s2"), false),
            ("url", text("https://example.com/?a=b"), true),
            ("url", text("javascript:alert(1)"), false),
            ("url", text("https:// example.com"), false),
            ("url", text("https://"), false),
            ("lis", list(), true),
            ("lis", text("a"), false),
            ("another", list(), true),
        ] {
            let told = vocabulary().check_custom(&[(name.to_owned(), value.clone())].into());
            assert_eq!(told.is_ok(), is_allowed, "{name} {value:?}");
            assert!(told.is_ok_and(|()| true) || name != "another");
        }
        let told = vocabulary().check_custom(&[("enu".to_owned(), text("S3"))].into());
        assert!(told.is_err_and(
            |error| error.to_string() == "custom_fields: \"enu\" must be one of S1, S2, not \"S3\""
        ));
    }

    #[test]
    fn a_vocabulary_that_contradicts_ours_or_itself_is_refused() {
        let words = |words: &[(&str, Status)]| Vocabulary {
            statuses: words.iter().map(|(word, status)| ((*word).to_owned(), *status)).collect(),
            ..Vocabulary::default()
        };
        assert!(words(&[("Done", Status::Done)]).check().is_ok());
        for wrong in [
            words(&[("Done", Status::Blocked)]),
            words(&[("qa", Status::Done), ("QA", Status::Done)]),
            words(&[(" ", Status::Done)]),
            words(&[(&"x".repeat(101), Status::Done)]),
            Vocabulary {
                fields: [("Severity".to_owned(), FieldType::Enum { values: Vec::new() })].into(),
                ..Vocabulary::default()
            },
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
        assert_eq!(FieldType::parse("enumeration"), None);
    }
}
