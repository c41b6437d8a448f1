//! A work item as tools show it: names instead of ids, only the asked columns, written straight from the snapshot.

use std::{fmt::Write as _, sync::Arc};

use pm33_product::{Dependency, ItemId, Row, Snapshot, WorkItem};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

use crate::mirror::{Entries, Mirror, Name, name};

/// How much of each item is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Columns {
    /// Key, type, title, status.
    Identity,
    /// Also priority, points, parent, team, sprint, assignee, labels, due date, last change.
    #[default]
    Summary,
    /// Everything, the description too.
    Full,
}

/// One item to be shown.
pub(crate) struct ItemView {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) item: Arc<WorkItem>,
    pub(crate) columns: Columns,
    /// For full columns.
    pub(crate) description: Option<String>,
}

impl ItemView {
    fn key(&self, id: ItemId) -> Option<Key<'_>> {
        self.snapshot.get(id).map(|item| Key(self.snapshot.prefix(), item.number))
    }
}

struct Key<'a>(&'a str, u32);

impl Key<'_> {
    fn text(&self) -> String {
        let mut text = String::with_capacity(self.0.len() + 11);
        text.push_str(self.0);
        // Nothing fails to be written to a text.
        let _ = write!(text, "-{}", self.1);
        text
    }
}

impl Serialize for Key<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl Serialize for ItemView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.shown(&mut map)?;
        map.end()
    }
}

impl ItemView {
    /// The item, written.
    pub(super) fn row(&self) -> Result<Row, serde_json::Error> {
        let mut mirror = Mirror::object(&[] as &[Arc<Row>]);
        self.shown(&mut mirror)?;
        let (json, escaped) = mirror.done().into_parts();
        Ok(Row { json, escaped })
    }

    fn shown<E: Entries>(&self, to: &mut E) -> Result<(), E::Error> {
        let item = &*self.item;
        to.text(name!("key"), &Key(self.snapshot.prefix(), item.number).text())?;
        to.text(name!("type"), item.item_type.as_str())?;
        to.text(name!("title"), &item.title)?;
        to.text(name!("status"), item.status.as_str())?;
        if self.columns == Columns::Identity {
            return Ok(());
        }
        to.text(name!("priority"), item.priority.as_str())?;
        some(to, name!("story_points"), item.points.as_ref())?;
        let parent = item.parent.and_then(|id| self.key(id)).map(|key| key.text());
        some_text(to, name!("parent"), parent.as_deref())?;
        let team = item.team.and_then(|id| self.snapshot.team(id));
        some_text(to, name!("team"), team.map(|team| &*team.name))?;
        let sprint = item.sprint.and_then(|id| self.snapshot.sprint(id));
        some_text(to, name!("sprint"), sprint.map(|sprint| &*sprint.name))?;
        some_text(to, name!("assignee"), item.assignee.as_deref())?;
        if !item.labels.is_empty() {
            to.value(name!("labels"), &item.labels)?;
        }
        some(to, name!("due_date"), item.due.as_ref())?;
        to.value(name!("updated"), &item.updated)?;
        if self.columns == Columns::Full { self.full(to) } else { Ok(()) }
    }
}

fn some<E: Entries, T: Serialize + ?Sized>(
    to: &mut E,
    name: Name,
    value: Option<&T>,
) -> Result<(), E::Error> {
    value.map_or(Ok(()), |value| to.value(name, value))
}

fn some_text<E: Entries>(to: &mut E, name: Name, text: Option<&str>) -> Result<(), E::Error> {
    text.map_or(Ok(()), |text| to.text(name, text))
}

