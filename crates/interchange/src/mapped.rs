//! One record to one item by a mapping.

mod cells;
mod changelog;
mod ladder;
mod links;
mod numbers;
mod own;
mod sprint;
mod state;
mod times;
mod vocabulary;

use pm33_product::{External, ItemId, LABELS_MAX, NewItem, check_item};
use serde_json::Value;

use crate::{
    ImportOptions, Mapping, dates::DateOrders, fingerprint::fingerprint, item::Draft, row::Row, texts,
};
pub(crate) use ladder::Ladder;
pub(crate) use own::{write_history, write_scoring};
pub(crate) use times::cells_of_dates;

/// What a mapped record is read by.
pub(crate) struct Reading<'l> {
    pub(crate) mapping: &'l Mapping,
    pub(crate) options: &'l ImportOptions,
    pub(crate) orders: &'l DateOrders,
    /// Name of the origin in external ids.
    pub(crate) source: &'l str,
}

/// Longest id in characters.
const ID_MAX: usize = 500;
/// Longest name of an assignee or a team, in characters.
const NAME_MAX: usize = 200;
/// Longest label in characters.
const LABEL_MAX: usize = 100;

/// Reads a record; without a draft the row says why.
pub(crate) fn read_mapped(row: &mut Row, by: &Reading<'_>, ladder: &mut Ladder) -> Option<Draft> {
    let fields = &by.mapping.fields;
    let other_ids: Vec<String> =
        fields.other_ids.names().filter_map(|column| cells::word(row.peek(column)?)).collect();
    let told_id = told_id(row, by);
    let (title_column, level) = title_column(row, by);
    let title = texts::title(row, &title_column)?;
    let body_column = row.first_of(fields.description.names()).unwrap_or("Description").to_owned();
    let body = texts::body(row, &body_column);
    let times = times::read(row, by);
    let print = fingerprint(&[&title, &times.created_as_given, &body]);
    let id = id(row, by, told_id, print)?;
    let (title, description) = texts::fit(row, (&title_column, title), (&body_column, body));

    let mut item = NewItem::titled(ItemId::new(by.options.now), by.options.item_type, title);
    item.description = description;
    item.item_type = vocabulary::item_type(row, by);
    item.priority = vocabulary::priority(row, by);
    let mut state = state::read(row, by, &times);
    changelog::read(row, by, &mut state);
    own::history(row, by, &mut state);
    state::note_undated(row, &state);
    item.status = state.status;
    item.created = state.created;
    item.started = state.started;
    item.finished = state.finished;
    item.history = state.history;
    item.points = numbers::points(row, &fields.points);
    item.estimate_days = numbers::estimate_days(row, by.mapping);
    item.due = times.due;
    item.release = times.release;
    item.labels = words(row, &fields.labels);
    item.skills = words(row, &fields.skills);
    item.assignee = name(row, &fields.assignee);
    item.scoring = own::scoring(row, by);
    item.external = Some(External { source: by.source.to_owned(), id: id.clone() });

    let mut draft = Draft::alone(item, row.record(), print);
    draft.imported.updated = times.updated;
    draft.imported.archival = own::archival(row, by);
    own::origin(row, by, &mut draft);
    draft.imported.team_name =
        name(row, &fields.team).or_else(|| cells::last_part(row, &fields.team_path, NAME_MAX));
    draft.imported.sprint = sprint::read(row, by);
    draft.other_ids = other_ids;
    for column in fields.other_ids.names() {
        row.take(column);
    }
    links::read(row, by, &mut draft);
    if let Some(level) = level {
        ladder.place(level, &id, &mut draft);
    }
    set_aside(row, by.mapping);
    row.keep_rest();
    draft.imported.item.custom = std::mem::take(&mut row.custom);
    if let Err(broken) = check_item(&draft.imported.item) {
        row.skip(None, broken.to_string(), None);
        return None;
    }
    Some(draft)
}

/// The column that holds the title, and its depth where titles are in columns by depth.
fn title_column(row: &Row, by: &Reading<'_>) -> (String, Option<usize>) {
    let fields = &by.mapping.fields;
    if let Some(column) = row.first_of(fields.title.names()) {
        return (column.to_owned(), None);
    }
    if let Some(level) = fields.levels.names().position(|column| row.has(column)) {
        let column = fields.levels.names().nth(level).unwrap_or_default();
        return (column.to_owned(), Some(level));
    }
    let named = fields.title.names().chain(fields.levels.names()).next().unwrap_or("title");
    (named.to_owned(), None)
}

/// The id and its column, before another field takes what both are told by.
fn told_id(row: &Row, by: &Reading<'_>) -> Option<(String, String)> {
    let column = row.first_of(by.mapping.fields.id.names())?;
    Some((column.to_owned(), cells::word(row.peek(column)?)?))
}

fn id(row: &mut Row, by: &Reading<'_>, told: Option<(String, String)>, fingerprint: u64) -> Option<String> {
    let columns = &by.mapping.fields.id;
    let named = columns.names().next().unwrap_or("id").to_owned();
    let told = match told {
        Some((column, id)) if !row.has(&column) => Some((column, id)),
        _ => cells::text(row, columns),
    };
    match told {
        Some((column, id)) if id.chars().count() > ID_MAX => {
            row.skip(Some(&column), "an id has at most 500 characters", Some(id.chars().take(80).collect()));
            None
        }
        Some((_, id)) => Some(id),
        None if columns.is_empty() => Some(format!("content-{fingerprint:016x}")),
        None => {
            row.warn(
                &named,
                "missing; the external id is a fingerprint of title, creation and description",
                None,
            );
            Some(format!("content-{fingerprint:016x}"))
        }
    }
}

/// The first name of a cell; several are kept as a custom field too.
fn name(row: &mut Row, columns: &crate::mapping::Columns) -> Option<String> {
    let (column, names) = cells::texts(row, columns);
    if names.len() > 1 {
        row.keep_beside(&column, &names);
    }
    let name = names.into_iter().next()?;
    if name.chars().count() > NAME_MAX {
        row.give_back(&column, &Value::from(name), "at most 200 characters; kept as a custom field");
        return None;
    }
    Some(name)
}

/// Labels or skills; what is beyond their bounds is kept as a custom field.
fn words(row: &mut Row, columns: &crate::mapping::Columns) -> Vec<String> {
    let (column, names) = cells::texts(row, columns);
    let fits = |at: usize, name: &String| at < LABELS_MAX && name.chars().count() <= LABEL_MAX;
    let (mut labels, mut beyond) = (Vec::new(), Vec::new());
    for name in names {
        if fits(labels.len(), &name) { &mut labels } else { &mut beyond }.push(name);
    }
    if !beyond.is_empty() {
        let shown = Value::from(beyond.clone());
        row.warn(
            &column,
            "at most 100, each of 1 to 100 characters; the others are kept as a custom field",
            Some(&shown),
        );
        row.keep_beside(&column, &beyond);
    }
    labels
}

/// Columns that are counted or dropped.
fn set_aside(row: &mut Row, mapping: &Mapping) {
    for (column, name) in &mapping.counted {
        if let Some(value) = row.discard(column) {
            let count = value.as_array().map_or(1, Vec::len);
            #[expect(clippy::cast_precision_loss, reason = "a file has fewer cells than an f64 can count")]
            row.set_custom(name, pm33_product::CustomValue::Number(count as f64));
        }
    }
    for column in mapping.dropped.keys() {
        row.discard(column);
    }
}
