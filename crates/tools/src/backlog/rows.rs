//! The items of a list: as rows that are at hand already, or each as its columns ask.

use std::{borrow::Cow, sync::Arc};

use pm33_product::{Row, Snapshot, WorkItem};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use serde_json::value::to_raw_value;

use super::view::{Columns, ItemView};
use crate::ToolError;

/// What comes before the items in a list's JSON. No text can hold it: a quote within a text has a backslash before it.
const BEFORE: &str = r#","items":["#;

/// The items of a list.
pub(super) enum Rows {
    /// Rows of the usual columns.
    Kept(Vec<Arc<Row>>),
    /// Items that are written for this answer.
    Made(Vec<ItemView>),
}

impl Rows {
    /// The rows of several items in the usual columns.
    pub(super) fn kept(snapshot: &Arc<Snapshot>, items: &[Arc<WorkItem>]) -> Result<Self, ToolError> {
        let rows = snapshot.rows(items, |item| {
            let json = to_raw_value(&ItemView {
                snapshot: Arc::clone(snapshot),
                item: Arc::clone(item),
                columns: Columns::Summary,
                description: None,
            })?;
            let quoted = serde_json::to_string(json.get())?;
            let escaped = quoted.get(1..quoted.len() - 1).unwrap_or_default().into();
            Ok(Row { json, escaped })
        });
        rows.map(Self::Kept).map_err(|error: serde_json::Error| ToolError::Unavailable {
            message: "the items could not be written".to_owned(),
            cause: error.into(),
        })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Kept(rows) => rows.len(),
            Self::Made(views) => views.len(),
        }
    }

    /// Leaves only the first that fit into so many bytes, but one at least.
    pub(super) fn fit(&mut self, bytes: usize) {
        let fits = |sizes: &mut dyn Iterator<Item = usize>| {
            let mut used = 0;
            let within = sizes.take_while(|size| {
                used += size;
                used <= bytes
            });
            within.count().max(1)
        };
        match self {
            Self::Kept(rows) => rows.truncate(fits(&mut rows.iter().map(|row| row.json.get().len() + 1))),
            Self::Made(views) => views.truncate(fits(&mut views.iter().map(ItemView::size))),
        }
    }

    /// The JSON of a list, which these are the items of, as the inside of a JSON string: what is around them is escaped, they
    /// are at hand.
    pub(super) fn escaped(&self, list: &str) -> Option<String> {
        let Self::Kept(rows) = self else { return None };
        let (before, _) = list.split_once(BEFORE)?;
        let begin = before.len() + BEFORE.len();
        let commas = rows.len().saturating_sub(1);
        let length = rows.iter().map(|row| row.json.get().len()).sum::<usize>() + commas;
        let (before, after) = (list.get(..begin)?, list.get(begin + length..)?);
        let inside = |part: &str| {
            serde_json::to_string(part).ok().and_then(|text| Some(text.get(1..text.len() - 1)?.to_owned()))
        };
        let mut text = inside(before)?;
        let escaped = rows.iter().map(|row| row.escaped.len() + 1).sum::<usize>();
        text.reserve(escaped + 2 * after.len());
        for (place, row) in rows.iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            text.push_str(&row.escaped);
        }
        text.push_str(&inside(after)?);
        Some(text)
    }
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Kept(rows) => serializer.collect_seq(rows.iter().map(|row| &row.json)),
            Self::Made(views) => serializer.collect_seq(views),
        }
    }
}

impl JsonSchema for Rows {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "WorkItems".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<ItemView>::json_schema(generator)
    }
}
