//! Making and changing tenants, users, workspaces and memberships.

use async_trait::async_trait;
use pm33_tenancy::{
    Administration, Membership, Plan, Role, TenancyError, Tenant, TenantId, TenantSettings, TenantState,
    Timestamp, User, UserId, Workspace, WorkspaceId,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::{
    StoreError,
    directory::parse_settings,
    engine,
    entity::{app_user, epoch, membership, tenant, tenant_route, tenant_setting, workspace},
    error::is_dangling,
    scope,
    session::Session,
};

/// Name of the counter that rises with every change of who may do what.
pub(crate) const ACCESS: &str = "access";

impl Session {
    /// Raises the access epoch inside the unit.
    pub(crate) async fn raise_access(
        &self,
        tenant: TenantId,
        db: &impl ConnectionTrait,
    ) -> Result<(), StoreError> {
        raise(db).await?;
        self.access_moved(tenant);
        Ok(())
    }

    /// The access epoch.
    pub(crate) async fn access_epoch(&self) -> Result<i64, StoreError> {
        let query = scope::of_deployment::<epoch::Entity>().filter(epoch::Column::Name.eq(ACCESS));
        let row = self.inner.reach.on(query.one(&self.inner.readers)).await?;
        Ok(row.map_or(0, |row| row.value))
    }
}

#[expect(clippy::disallowed_methods, reason = "the counter belongs to no tenant")]
async fn raise(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    epoch::Entity::update_many()
        .col_expr(epoch::Column::Value, Expr::col(epoch::Column::Value).add(1))
        .filter(epoch::Column::Name.eq(ACCESS))
        .exec(db)
        .await?;
    Ok(())
}

fn taken(what: &'static str, name: &str) -> TenancyError {
    TenancyError::Taken { what, name: name.to_owned() }
}

fn to_tenant(row: tenant::Model) -> Result<Tenant, StoreError> {
    Ok(Tenant {
        id: TenantId::from_uuid(row.tenant_id),
        slug: row.slug,
        name: row.name,
        plan: Plan::parse(&row.plan).ok_or(StoreError::Corrupt { what: "plan" })?,
        state: TenantState::parse(&row.state).ok_or(StoreError::Corrupt { what: "tenant state" })?,
        created: Timestamp::from_micros(row.created),
    })
}

fn to_membership(row: &membership::Model) -> Result<Membership, StoreError> {
    Ok(Membership {
        user: UserId::from_uuid(row.user_id),
        workspace: WorkspaceId::from_uuid(row.workspace_id),
        role: Role::parse(&row.role).ok_or(StoreError::Corrupt { what: "role" })?,
    })
}

#[async_trait]
impl Administration for Session {
    async fn create_tenant(&self, new: &Tenant) -> Result<(), TenancyError> {
        if !self.is_operator() {
            return Err(StoreError::Foreign.into());
        }
        let unit = self.write(new.id).await?;
        let db = unit.db()?;
        // No key of a tenant table may span tenants, so the slug is looked for; one operator at a time makes tenants.
        engine::take_turn(db, engine::Turn::NewTenant).await.map_err(StoreError::Database)?;
        let namesake = scope::of_all_tenants().filter(tenant::Column::Slug.eq(&new.slug));
        if namesake.one(db).await.map_err(StoreError::Database)?.is_some() {
            return Err(TenancyError::Taken { what: "tenant", name: new.slug.clone() });
        }
        let row = tenant::ActiveModel {
            tenant_id: Set(new.id.uuid()),
            slug: Set(new.slug.clone()),
            name: Set(new.name.clone()),
            plan: Set(new.plan.as_str().to_owned()),
            state: Set(new.state.as_str().to_owned()),
            created: Set(new.created.micros()),
        };
        tenant::Entity::insert(row).exec_without_returning(db).await.map_err(StoreError::Database)?;
        let route = tenant_route::ActiveModel { tenant_id: Set(new.id.uuid()) };
        tenant_route::Entity::insert(route).exec_without_returning(db).await.map_err(StoreError::Database)?;
        Ok(self.raise_access(new.id, db).await?)
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, TenancyError> {
        if !self.is_operator() {
            return Err(StoreError::Foreign.into());
        }
        let mut rows =
            scope::of_all_tenants().all(self.inner.operators()?).await.map_err(StoreError::Database)?;
        rows.sort_by(|one, other| one.slug.cmp(&other.slug));
        Ok(rows.into_iter().map(to_tenant).collect::<Result<_, _>>()?)
    }

    async fn update_tenant(&self, id: TenantId, plan: Plan, state: TenantState) -> Result<(), TenancyError> {
        let unit = self.write(id).await?;
        let db = unit.db()?;
        let done = scope::change_of_tenant::<tenant::Entity>(id)
            .col_expr(tenant::Column::Plan, Expr::value(plan.as_str()))
            .col_expr(tenant::Column::State, Expr::value(state.as_str()))
            .exec(db)
            .await
            .map_err(StoreError::Database)?;
        if done.rows_affected == 0 {
            return Err(TenancyError::Missing { what: "tenant" });
        }
        Ok(self.raise_access(id, db).await?)
    }

    async fn own_settings(&self, id: TenantId) -> Result<TenantSettings, TenancyError> {
        let query = scope::of_tenant::<tenant_setting::Entity>(id);
        let row = self.read(id, async |db| query.one(db).await).await?;
        Ok(row.map(|row| parse_settings(&row.settings)).transpose()?.unwrap_or_default())
    }

    async fn put_settings(&self, id: TenantId, settings: &TenantSettings) -> Result<(), TenancyError> {
        settings.validate()?;
        let unit = self.write(id).await?;
        let db = unit.db()?;
        let text =
            serde_json::to_string(settings).map_err(|_| StoreError::Corrupt { what: "tenant settings" })?;
        let row = tenant_setting::ActiveModel { tenant_id: Set(id.uuid()), settings: Set(text) };
        tenant_setting::Entity::insert(row)
            .on_conflict(
                OnConflict::column(tenant_setting::Column::TenantId)
                    .update_column(tenant_setting::Column::Settings)
                    .to_owned(),
            )
            .exec_without_returning(db)
            .await
            .map_err(StoreError::Database)?;
        Ok(self.raise_access(id, db).await?)
    }

    async fn create_user(&self, user: &User) -> Result<(), TenancyError> {
        if self.is_erased(user.tenant, Some(&user.handle)).await? {
            return Err(TenancyError::Invalid {
                field: "handle",
                rule: "is of a member who was erased and may not come back; choose another".to_owned(),
            });
        }
        let unit = self.write(user.tenant).await?;
        let row = app_user::ActiveModel {
            tenant_id: Set(user.tenant.uuid()),
            user_id: Set(user.id.uuid()),
            handle: Set(user.handle.clone()),
            name: Set(user.name.clone()),
            created: Set(user.created.micros()),
        };
        let added = scope::add_if_free(row, unit.db()?).await.map_err(StoreError::Database)?;
        if added { Ok(()) } else { Err(taken("user", &user.handle)) }
    }

    async fn users(&self, id: TenantId) -> Result<Vec<User>, TenancyError> {
        let query = scope::of_tenant::<app_user::Entity>(id);
        let mut rows = self.read(id, async |db| query.all(db).await).await?;
        rows.sort_by(|one, other| one.handle.cmp(&other.handle));
        let to_user = |row: app_user::Model| User {
            tenant: TenantId::from_uuid(row.tenant_id),
            id: UserId::from_uuid(row.user_id),
            handle: row.handle,
            name: row.name,
            created: Timestamp::from_micros(row.created),
        };
        Ok(rows.into_iter().map(to_user).collect())
    }

    async fn create_workspace(&self, new: &Workspace) -> Result<(), TenancyError> {
        let unit = self.write(new.tenant).await?;
        let db = unit.db()?;
        let row = workspace::ActiveModel {
            tenant_id: Set(new.tenant.uuid()),
            workspace_id: Set(new.id.uuid()),
            slug: Set(new.slug.clone()),
            prefix: Set(new.prefix.clone()),
            name: Set(new.name.clone()),
            created: Set(new.created.micros()),
            version: Set(1),
            last_number: Set(0),
            vocabulary: Set("{}".to_owned()),
        };
        if !scope::add_if_free(row, db).await.map_err(StoreError::Database)? {
            return Err(taken("workspace (or its key prefix)", &new.slug));
        }
        Ok(self.raise_access(new.tenant, db).await?)
    }

    async fn put_membership(&self, id: TenantId, new: &Membership) -> Result<(), TenancyError> {
        let unit = self.write(id).await?;
        let db = unit.db()?;
        let row = membership::ActiveModel {
            tenant_id: Set(id.uuid()),
            user_id: Set(new.user.uuid()),
            workspace_id: Set(new.workspace.uuid()),
            role: Set(new.role.as_str().to_owned()),
        };
        let key = [membership::Column::TenantId, membership::Column::UserId, membership::Column::WorkspaceId];
        membership::Entity::insert(row)
            .on_conflict(OnConflict::columns(key).update_column(membership::Column::Role).to_owned())
            .exec_without_returning(db)
            .await
            .map_err(|error| {
                if is_dangling(&error) {
                    TenancyError::Missing { what: "user or workspace" }
                } else {
                    StoreError::Database(error).into()
                }
            })?;
        Ok(self.raise_access(id, db).await?)
    }

    async fn remove_membership(
        &self,
        id: TenantId,
        user: UserId,
        workspace: WorkspaceId,
    ) -> Result<(), TenancyError> {
        let unit = self.write(id).await?;
        let db = unit.db()?;
        let done = scope::removal_of_tenant::<membership::Entity>(id)
            .filter(membership::Column::UserId.eq(user.uuid()))
            .filter(membership::Column::WorkspaceId.eq(workspace.uuid()))
            .exec(db)
            .await
            .map_err(StoreError::Database)?;
        if done.rows_affected == 0 {
            return Err(TenancyError::Missing { what: "membership" });
        }
        Ok(self.raise_access(id, db).await?)
    }

    async fn members(&self, id: TenantId) -> Result<Vec<Membership>, TenancyError> {
        let query = scope::of_tenant::<membership::Entity>(id);
        let rows = self.read(id, async |db| query.all(db).await).await?;
        Ok(rows.iter().map(to_membership).collect::<Result<_, _>>()?)
    }

    async fn memberships(&self, id: TenantId, user: UserId) -> Result<Vec<Membership>, TenancyError> {
        let query =
            scope::of_tenant::<membership::Entity>(id).filter(membership::Column::UserId.eq(user.uuid()));
        let rows = self.read(id, async |db| query.all(db).await).await?;
        Ok(rows.iter().map(to_membership).collect::<Result<_, _>>()?)
    }
}
