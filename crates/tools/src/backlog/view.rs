//! A work item as tools show it: names instead of ids, only the asked columns, written straight from the snapshot.

use std::sync::Arc;

use pm33_product::{CustomValue, Dependency, ItemId, Snapshot, WorkItem};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

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

impl ItemView {
    /// About how many bytes it takes in an answer; a little more rather than less.
    pub(crate) fn size(&self) -> usize {
        let item = &*self.item;
        let words = |list: &[Arc<str>]| list.iter().map(|word| word.len() + 3).sum::<usize>();
        match self.columns {
            Columns::Identity => 100 + item.title.len(),
            Columns::Summary => 300 + item.title.len() + words(&item.labels),
            Columns::Full => {
                let custom = item.custom.iter().flat_map(|all| all.iter());
                let value = |value: &CustomValue| match value {
                    CustomValue::Number(_) => 20,
                    CustomValue::Text(text) => text.len(),
                    CustomValue::List(list) => list.iter().map(|text| text.len() + 3).sum(),
                };
                let custom: usize = custom.map(|(name, one)| name.len() + value(one) + 6).sum();
                let description = self.description.as_ref().map_or(0, String::len);
                let links = 80 * item.objectives.len() + 40 * item.dependencies.len();
                700 + item.title.len()
                    + words(&item.labels)
                    + words(&item.skills)
                    + custom
                    + description
                    + links
            }
        }
    }
}

struct Key<'a>(&'a str, u32);

impl Serialize for Key<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&[self.0, "-", &self.1.to_string()].concat())
    }
}

impl Serialize for ItemView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let item = &*self.item;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("key", &Key(self.snapshot.prefix(), item.number))?;
        map.serialize_entry("type", item.item_type.as_str())?;
        map.serialize_entry("title", &*item.title)?;
        map.serialize_entry("status", item.status.as_str())?;
        if self.columns == Columns::Identity {
            return map.end();
        }
        map.serialize_entry("priority", item.priority.as_str())?;
        some(&mut map, "story_points", item.points.as_ref())?;
        some(&mut map, "parent", item.parent.and_then(|id| self.key(id)).as_ref())?;
        some(&mut map, "team", item.team.and_then(|id| self.snapshot.team(id)).map(|team| &*team.name))?;
        some(
            &mut map,
            "sprint",
            item.sprint.and_then(|id| self.snapshot.sprint(id)).map(|sprint| &*sprint.name),
        )?;
        some(&mut map, "assignee", item.assignee.as_deref())?;
        if !item.labels.is_empty() {
            map.serialize_entry("labels", &item.labels)?;
        }
        some(&mut map, "due_date", item.due.as_ref())?;
        map.serialize_entry("updated", &item.updated)?;
        if self.columns == Columns::Full {
            self.full(&mut map)?;
        }
        map.end()
    }
}

fn some<M: SerializeMap, T: Serialize + ?Sized>(
    map: &mut M,
    key: &'static str,
    value: Option<&T>,
) -> Result<(), M::Error> {
    match value {
        Some(value) => map.serialize_entry(key, value),
        None => Ok(()),
    }
}

impl ItemView {
    fn full<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let item = &*self.item;
        map.serialize_entry("id", &item.id)?;
        map.serialize_entry("version", &item.version)?;
        some(map, "description", self.description.as_ref())?;
        map.serialize_entry("description_chars", &item.description_chars)?;
        some(map, "estimate_days", item.estimate_days.as_ref())?;
        if !item.skills.is_empty() {
            map.serialize_entry("skills", &item.skills)?;
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
            map.serialize_entry("objectives", &objectives)?;
        }
        let needs = item.dependencies.iter().filter_map(|need: &Dependency| {
            Some(NeedView { on: self.key(need.on)?, lag_days: need.lag_days })
        });
        let needs: Vec<_> = needs.collect();
        if !needs.is_empty() {
            map.serialize_entry("dependencies", &needs)?;
        }
        some(map, "release_date", item.release.as_ref())?;
        some(map, "scoring", item.scoring.as_deref())?;
        some(map, "external", item.external.as_deref())?;
        some(map, "custom_fields", item.custom.as_deref())?;
        some(map, "created", item.created.as_ref())?;
        some(map, "started", item.started.as_ref())?;
        some(map, "finished", item.finished.as_ref())?;
        some(map, "archived", item.archived.as_ref())
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
