//! Creating items: any number in few statements, so that an import of many holds the writer for a short time each.

use std::{
    collections::HashSet,
    hash::Hash,
    sync::{Arc, OnceLock},
};

use pm33_product::{
    Author, ItemId, NewItem, ProductError, SprintId, StateChange, TeamId, WorkItem, check_item,
};
use pm33_tenancy::{UserId, WorkspaceRef};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, Iterable, QueryFilter, QuerySelect,
    QueryTrait, Value,
    sea_query::{Expr, SelectStatement, UnionType},
};
use uuid::Uuid;

use super::{lock_workspace, raised};
use crate::{
    StoreError,
    batch::Batch,
    entity::{objective, sprint, team, work_item},
    items::to_row,
    scope::{self, Placed},
    search,
    session::Session,
    statements::{Bulk, ROWS},
};

/// Ids that one query asks for at most.
const IDS: usize = 500;

static WORK_ITEM: Bulk = Bulk {
    table: "work_item",
    columns: "tenant_id, workspace_id, item_id, number, item_type, title, status, priority, points, estimate_days, \
              parent_id, team_id, sprint_id, assignee, labels, skills, objectives, dependencies, release_day, due_day, \
              scoring, external_source, external_id, custom, description_chars, version, created, started, finished, \
              updated, archived, author, moved, related",
    width: 34,
    sqlite: [const { OnceLock::new() }; ROWS],
    postgres: [const { OnceLock::new() }; ROWS],
};

static ITEM_TEXT: Bulk = Bulk {
    table: "item_text",
    columns: "tenant_id, workspace_id, item_id, title, description",
    width: 5,
    sqlite: [const { OnceLock::new() }; ROWS],
    postgres: [const { OnceLock::new() }; ROWS],
};

static STATE_CHANGE: Bulk = Bulk {
    table: "state_change",
    columns: "tenant_id, workspace_id, item_id, at, seq, from_status, to_status, by_user",
    width: 8,
    sqlite: [const { OnceLock::new() }; ROWS],
    postgres: [const { OnceLock::new() }; ROWS],
};

/// An item on its way into the tables.
struct Coming {
    item: WorkItem,
    description: String,
    history: Vec<StateChange>,
}

/// Creates items with the next numbers; their workspace moves once.
pub(super) async fn create_all(
    session: &Session,
    at: WorkspaceRef,
    items: Vec<(NewItem, Author)>,
) -> Result<Vec<Arc<WorkItem>>, ProductError> {
    // What needs no lock comes before it.
    let mut coming = Vec::with_capacity(items.len());
    for (mut new, author) in items {
        check_item(&new)?;
        let mut history = std::mem::take(&mut new.history);
        let (mut item, description) = new.into_item(0, author);
        if session.is_erased(at.tenant(), item.assignee.as_deref()).await? {
            item.assignee = None;
        }
        if history.is_empty() {
            let when = item.created.unwrap_or(author.at);
            history.push(StateChange { from: None, to: item.status, at: when, by: author.user });
        }
        coming.push(Coming { item, description, history });
    }
    let unit = session.write(at.tenant()).await?;
    let db = unit.db()?;
    let place = lock_workspace(db, at).await?;
    let mut last = place.last_number;
    for one in &mut coming {
        last = last.checked_add(1).ok_or(StoreError::Corrupt { what: "item number" })?;
        one.item.number = u32::try_from(last).map_err(|_| StoreError::Corrupt { what: "item number" })?;
    }
    references(db, at, &coming).await?;
    external_ids(db, at, &place.prefix, &coming).await?;
    let (version, change) = raised(at, &place, last - place.last_number);
    let mut batch = Batch::new(db);
    batch.update(&change);
    write(&mut batch, at, &coming, version)?;
    batch.run(db).await.map_err(StoreError::Database)?;
    let items: Vec<_> = coming.into_iter().map(|one| Arc::new(one.item)).collect();
    let changes = pm33_product::Changes { items: items.clone(), ..pm33_product::Changes::default() };
    session.workspace_moved(at, version, changes);
    Ok(items)
}

