//! Work items as rows, both ways.

use std::sync::Arc;

use jiff::civil::Date;
use pm33_product::{External, ItemId, ItemType, Priority, SprintId, Status, TeamId, WorkItem};
use pm33_tenancy::{Timestamp, UserId, WorkspaceRef};
use sea_orm::ActiveValue::Set;
use serde::{Serialize, de::DeserializeOwned};

use crate::{StoreError, entity::work_item};

const CORRUPT: StoreError = StoreError::Corrupt { what: "work item" };

fn json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| CORRUPT)
}

pub(crate) fn text(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| CORRUPT)
}

/// Most items have none of a list; they share one.
fn list<T: DeserializeOwned>(text: &str) -> Result<Arc<[T]>, StoreError> {
    if text == "[]" { Ok(Arc::new([])) } else { Ok(json::<Vec<T>>(text)?.into()) }
}

pub(crate) fn day(text: Option<&str>) -> Result<Option<Date>, StoreError> {
    text.map(str::parse).transpose().map_err(|_| CORRUPT)
}

pub(crate) fn to_item(row: work_item::Model) -> Result<WorkItem, StoreError> {
    let time = |micros: Option<i64>| micros.map(Timestamp::from_micros);
    let external = match (row.external_source, row.external_id) {
        (Some(source), Some(id)) => Some(Arc::new(External { source, id })),
        _ => None,
    };
    Ok(WorkItem {
        id: ItemId::from_uuid(row.item_id),
        number: u32::try_from(row.number).map_err(|_| CORRUPT)?,
        item_type: ItemType::parse(&row.item_type).ok_or(CORRUPT)?,
        title: row.title.into(),
        status: Status::parse(&row.status).ok_or(CORRUPT)?,
        priority: Priority::parse(&row.priority).ok_or(CORRUPT)?,
        points: row.points,
        estimate_days: row.estimate_days,
        parent: row.parent_id.map(ItemId::from_uuid),
        team: row.team_id.map(TeamId::from_uuid),
        sprint: row.sprint_id.map(SprintId::from_uuid),
        assignee: row.assignee.map(Into::into),
        labels: list(&row.labels)?,
        skills: list(&row.skills)?,
        objectives: list(&row.objectives)?,
        dependencies: list(&row.dependencies)?,
        related: list(&row.related)?,
        release: day(row.release_day.as_deref())?,
        due: day(row.due_day.as_deref())?,
        scoring: row.scoring.as_deref().map(json).transpose()?.map(Arc::new),
        external,
        custom: row.custom.as_deref().map(json).transpose()?.map(Arc::new),
        description_chars: u32::try_from(row.description_chars).map_err(|_| CORRUPT)?,
        version: u32::try_from(row.version).map_err(|_| CORRUPT)?,
        created: time(row.created),
        started: time(row.started),
        finished: time(row.finished),
        updated: Timestamp::from_micros(row.updated),
        archived: time(row.archived),
        author: row.author.map(UserId::from_uuid),
    })
}

/// The row of an item that a version of its workspace changes.
pub(crate) fn to_row(
    at: WorkspaceRef,
    item: &WorkItem,
    version: i64,
) -> Result<work_item::ActiveModel, StoreError> {
    let number = |value: u32| i32::try_from(value).map_err(|_| CORRUPT);
    let micros = |time: Option<Timestamp>| time.map(Timestamp::micros);
    Ok(work_item::ActiveModel {
        tenant_id: Set(at.tenant().uuid()),
        workspace_id: Set(at.workspace().uuid()),
        item_id: Set(item.id.uuid()),
        number: Set(number(item.number)?),
        item_type: Set(item.item_type.as_str().to_owned()),
        title: Set(item.title.to_string()),
        status: Set(item.status.as_str().to_owned()),
        priority: Set(item.priority.as_str().to_owned()),
        points: Set(item.points),
        estimate_days: Set(item.estimate_days),
        parent_id: Set(item.parent.map(ItemId::uuid)),
        team_id: Set(item.team.map(TeamId::uuid)),
        sprint_id: Set(item.sprint.map(SprintId::uuid)),
        assignee: Set(item.assignee.as_deref().map(str::to_owned)),
        labels: Set(text(&item.labels)?),
        skills: Set(text(&item.skills)?),
        objectives: Set(text(&item.objectives)?),
        dependencies: Set(text(&item.dependencies)?),
        related: Set(text(&item.related)?),
        release_day: Set(item.release.map(|day| day.to_string())),
        due_day: Set(item.due.map(|day| day.to_string())),
        scoring: Set(item.scoring.as_deref().map(text).transpose()?),
        external_source: Set(item.external.as_deref().map(|external| external.source.clone())),
        external_id: Set(item.external.as_deref().map(|external| external.id.clone())),
        custom: Set(item.custom.as_deref().map(text).transpose()?),
        description_chars: Set(number(item.description_chars)?),
        version: Set(number(item.version)?),
        created: Set(micros(item.created)),
        started: Set(micros(item.started)),
        finished: Set(micros(item.finished)),
        updated: Set(item.updated.micros()),
        archived: Set(micros(item.archived)),
        author: Set(item.author.map(UserId::uuid)),
        moved: Set(version),
    })
}
