//! Lays the sources of settings over each other and remembers where each value came from.

use std::{collections::BTreeMap, path::Path};

use toml::{Table, Value};

use super::{Settings, SettingsError};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The code's default.
    Default,
    /// The settings file.
    File(String),
    /// An environment variable.
    Environment(String),
    /// A command-line flag.
    Flag(String),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "from {path}"),
            Self::Environment(name) => write!(f, "from the environment variable {name}"),
            Self::Flag(name) => write!(f, "from the flag {name}"),
        }
    }
}

/// The source of every value that is not a default, by dotted key.
pub type Sources = BTreeMap<String, Source>;

/// Loads settings from a file (if one is given), environment variables named `PM33_SECTION_KEY`, and flags given as
/// dotted key, flag name and value.
///
/// # Errors
/// The first defect, with the key and where it came from.
pub fn load(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    flags: &[(&str, &str, String)],
) -> Result<(Settings, Sources), SettingsError> {
    let mut sources = Sources::new();
    let mut table = match file {
        Some(path) => read(path, &mut sources)?,
        None => Table::new(),
    };
    for (name, text) in environment {
        let Some(rest) = name.strip_prefix("PM33_") else { continue };
        let lower = rest.to_ascii_lowercase();
        let Some((section, key)) = lower.split_once('_') else { continue };
        // Variables of other sections (PM33_TEST_…, a client's PM33_KEY) are not settings.
        let Some(schema) = section_schema(section) else { continue };
        let dotted = format!("{section}.{key}");
        let source = Source::Environment(name);
        put(&mut table, &schema, section, key, &dotted, &text, &source)?;
        sources.insert(dotted, source);
    }
    for (dotted, flag, text) in flags {
        let (section, key) = dotted.split_once('.').unwrap_or((dotted, ""));
        let source = Source::Flag((*flag).to_owned());
        let schema = section_schema(section).unwrap_or_default();
        put(&mut table, &schema, section, key, dotted, text, &source)?;
        sources.insert((*dotted).to_owned(), source);
    }
    let settings = deserialize(&table, &sources)?;
    settings.validate().map_err(|(section, broken)| {
        let key = format!("{section}.{}", broken.key);
        let source_name = sources.get(&key).unwrap_or(&Source::Default).to_string();
        SettingsError::Invalid { key, value: broken.value, source_name, rule: broken.rule }
    })?;
    Ok((settings, sources))
}

fn read(path: &Path, sources: &mut Sources) -> Result<Table, SettingsError> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| SettingsError::Unreadable { path: shown.clone(), why: error.to_string() })?;
    let table: Table = toml::from_str(&text)
        .map_err(|error| SettingsError::NotToml { path: shown.clone(), why: error.to_string() })?;
    for (section, value) in &table {
        for key in value.as_table().into_iter().flat_map(Table::keys) {
            sources.insert(format!("{section}.{key}"), Source::File(shown.clone()));
        }
        sources.entry(section.clone()).or_insert_with(|| Source::File(shown.clone()));
    }
    Ok(table)
}

/// The schemas of a section's keys; `None` when there is no such section.
fn section_schema(section: &str) -> Option<BTreeMap<String, serde_json::Value>> {
    let schema = super::reference::schema();
    let properties = schema.pointer(&format!("/properties/{section}/properties"))?.as_object()?;
    Some(properties.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn put(
    table: &mut Table,
    schema: &BTreeMap<String, serde_json::Value>,
    section: &str,
    key: &str,
    dotted: &str,
    text: &str,
    source: &Source,
) -> Result<(), SettingsError> {
    let Some(kind) = schema.get(key) else {
        return Err(SettingsError::Unknown {
            key: dotted.to_owned(),
            source_name: source.to_string(),
            known: schema.keys().cloned().collect::<Vec<_>>().join(", "),
        });
    };
    let is = |word: &str| {
        kind.get("type").is_some_and(|found| {
            found.as_str() == Some(word)
                || found.as_array().is_some_and(|all| all.iter().any(|one| one == word))
        })
    };
    let invalid = |rule: &str| SettingsError::Invalid {
        key: dotted.to_owned(),
        value: text.to_owned(),
        source_name: source.to_string(),
        rule: rule.to_owned(),
    };
    let value = if is("integer") {
        Value::Integer(text.trim().parse().map_err(|_| invalid("must be a whole number"))?)
    } else if is("number") {
        Value::Float(text.trim().parse().map_err(|_| invalid("must be a number"))?)
    } else if is("boolean") {
        Value::Boolean(text.trim().parse().map_err(|_| invalid("must be true or false"))?)
    } else if is("array") {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        Value::Array(parts.map(|part| Value::String(part.to_owned())).collect())
    } else {
        Value::String(text.to_owned())
    };
    let entry = table.entry(section.to_owned()).or_insert_with(|| Value::Table(Table::new()));
    if let Some(section) = entry.as_table_mut() {
        section.insert(key.to_owned(), value);
    }
    Ok(())
}

fn deserialize(table: &Table, sources: &Sources) -> Result<Settings, SettingsError> {
    let known = super::reference::schema();
    for (section, value) in table {
        let source = |key: &str| {
            sources.get(key).or_else(|| sources.get(section)).unwrap_or(&Source::Default).to_string()
        };
        let Some(keys) = section_schema(section) else {
            let sections = known.pointer("/properties").and_then(|all| all.as_object());
            return Err(SettingsError::Unknown {
                key: section.clone(),
                source_name: source(section),
                known: sections
                    .map(|all| all.keys().cloned().collect::<Vec<_>>().join(", "))
                    .unwrap_or_default(),
            });
        };
        for key in value.as_table().into_iter().flat_map(Table::keys) {
            if !keys.contains_key(key) {
                return Err(SettingsError::Unknown {
                    key: format!("{section}.{key}"),
                    source_name: source(&format!("{section}.{key}")),
                    known: keys.keys().cloned().collect::<Vec<_>>().join(", "),
                });
            }
        }
        // One key at a time, so that a wrong type is told with its key and source.
        for (key, one) in value.as_table().into_iter().flatten() {
            let single = Table::from_iter([(
                section.clone(),
                Value::Table(Table::from_iter([(key.clone(), one.clone())])),
            )]);
            if let Err(error) = Value::Table(single).try_into::<Settings>() {
                return Err(SettingsError::Invalid {
                    key: format!("{section}.{key}"),
                    value: one.to_string(),
                    source_name: source(&format!("{section}.{key}")),
                    rule: error.message().to_owned(),
                });
            }
        }
    }
    Value::Table(table.clone()).try_into::<Settings>().map_err(|error| SettingsError::NotToml {
        path: "settings".to_owned(),
        why: error.message().to_owned(),
    })
}
