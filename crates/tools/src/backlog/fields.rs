//! Input fields that creating and updating share.

use jiff::civil::Date;
use pm33_product::{CustomFields, Dependency, External, ItemType, ObjectiveLink, Priority, Snapshot, Status};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use super::names::{self, Titles};
use crate::ToolError;

/// A word of a closed vocabulary as callers write it: ours, or a tracker's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<T>(pub(crate) T);

/// The values that words stand for.
pub(crate) fn plain<T: Copy>(words: &[Word<T>]) -> Vec<T> {
    words.iter().map(|word| word.0).collect()
}

macro_rules! word {
    ($($vocabulary:ident),*) => {$(
        impl<'de> Deserialize<'de> for Word<$vocabulary> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                $vocabulary::parse(&text).map(Self).ok_or_else(|| {
                    serde::de::Error::custom(format!("unknown word {text:?}; use one of {}", $vocabulary::ACCEPTED.join(", ")))
                })
            }
        }

        impl JsonSchema for Word<$vocabulary> {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($vocabulary).into()
            }
            fn inline_schema() -> bool {
                true
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let upper = ["P0", "P1", "P2", "P3"];
                let upper: &[&str] = if stringify!($vocabulary) == "Priority" { &upper } else { &[] };
                let words: Vec<_> = $vocabulary::ACCEPTED.iter().chain(upper).collect();
                json_schema!({ "type": "string", "enum": words })
            }
        }
    )*};
}

word!(ItemType, Priority);

/// A status as callers write it: ours, a tracker's word or the workspace's own, which only its vocabulary knows.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct StatusWord(pub(crate) String);

impl JsonSchema for StatusWord {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "StatusWord".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let examples: Vec<_> = Status::ALL.iter().map(|status| status.as_str()).collect();
        json_schema!({ "type": "string", "minLength": 1, "maxLength": 100, "examples": examples })
    }
}

/// A link to an objective.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ObjectiveInput {
    /// Title or id of the objective.
    objective: String,
    /// Share of the item's effect, 0 to 1.
    #[serde(default = "whole")]
    #[schemars(range(min = 0, max = 1))]
    weight: f64,
}

fn whole() -> f64 {
    1.0
}

/// A dependency.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DependencyInput {
    /// Key or id of the item that must be finished first.
    pub(crate) on: String,
    /// Working days between that finish and this start; negative is a lead.
    #[serde(default)]
    #[schemars(range(min = -1000, max = 1000))]
    lag_days: i32,
}

/// Where an item comes from.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExternalInput {
    /// The tracker or system, such as github.
    #[schemars(length(min = 1, max = 50))]
    source: String,
    /// Its id there.
    #[schemars(length(min = 1, max = 500))]
    id: String,
}

impl ExternalInput {
    pub(crate) fn external(&self) -> External {
        External { source: self.source.clone(), id: self.id.clone() }
    }
}

/// A calendar day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day(pub(crate) Date);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map(Self)
            .map_err(|_| serde::de::Error::custom(format!("{text:?} is no day such as 2026-03-31")))
    }
}

impl JsonSchema for Day {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Day".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date", "examples": ["2026-03-31"] })
    }
}

/// Keeps an explicit `null` (clear) apart from an absent field (leave).
#[expect(clippy::option_option, reason = "three states are meant: leave, clear, set")]
pub(crate) fn clearable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

pub(crate) fn objectives(
    snapshot: &Snapshot,
    input: &[ObjectiveInput],
    titles: Titles,
) -> Result<Vec<ObjectiveLink>, ToolError> {
    let link = |one: &ObjectiveInput| {
        Ok(ObjectiveLink {
            objective: names::objective(snapshot, &one.objective, titles)?,
            weight: one.weight,
        })
    };
    input.iter().map(link).collect()
}

pub(crate) fn dependencies(
    snapshot: &Snapshot,
    input: &[DependencyInput],
) -> Result<Vec<Dependency>, ToolError> {
    let need = |one: &DependencyInput| {
        Ok(Dependency { on: names::item(snapshot, &one.on)?.id, lag_days: one.lag_days })
    };
    input.iter().map(need).collect()
}

/// Custom fields as they come in.
pub(crate) type CustomInput = CustomFields;
