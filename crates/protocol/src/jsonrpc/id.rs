//! The identifier of a request: a text or a whole number.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

/// A request's identifier, given back as it came: `"1"` and `1` are different.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum RequestId {
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
}

impl RequestId {
    /// Reads an identifier from its JSON text; `None` for null, fractions, exponents, numbers beyond 64 bits and
    /// everything else that is neither a text nor a whole number.
    pub(super) fn from_json(json: &str) -> Option<Self> {
        if json.starts_with('"') {
            return serde_json::from_str(json).ok().map(Self::Text);
        }
        json.parse().ok().map(Self::Number)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for RequestId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = RequestId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a whole number")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<RequestId, E> {
                Ok(RequestId::Number(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<RequestId, E> {
                i64::try_from(number)
                    .map(RequestId::Number)
                    .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RequestId, E> {
                Ok(RequestId::Text(text.to_owned()))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<RequestId, E> {
                Ok(RequestId::Text(text))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::RequestId;

    #[test]
    fn both_readers_agree() {
        let cases = [
            ("1", Some(RequestId::Number(1))),
            ("-9223372036854775808", Some(RequestId::Number(i64::MIN))),
            ("\"1\"", Some(RequestId::Text("1".to_owned()))),
            ("\"\\u0041\"", Some(RequestId::Text("A".to_owned()))),
            ("9223372036854775808", None),
            ("1.5", None),
            ("1e2", None),
            ("null", None),
            ("true", None),
            ("{}", None),
        ];
        for (json, expected) in cases {
            assert_eq!(RequestId::from_json(json), expected, "{json}");
            assert_eq!(serde_json::from_str::<RequestId>(json).ok(), expected, "{json}");
        }
    }
}