impl ItemView {
    fn full<E: Entries>(&self, to: &mut E) -> Result<(), E::Error> {
        let item = &*self.item;
        to.value(name!("id"), &item.id)?;
        to.value(name!("version"), &item.version)?;
        some(to, name!("description"), self.description.as_ref())?;
        to.value(name!("description_chars"), &item.description_chars)?;
        some(to, name!("estimate_days"), item.estimate_days.as_ref())?;
        if !item.skills.is_empty() {
            to.value(name!("skills"), &item.skills)?;
        }
        let objectives: Vec<_> = item
            .objectives
            .iter()
            .map(|link| LinkView {
                objective: self.snapshot.objective(link.objective).map_or("", |one| &*one.title).to_owned(),
                weight: link.weight,
            })
            .collect();
        if !objectives.is_empty() {
            to.value(name!("objectives"), &objectives)?;
        }
        let needs = item.dependencies.iter().filter_map(|need: &Dependency| {
            Some(NeedView { on: self.key(need.on)?, lag_days: need.lag_days })
        });
        let needs: Vec<_> = needs.collect();
        if !needs.is_empty() {
            to.value(name!("dependencies"), &needs)?;
        }
        some(to, name!("release_date"), item.release.as_ref())?;
        some(to, name!("scoring"), item.scoring.as_deref())?;
        some(to, name!("external"), item.external.as_deref())?;
        some(to, name!("custom_fields"), item.custom.as_deref())?;
        some(to, name!("created"), item.created.as_ref())?;
        some(to, name!("started"), item.started.as_ref())?;
        some(to, name!("finished"), item.finished.as_ref())?;
        some(to, name!("archived"), item.archived.as_ref())
    }
}

#[derive(Serialize, JsonSchema)]
struct LinkView {
    /// Title of the objective.
    objective: String,
    /// Share of the item's effect, 0 to 1.
    weight: f64,
}

#[derive(Serialize, JsonSchema)]
struct NeedView<'a> {
    /// Key of the item that must be finished first.
    #[schemars(with = "String")]
    on: Key<'a>,
    /// Working days between that finish and this start.
    lag_days: i32,
}

/// The schema of [`ItemView`], which writes itself.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct ItemFields {
    /// Key, such as PAY-142.
    key: String,
    /// Type of work.
    r#type: pm33_product::ItemType,
    /// Title.
    title: String,
    /// Status.
    status: pm33_product::Status,
    /// Priority.
    priority: Option<pm33_product::Priority>,
    /// Story points.
    story_points: Option<f64>,
    /// Key of the item that holds this one.
    parent: Option<String>,
    /// Team name.
    team: Option<String>,
    /// Sprint name.
    sprint: Option<String>,
    /// Assignee.
    assignee: Option<String>,
    /// Labels.
    labels: Option<Vec<String>>,
    /// Due date.
    due_date: Option<String>,
    /// Last change.
    updated: Option<pm33_tenancy::Timestamp>,
    /// Identifier.
    id: Option<String>,
    /// Version, for `if_version`.
    version: Option<u32>,
    /// Description, possibly cut; `description_chars` tells its whole length.
    description: Option<String>,
    /// Characters of the whole description.
    description_chars: Option<u32>,
    /// Estimate in working days.
    estimate_days: Option<f64>,
    /// Skills.
    skills: Option<Vec<String>>,
    /// Objectives it serves.
    objectives: Option<Vec<LinkView>>,
    /// What must be finished first.
    dependencies: Option<Vec<NeedView<'static>>>,
    /// Not to be started before.
    release_date: Option<String>,
    /// Scoring inputs.
    scoring: Option<pm33_product::Scoring>,
    /// Where it came from.
    external: Option<pm33_product::External>,
    /// Custom fields.
    custom_fields: Option<pm33_product::CustomFields>,
    /// Created.
    created: Option<pm33_tenancy::Timestamp>,
    /// Work began.
    started: Option<pm33_tenancy::Timestamp>,
    /// Finished.
    finished: Option<pm33_tenancy::Timestamp>,
    /// Archived.
    archived: Option<pm33_tenancy::Timestamp>,
}

impl JsonSchema for ItemView {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "WorkItem".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = ItemFields::json_schema(generator);
        // Fields without a value, and those beyond the asked columns, are left out.
        schema.insert("required".to_owned(), serde_json::json!(["key", "type", "title", "status"]));
        schema
    }
}
