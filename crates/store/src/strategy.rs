//! Teams, sprints, mission, objectives and competitors.

use async_trait::async_trait;
use pm33_product::{
    Changes, Competitor, CompetitorId, Mission, Objective, ObjectiveId, ObjectiveStatus, ProductError,
    Sprint, SprintId, Strategy, Team, TeamId,
};
use pm33_tenancy::WorkspaceRef;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseExecutor, DatabaseTransaction, EntityTrait,
    QueryFilter, sea_query::OnConflict,
};

use crate::{
    StoreError,
    backlog::{lock_workspace, raise_version},
    entity::{competitor, mission, objective, sprint, team, workspace},
    error::is_taken,
    items::{day, text},
    scope,
    session::Session,
};

const CORRUPT: StoreError = StoreError::Corrupt { what: "strategy" };

pub(crate) async fn read_teams(db: &impl ConnectionTrait, at: WorkspaceRef) -> Result<Vec<Team>, StoreError> {
    let mut rows = scope::of_workspace::<team::Entity>(at).all(db).await?;
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    let to_team = |row: team::Model| {
        Ok(Team {
            id: TeamId::from_uuid(row.team_id),
            name: row.name.into(),
            capacity_per_week: row.capacity_per_week,
            wip_limit: row.wip_limit.map(u32::try_from).transpose().map_err(|_| CORRUPT)?,
            skills: serde_json::from_str(&row.skills).map_err(|_| CORRUPT)?,
            calendar: row.calendar.as_deref().map(serde_json::from_str).transpose().map_err(|_| CORRUPT)?,
        })
    };
    rows.into_iter().map(to_team).collect()
}

pub(crate) async fn read_sprints(
    db: &impl ConnectionTrait,
    at: WorkspaceRef,
) -> Result<Vec<Sprint>, StoreError> {
    let mut rows = scope::of_workspace::<sprint::Entity>(at).all(db).await?;
    rows.sort_by(|one, other| (&one.start_day, &one.name).cmp(&(&other.start_day, &other.name)));
    let to_sprint = |row: sprint::Model| {
        Ok(Sprint {
            id: SprintId::from_uuid(row.sprint_id),
            team: TeamId::from_uuid(row.team_id),
            name: row.name.into(),
            start: day(Some(&row.start_day))?.ok_or(CORRUPT)?,
            end: day(Some(&row.end_day))?.ok_or(CORRUPT)?,
            committed: serde_json::from_str(&row.committed).map_err(|_| CORRUPT)?,
        })
    };
    rows.into_iter().map(to_sprint).collect()
}

pub(crate) async fn read_objectives(
    db: &impl ConnectionTrait,
    at: WorkspaceRef,
) -> Result<Vec<Objective>, StoreError> {
    let mut rows = scope::of_workspace::<objective::Entity>(at).all(db).await?;
    rows.sort_by(|one, other| (&one.period, &one.title).cmp(&(&other.period, &other.title)));
    let to_objective = |row: objective::Model| {
        Ok(Objective {
            id: ObjectiveId::from_uuid(row.objective_id),
            title: row.title.into(),
            statement: row.statement,
            period: row.period,
            theme: row.theme,
            weight: row.weight,
            status: ObjectiveStatus::parse(&row.status).ok_or(CORRUPT)?,
            owner: row.owner,
            key_results: serde_json::from_str(&row.key_results).map_err(|_| CORRUPT)?,
        })
    };
    rows.into_iter().map(to_objective).collect()
}

impl Session {
    async fn listed<T>(
        &self,
        at: WorkspaceRef,
        query: impl AsyncFnOnce(&DatabaseExecutor<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.read(at.tenant(), async |db| Ok(query(db).await)).await?
    }

    /// Raises the workspace's version for a change of something else than items.
    async fn strategy_moved(
        &self,
        db: &DatabaseTransaction,
        at: WorkspaceRef,
        place: &workspace::Model,
        changes: Changes,
    ) -> Result<(), StoreError> {
        let version = raise_version(db, at, place, 0).await?;
        self.workspace_moved(at, version, changes);
        Ok(())
    }
}

fn named(error: sea_orm::DbErr, field: &'static str) -> ProductError {
    if is_taken(&error) {
        ProductError::invalid(field, "is taken already; choose another name or change the one that has it")
    } else {
        StoreError::Database(error).into()
    }
}

#[async_trait]
impl Strategy for Session {
    async fn teams(&self, at: WorkspaceRef) -> Result<Vec<Team>, ProductError> {
        Ok(self.listed(at, async |db| read_teams(db, at).await).await?)
    }