fn write(batch: &mut Batch, at: WorkspaceRef, coming: &[Coming], version: i64) -> Result<(), StoreError> {
    let place: [Value; 2] = [at.tenant().uuid().into(), at.workspace().uuid().into()];
    let mut rows = Vec::with_capacity(coming.len() * WORK_ITEM.width);
    let mut texts = Vec::with_capacity(coming.len() * ITEM_TEXT.width);
    let mut past = Vec::with_capacity(coming.len() * STATE_CHANGE.width);
    for Coming { item, description, history } in coming {
        let row = to_row(at, item, version)?;
        let values = work_item::Column::iter().map(|column| row.get(column).into_value());
        rows.extend(values.map(|value| value.unwrap_or(Value::Bool(None))));
        texts.extend(place.iter().cloned());
        texts.extend([item.id.uuid().into(), item.title.to_string().into(), description.clone().into()]);
        for (seq, change) in (0_i32..).zip(history) {
            past.extend(place.iter().cloned());
            past.extend([
                item.id.uuid().into(),
                change.at.micros().into(),
                seq.into(),
                change.from.map(|status| status.as_str().to_owned()).into(),
                change.to.as_str().to_owned().into(),
                change.by.map(UserId::uuid).into(),
            ]);
        }
    }
    batch.bulk(&WORK_ITEM, rows);
    batch.bulk(&ITEM_TEXT, texts);
    batch.bulk(&STATE_CHANGE, past);
    let texts: Vec<_> =
        coming.iter().map(|one| (one.item.id, &*one.item.title, one.description.as_str())).collect();
    // Last: whatever statement comes after it makes the index write out what it has gathered.
    search::add_to(batch, at, &texts);
    Ok(())
}

/// Refuses items that refer to what is not there. Nothing that is there can refer to them yet, so that none closes a circle.
async fn references(
    db: &DatabaseTransaction,
    at: WorkspaceRef,
    coming: &[Coming],
) -> Result<(), ProductError> {
    let items = || coming.iter().map(|one| &one.item);
    let teams = items().filter_map(|item| item.team).map(TeamId::uuid);
    let sprints = items().filter_map(|item| item.sprint).map(SprintId::uuid);
    let objectives = items().flat_map(|item| item.objectives.iter()).map(|link| link.objective.uuid());
    let mut before: HashSet<ItemId> = HashSet::new();
    let mut others = Vec::new();
    for item in items() {
        let needs = item.dependencies.iter().map(|need| need.on);
        let all = item.parent.into_iter().chain(needs).chain(item.related.iter().copied());
        others.extend(all.filter(|id| !before.contains(id)).map(ItemId::uuid));
        before.insert(item.id);
    }
    let mut asked = Vec::new();
    asked.extend(Asked::of::<team::Entity>(at, team::Column::TeamId, "team", teams));
    asked.extend(Asked::of::<sprint::Entity>(at, sprint::Column::SprintId, "sprint", sprints));
    asked.extend(Asked::of::<objective::Entity>(at, objective::Column::ObjectiveId, "objective", objectives));
    asked.extend(Asked::of::<work_item::Entity>(at, work_item::Column::ItemId, "item", others.into_iter()));
    Asked::present(db, asked).await
}

/// What must be there.
struct Asked {
    what: &'static str,
    ids: Vec<Uuid>,
    query: SelectStatement,
}

impl Asked {
    fn of<E: Placed>(
        at: WorkspaceRef,
        column: E::Column,
        what: &'static str,
        ids: impl Iterator<Item = Uuid>,
    ) -> Vec<Self> {
        let chunk = |ids: &[Uuid]| {
            let query = scope::of_workspace::<E>(at).filter(column.is_in(ids.iter().copied()));
            let query = query.select_only().expr(Expr::cust(format!("'{what}'"))).column(column).into_query();
            Self { what, ids: ids.to_vec(), query }
        };
        distinct(ids).chunks(IDS).map(chunk).collect()
    }

