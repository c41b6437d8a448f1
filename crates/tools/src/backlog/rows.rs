//! The items of a list, each written: before, or for this answer.

use std::{borrow::Cow, sync::Arc};

use pm33_product::{Row, Snapshot, WorkItem};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer, ser};
use serde_json::value::RawValue;

use super::view::{Columns, ItemView};
use crate::ToolError;

/// The items of a list.
pub(super) struct Rows(Vec<Arc<Row>>);

impl Rows {
    /// The rows of items in the usual columns; most were shown before.
    pub(super) fn kept(snapshot: &Arc<Snapshot>, items: &[Arc<WorkItem>]) -> Result<Self, ToolError> {
        let rows = snapshot.rows(items, |item| {
            let view = ItemView {
                snapshot: Arc::clone(snapshot),
                item: Arc::clone(item),
                columns: Columns::Summary,
                description: None,
            };
            let Row { mut json, mut escaped } = view.row()?;
            json.shrink_to_fit();
            escaped.shrink_to_fit();
            Ok(Row { json, escaped })
        });
        rows.map(Self).map_err(unwritten)
    }

    /// Rows of which none is kept.
    pub(super) fn made(views: impl Iterator<Item = ItemView>) -> Result<Self, ToolError> {
        views.map(|view| view.row().map(Arc::new)).collect::<Result<_, _>>().map(Self).map_err(unwritten)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Leaves only the first that fit into so many bytes, but one at least.
    pub(super) fn fit(&mut self, bytes: usize) {
        let mut used = 0;
        let within = self.0.iter().take_while(|row| {
            used += row.json.len() + 1;
            used <= bytes
        });
        let fits = within.count().max(1);
        self.0.truncate(fits);
    }

    /// All of them.
    pub(super) fn all(&self) -> &[Arc<Row>] {
        &self.0
    }
}

fn unwritten(error: serde_json::Error) -> ToolError {
    ToolError::Unavailable { message: "the items could not be written".to_owned(), cause: error.into() }
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows: Result<Vec<&RawValue>, _> =
            self.0.iter().map(|row| serde_json::from_str(&row.json)).collect();
        rows.map_err(ser::Error::custom)?.serialize(serializer)
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