    async fn sprints(&self, at: WorkspaceRef) -> Result<Vec<Sprint>, ProductError> {
        Ok(self.listed(at, async |db| read_sprints(db, at).await).await?)
    }

    async fn mission(&self, at: WorkspaceRef) -> Result<Mission, ProductError> {
        let query = scope::of_workspace::<mission::Entity>(at);
        let Some(row) = self.read(at.tenant(), async |db| query.one(db).await).await? else {
            return Ok(Mission::default());
        };
        Ok(Mission {
            statement: row.statement,
            themes: serde_json::from_str(&row.themes).map_err(|_| CORRUPT)?,
        })
    }

    async fn objectives(&self, at: WorkspaceRef) -> Result<Vec<Objective>, ProductError> {
        Ok(self.listed(at, async |db| read_objectives(db, at).await).await?)
    }

    async fn competitors(&self, at: WorkspaceRef) -> Result<Vec<Competitor>, ProductError> {
        let query = scope::of_workspace::<competitor::Entity>(at);
        let mut rows = self.read(at.tenant(), async |db| query.all(db).await).await?;
        rows.sort_by(|one, other| (one.tier, &one.name).cmp(&(other.tier, &other.name)));
        let to_competitor = |row: competitor::Model| {
            Ok(Competitor {
                id: CompetitorId::from_uuid(row.competitor_id),
                name: row.name.into(),
                tier: u8::try_from(row.tier).map_err(|_| CORRUPT)?,
                summary: row.summary,
                capabilities: serde_json::from_str(&row.capabilities).map_err(|_| CORRUPT)?,
                signals: serde_json::from_str(&row.signals).map_err(|_| CORRUPT)?,
            })
        };
        Ok(rows.into_iter().map(to_competitor).collect::<Result<_, StoreError>>()?)
    }