    /// Looks everything up in as few statements as there are groups of [`IDS`]: mostly one.
    async fn present(db: &DatabaseTransaction, asked: Vec<Self>) -> Result<(), ProductError> {
        let mut rest = asked.as_slice();
        while !rest.is_empty() {
            let mut count = 0;
            let fits = rest.iter().take_while(|one| {
                count += one.ids.len();
                count <= IDS
            });
            let (now, later) = rest.split_at(fits.count().max(1));
            rest = later;
            let mut queries = now.iter().map(|one| one.query.clone());
            let Some(mut query) = queries.next() else { continue };
            for other in queries {
                query.union(UnionType::All, other);
            }
            let rows = db.query_all(&query).await.map_err(StoreError::Database)?;
            let found: Result<HashSet<(String, Uuid)>, _> =
                rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect();
            let found = found.map_err(StoreError::Database)?;
            for one in now {
                let is_there = |id: &Uuid| found.contains(&(one.what.to_owned(), *id));
                if let Some(missing) = one.ids.iter().find(|id| !is_there(id)) {
                    return Err(ProductError::missing(one.what, missing.to_string()));
                }
            }
        }
        Ok(())
    }
}

/// Each value once, in the order of the first.
fn distinct<T: Copy + Eq + Hash>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    values.filter(|value| seen.insert(*value)).collect()
}

/// Refuses external ids that another item has.
async fn external_ids(
    db: &DatabaseTransaction,
    at: WorkspaceRef,
    prefix: &str,
    coming: &[Coming],
) -> Result<(), ProductError> {
    let taken = |source: &str, id: &str, number: i64| ProductError::ExternalTaken {
        source_name: source.to_owned(),
        id: id.to_owned(),
        key: format!("{prefix}-{number}"),
    };
    let externals = || coming.iter().filter_map(|one| Some((one, one.item.external.as_deref()?)));
    let mut sources: Vec<&str> = externals().map(|(_, external)| external.source.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    for source in sources {
        let of_source: Vec<_> = externals().filter(|(_, external)| external.source == source).collect();
        let mut known: std::collections::HashMap<&str, u32> = std::collections::HashMap::new();
        for (one, external) in &of_source {
            if let Some(holder) = known.insert(&external.id, one.item.number) {
                return Err(taken(source, &external.id, holder.into()));
            }
        }
        for chunk in of_source.chunks(IDS) {
            let ids = chunk.iter().map(|(_, external)| external.id.as_str());
            let holder = scope::of_workspace::<work_item::Entity>(at)
                .filter(work_item::Column::ExternalSource.eq(source))
                .filter(work_item::Column::ExternalId.is_in(ids))
                .one(db)
                .await
                .map_err(StoreError::Database)?;
            if let Some(holder) = holder {
                return Err(taken(source, &holder.external_id.unwrap_or_default(), holder.number.into()));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sea_orm::{EntityTrait, IdenStatic, Iterable};

    use super::{Bulk, ITEM_TEXT, STATE_CHANGE, WORK_ITEM};
    use crate::entity::{item_text, state_change, work_item};

    /// A column that is added to a table is missed here by nobody.
    #[test]
    fn the_statements_name_every_column_in_its_order() {
        fn check<E: EntityTrait>(bulk: &Bulk) {
            let columns: Vec<String> = E::Column::iter().map(|column| column.as_str().to_owned()).collect();
            assert_eq!(bulk.columns.split(", ").collect::<Vec<_>>(), columns);
            assert_eq!(bulk.width, columns.len());
        }
        check::<work_item::Entity>(&WORK_ITEM);
        check::<item_text::Entity>(&ITEM_TEXT);
        check::<state_change::Entity>(&STATE_CHANGE);
    }
}
