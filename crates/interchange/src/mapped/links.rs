//! What a record says of other records: parent, epic, dependencies.

use std::collections::HashSet;

use serde_json::Value;

use super::{ID_MAX, Reading, cells};
use crate::{
    item::{Draft, NamedEpic},
    mapping::Columns,
    row::Row,
};

pub(super) fn read(row: &mut Row, by: &Reading<'_>, draft: &mut Draft) {
    let fields = &by.mapping.fields;
    parent(row, &fields.parent, draft);
    epic(row, by, draft);
    needs(row, by, draft);
    (_, draft.related) = ids(row, &fields.related);
    (draft.blocks_column, draft.blocks) = ids(row, &fields.blocks);
}

/// The first of the columns names the parent. The others say the same where they hold a bare number, which is the
/// parent's internal id; else they are kept.
fn parent(row: &mut Row, columns: &Columns, draft: &mut Draft) {
    let Some((column, parent)) = cells::text(row, columns) else { return };
    for other in columns.names() {
        let Some(value) = row.take(other) else { continue };
        let same = cells::word(&value)
            .is_some_and(|word| word == parent || word.bytes().all(|byte| byte.is_ascii_digit()));
        if !same {
            row.keep_taken(other, &value);
        }
    }
    if parent.chars().count() > ID_MAX {
        row.give_back(
            &column,
            &Value::from(parent),
            "an id has at most 500 characters; kept as a custom field",
        );
        return;
    }
    draft.parent = Some(parent);
    draft.parent_column = column;
}

/// An epic known by its name is the parent of what has no other.
fn epic(row: &mut Row, by: &Reading<'_>, draft: &mut Draft) {
    if draft.parent.is_some() {
        return;
    }
    let Some((_, name)) = cells::text(row, &by.mapping.fields.epic) else { return };
    let id = cells::text(row, &by.mapping.fields.epic_id).map_or_else(|| name.clone(), |(_, id)| id);
    let name: String = name.chars().take(pm33_product::TITLE_MAX).collect();
    let id: String = format!("epic/{id}").chars().take(ID_MAX).collect();
    draft.parent = Some(id.clone());
    draft.epic = Some(NamedEpic { id, name });
}

/// What must be finished first; the working days between stand in the same order.
fn needs(row: &mut Row, by: &Reading<'_>, draft: &mut Draft) {
    let fields = &by.mapping.fields;
    let (column, needs) = ids(row, &fields.blocked_by);
    let mut days = Vec::new();
    if let Some((lag_column, text)) = cells::text(row, &fields.lag_days) {
        let told: Option<Vec<i32>> = text.split(';').map(|day| day.trim().parse().ok()).collect();
        if let Some(told) = told.filter(|days| days.len() == needs.len()) {
            days = told;
        } else {
            let rule = format!(
                "must be a whole number of days for each of the {} ids in {column:?}, such as 0; 2; kept as a custom field",
                needs.len()
            );
            row.give_back(&lag_column, &Value::from(text), &rule);
        }
    }
    let mut days = days.into_iter();
    draft.blocked_by = needs.into_iter().map(|need| (need, days.next())).collect();
    draft.blocked_by_column = column;
}

/// Ids of all the columns; only the first column is named in what is said of them.
fn ids(row: &mut Row, columns: &Columns) -> (String, Vec<String>) {
    let mut all = Vec::new();
    let mut named = String::new();
    while row.first_of(columns.names()).is_some() {
        let (column, ids) = cells::texts(row, columns);
        if named.is_empty() {
            named = column;
        }
        all.extend(ids.into_iter().filter(|id| id.chars().count() <= ID_MAX));
    }
    let mut seen = HashSet::new();
    all.retain(|id| seen.insert(id.clone()));
    (named, all)
}