    async fn put_team(&self, at: WorkspaceRef, new: &Team) -> Result<(), ProductError> {
        let unit = self.write(at.tenant()).await?;
        let db = unit.db()?;
        let place = lock_workspace(db, at).await?;
        let row = team::ActiveModel {
            tenant_id: Set(at.tenant().uuid()),
            workspace_id: Set(at.workspace().uuid()),
            team_id: Set(new.id.uuid()),
            name: Set(new.name.to_string()),
            folded: Set(new.name.to_lowercase()),
            capacity_per_week: Set(new.capacity_per_week),
            wip_limit: Set(new.wip_limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX))),
            skills: Set(text(&new.skills)?),
            calendar: Set(new.calendar.as_ref().map(text).transpose()?),
        };
        let replace = {
            use team::Column::{
                Calendar, CapacityPerWeek, Folded, Name, Skills, TeamId, TenantId, WipLimit, WorkspaceId,
            };
            OnConflict::columns([TenantId, WorkspaceId, TeamId])
                .update_columns([Name, Folded, CapacityPerWeek, WipLimit, Skills, Calendar])
                .to_owned()
        };
        team::Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(db)
            .await
            .map_err(|error| named(error, "team"))?;
        let changes = Changes { teams: Some(read_teams(db, at).await?), ..Changes::default() };
        Ok(self.strategy_moved(db, at, &place, changes).await?)
    }

    async fn put_sprint(&self, at: WorkspaceRef, new: &Sprint) -> Result<(), ProductError> {
        let unit = self.write(at.tenant()).await?;
        let db = unit.db()?;
        let place = lock_workspace(db, at).await?;
        let team = scope::of_workspace::<team::Entity>(at).filter(team::Column::TeamId.eq(new.team.uuid()));
        if team.one(db).await.map_err(StoreError::Database)?.is_none() {
            return Err(ProductError::missing("team", new.team.to_string()));
        }
        let row = sprint::ActiveModel {
            tenant_id: Set(at.tenant().uuid()),
            workspace_id: Set(at.workspace().uuid()),
            sprint_id: Set(new.id.uuid()),
            team_id: Set(new.team.uuid()),
            name: Set(new.name.to_string()),
            start_day: Set(new.start.to_string()),
            end_day: Set(new.end.to_string()),
            committed: Set(text(&new.committed)?),
        };
        let replace = {
            use sprint::Column::{
                Committed, EndDay, Name, SprintId, StartDay, TeamId, TenantId, WorkspaceId,
            };
            OnConflict::columns([TenantId, WorkspaceId, SprintId])
                .update_columns([TeamId, Name, StartDay, EndDay, Committed])
                .to_owned()
        };
        sprint::Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(db)
            .await
            .map_err(|error| named(error, "sprint"))?;
        let changes = Changes { sprints: Some(read_sprints(db, at).await?), ..Changes::default() };
        Ok(self.strategy_moved(db, at, &place, changes).await?)
    }

    async fn put_mission(&self, at: WorkspaceRef, new: &Mission) -> Result<(), ProductError> {
        let unit = self.write(at.tenant()).await?;
        let db = unit.db()?;
        let place = lock_workspace(db, at).await?;
        let row = mission::ActiveModel {
            tenant_id: Set(at.tenant().uuid()),
            workspace_id: Set(at.workspace().uuid()),
            statement: Set(new.statement.clone()),
            themes: Set(text(&new.themes)?),
        };
        let replace = {
            use mission::Column::{Statement, TenantId, Themes, WorkspaceId};
            OnConflict::columns([TenantId, WorkspaceId]).update_columns([Statement, Themes]).to_owned()
        };
        mission::Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(db)
            .await
            .map_err(StoreError::Database)?;
        Ok(self.strategy_moved(db, at, &place, Changes::default()).await?)
    }

    async fn put_objective(&self, at: WorkspaceRef, new: &Objective) -> Result<(), ProductError> {
        let is_erased = self.is_erased(at.tenant(), new.owner.as_deref()).await?;
        let unit = self.write(at.tenant()).await?;
        let db = unit.db()?;
        let place = lock_workspace(db, at).await?;
        let row = objective::ActiveModel {
            tenant_id: Set(at.tenant().uuid()),
            workspace_id: Set(at.workspace().uuid()),
            objective_id: Set(new.id.uuid()),
            title: Set(new.title.to_string()),
            statement: Set(new.statement.clone()),
            period: Set(new.period.clone()),
            theme: Set(new.theme.clone()),
            weight: Set(new.weight),
            status: Set(new.status.as_str().to_owned()),
            owner: Set(new.owner.clone().filter(|_| !is_erased)),
            key_results: Set(text(&new.key_results)?),
        };
        let replace = {
            use objective::Column::{
                KeyResults, ObjectiveId, Owner, Period, Statement, Status, TenantId, Theme, Title, Weight,
                WorkspaceId,
            };
            OnConflict::columns([TenantId, WorkspaceId, ObjectiveId])
                .update_columns([Title, Statement, Period, Theme, Weight, Status, Owner, KeyResults])
                .to_owned()
        };
        objective::Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(db)
            .await
            .map_err(StoreError::Database)?;
        let changes = Changes { objectives: Some(read_objectives(db, at).await?), ..Changes::default() };
        Ok(self.strategy_moved(db, at, &place, changes).await?)
    }

    async fn put_competitor(&self, at: WorkspaceRef, new: &Competitor) -> Result<(), ProductError> {
        let unit = self.write(at.tenant()).await?;
        let db = unit.db()?;
        let place = lock_workspace(db, at).await?;
        let row = competitor::ActiveModel {
            tenant_id: Set(at.tenant().uuid()),
            workspace_id: Set(at.workspace().uuid()),
            competitor_id: Set(new.id.uuid()),
            name: Set(new.name.to_string()),
            tier: Set(new.tier.into()),
            summary: Set(new.summary.clone()),
            capabilities: Set(text(&new.capabilities)?),
            signals: Set(text(&new.signals)?),
        };
        let replace = {
            use competitor::Column::{
                Capabilities, CompetitorId, Name, Signals, Summary, TenantId, Tier, WorkspaceId,
            };
            OnConflict::columns([TenantId, WorkspaceId, CompetitorId])
                .update_columns([Name, Tier, Summary, Capabilities, Signals])
                .to_owned()
        };
        competitor::Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(db)
            .await
            .map_err(|error| named(error, "competitor"))?;
        Ok(self.strategy_moved(db, at, &place, Changes::default()).await?)
    }
}
