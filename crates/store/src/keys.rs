//! Stored API keys.

use std::sync::Arc;

use async_trait::async_trait;
use ipnet::IpNet;
use pm33_auth::{AuthError, KeyProof, KeyRecord, KeyStore, KeyUse, NewKey, ScopeSet};
use pm33_tenancy::{
    Digest, EffectiveSettings, KeyId, Role, TenantId, TenantState, Timestamp, UserId, WorkspaceAccess,
    WorkspaceId,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseExecutor, DbErr, EntityTrait, QueryFilter, QueryOrder, QueryResult,
    Statement, Value,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    StoreError,
    directory::parse_settings,
    entity::{api_key, key_route, membership, tenant, tenant_setting},
    scope,
    session::Session,
    store::Inner,
};

/// Suspensions that are this near to each other are one.
const SUSPENDED_AGAIN: std::time::Duration = std::time::Duration::from_secs(10);

fn narrowing(text: Option<&str>) -> Result<WorkspaceAccess, StoreError> {
    let Some(text) = text else { return Ok(WorkspaceAccess::All) };
    let ids: Vec<WorkspaceId> =
        serde_json::from_str(text).map_err(|_| StoreError::Corrupt { what: "key workspaces" })?;
    Ok(WorkspaceAccess::Only(ids.into()))
}

fn networks(text: Option<&str>) -> Result<Vec<IpNet>, StoreError> {
    let parse = |one: &str| one.parse().map_err(|_| StoreError::Corrupt { what: "key networks" });
    text.unwrap_or_default().split(' ').filter(|one| !one.is_empty()).map(parse).collect()
}

fn write_networks(networks: &[IpNet]) -> String {
    networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// What a key reaches: its own narrowing and its user's memberships together. A user without memberships is of the
/// whole tenant.
fn reach(own: WorkspaceAccess, memberships: &[membership::Model]) -> WorkspaceAccess {
    if memberships.is_empty() {
        return own;
    }
    let ids =
        memberships.iter().map(|row| WorkspaceId::from_uuid(row.workspace_id)).filter(|id| own.covers(*id));
    WorkspaceAccess::Only(ids.collect())
}

/// An unknown key gets a row too, of nulls: reading a row is most of what a lookup costs, and what it costs must not tell
/// whether there is such a key (governance §1, timing).
const ROUTE: &str = "SELECT (SELECT tenant_id FROM key_route WHERE key_id = $1)";
const PROOF: &str = "SELECT (SELECT digest FROM api_key WHERE tenant_id = $1 AND key_id = $2), \
                     (SELECT pepper FROM api_key WHERE tenant_id = $1 AND key_id = $2)";

fn always(row: Option<QueryResult>) -> Result<QueryResult, DbErr> {
    row.ok_or_else(|| DbErr::Custom("a query without a table gave no row".to_owned()))
}

/// The tenant that a key belongs to.
pub(crate) async fn route(inner: &Inner, id: KeyId) -> Result<Option<TenantId>, StoreError> {
    let statement =
        Statement::from_sql_and_values(inner.readers.get_database_backend(), ROUTE, [id.as_str().into()]);
    let row = inner.reach.on(inner.readers.query_one_raw(statement)).await?;
    let found: Option<uuid::Uuid> = always(row)?.try_get_by_index(0)?;
    Ok(found.map(TenantId::from_uuid))
}

impl Session {
    fn to_record(
        row: api_key::Model,
        memberships: &[membership::Model],
        state: TenantState,
        settings: &Arc<EffectiveSettings>,
    ) -> Result<KeyRecord, AuthError> {
        let tenant = TenantId::from_uuid(row.tenant_id);
        let corrupt = |what| move |_| StoreError::Corrupt { what };
        let time = |micros: Option<i64>| micros.map(Timestamp::from_micros);
        let narrowed = narrowing(row.workspaces.as_deref())?;
        let role = |place: &membership::Model| {
            Some((WorkspaceId::from_uuid(place.workspace_id), Role::parse(&place.role)?))
        };
        let roles: Option<Vec<_>> = memberships.iter().map(role).collect();
        Ok(KeyRecord {
            id: row.key_id.parse().map_err(corrupt("key id"))?,
            tenant,
            tenant_state: state,
            user: UserId::from_uuid(row.user_id),
            name: row.name,
            digest: Digest::from_slice(&row.digest).ok_or(StoreError::Corrupt { what: "key digest" })?,
            pepper: row.pepper,
            hash: row.hash,
            scopes: row.scopes.parse::<ScopeSet>().map_err(|_| StoreError::Corrupt { what: "key scopes" })?,
            workspaces: reach(narrowed.clone(), memberships),
            narrowed,
            roles: roles.ok_or(StoreError::Corrupt { what: "role" })?.into(),
            networks: networks(row.networks.as_deref())?,
            parent: row.parent.as_deref().map(str::parse).transpose().map_err(corrupt("key parent"))?,
            created: Timestamp::from_micros(row.created),
            expires: Timestamp::from_micros(row.expires),
            rotated_until: time(row.rotated_until),
            revoked: time(row.revoked),
            suspended_until: time(row.suspended_until),
            exposed: time(row.exposed),
            last_used: time(row.last_used),
            last_network: row.last_network,
            last_agent: row.last_agent,
            noticed: row.noticed.and_then(|days| u32::try_from(days).ok()),
            settings: Arc::clone(settings),
        })
    }

    /// The settings as they are stored: the verifier remembers them until the next change, so they must not come from
    /// a memory that has not heard of the last one.
    async fn stored_settings(&self, tenant: TenantId) -> Result<Arc<EffectiveSettings>, StoreError> {
        let own = scope::of_tenant::<tenant_setting::Entity>(tenant);
        let deployment = &self.inner.options.deployment;
        Ok(Arc::new(match self.read(tenant, async |db| own.one(db).await).await? {
            Some(row) => parse_settings(&row.settings)?.over(deployment),
            None => deployment.clone(),
        }))
    }

    async fn state_of(&self, id: TenantId) -> Result<TenantState, StoreError> {
        let query = scope::of_tenant::<tenant::Entity>(id);
        let row = self.read(id, async |db| query.one(db).await).await?;
        row.and_then(|row| TenantState::parse(&row.state)).ok_or(StoreError::Corrupt { what: "tenant state" })
    }
}

#[async_trait]
impl KeyStore for Session {
    async fn find(&self, id: KeyId) -> Result<Option<KeyRecord>, AuthError> {
        // Another tenant's key reads like an unknown one.
        let Some(tenant) = route(&self.inner, id).await?.filter(|tenant| self.may_touch(*tenant)) else {
            return Ok(None);
        };
        let key = scope::of_tenant::<api_key::Entity>(tenant).filter(api_key::Column::KeyId.eq(id.as_str()));
        let Some(row) = self.read(tenant, async |db| key.one(db).await).await? else { return Ok(None) };
        let places =
            scope::of_tenant::<membership::Entity>(tenant).filter(membership::Column::UserId.eq(row.user_id));
        let places = self.read(tenant, async |db| places.all(db).await).await?;
        let state = self.state_of(tenant).await?;
        let settings = self.stored_settings(tenant).await?;
        Self::to_record(row, &places, state, &settings).map(Some)
    }

    async fn proof(&self, id: KeyId) -> Result<Option<KeyProof>, AuthError> {
        // An unknown key is looked for too, in a tenant that has none; so is another tenant's.
        let tenant = route(&self.inner, id).await?.filter(|tenant| self.may_touch(*tenant));
        let tenant = tenant.unwrap_or(TenantId::from_uuid(uuid::Uuid::nil()));
        let read = async |db: &DatabaseExecutor<'_>| {
            let values: [Value; 2] = [tenant.uuid().into(), id.as_str().into()];
            let row = Statement::from_sql_and_values(db.get_database_backend(), PROOF, values);
            let row = always(db.query_one_raw(row).await?)?;
            Ok((row.try_get_by_index::<Option<Vec<u8>>>(0)?, row.try_get_by_index::<Option<String>>(1)?))
        };
        let (Some(digest), Some(pepper)) = self.inner.read(tenant, read).await? else { return Ok(None) };
        let digest = Digest::from_slice(&digest).ok_or(StoreError::Corrupt { what: "key digest" })?;
        Ok(Some(KeyProof { digest, pepper }))
    }

    async fn list(&self, tenant: TenantId) -> Result<Vec<KeyRecord>, AuthError> {
        let keys = scope::of_tenant::<api_key::Entity>(tenant).order_by_desc(api_key::Column::Created);
        let places = scope::of_tenant::<membership::Entity>(tenant);
        let (keys, places) =
            self.read(tenant, async |db| Ok((keys.all(db).await?, places.all(db).await?))).await?;
        let state = self.state_of(tenant).await?;
        let settings = self.stored_settings(tenant).await?;
        let mut records = Vec::with_capacity(keys.len());
        for row in keys {
            let own: Vec<_> = places.iter().filter(|place| place.user_id == row.user_id).cloned().collect();
            records.push(Self::to_record(row, &own, state, &settings)?);
        }
        Ok(records)
    }

    async fn insert(&self, key: &NewKey) -> Result<(), AuthError> {
        let unit = self.write(key.tenant).await?;
        let db = unit.db()?;
        let workspaces = match &key.workspaces {
            WorkspaceAccess::All => None,
            WorkspaceAccess::Only(ids) => Some(
                serde_json::to_string(&ids[..])
                    .map_err(|_| StoreError::Corrupt { what: "key workspaces" })?,
            ),
        };
        let route =
            key_route::ActiveModel { key_id: Set(key.id.to_string()), tenant_id: Set(key.tenant.uuid()) };
        key_route::Entity::insert(route).exec_without_returning(db).await.map_err(StoreError::Database)?;
        let row = api_key::ActiveModel {
            tenant_id: Set(key.tenant.uuid()),
            key_id: Set(key.id.to_string()),
            user_id: Set(key.user.uuid()),
            name: Set(key.name.clone()),
            digest: Set(key.digest.0.to_vec()),
            pepper: Set(key.pepper.clone()),
            hash: Set(key.hash.clone()),
            scopes: Set(key.scopes.to_string()),
            workspaces: Set(workspaces),
            parent: Set(key.parent.map(|parent| parent.to_string())),
            created: Set(key.created.micros()),
            expires: Set(key.expires.micros()),
            rotated_until: Set(None),
            revoked: Set(None),
            last_used: Set(None),
            networks: Set((!key.networks.is_empty()).then(|| write_networks(&key.networks))),
            last_ip: Set(None),
            last_network: Set(None),
            last_agent: Set(None),
            noticed: Set(None),
            suspended_until: Set(None),
            exposed: Set(None),
        };
        api_key::Entity::insert(row).exec_without_returning(db).await.map_err(StoreError::Database)?;
        Ok(self.raise_access(key.tenant, db).await?)
    }

    async fn revoke(&self, tenant: TenantId, id: KeyId, at: Timestamp) -> Result<u64, AuthError> {
        let unit = self.write(tenant).await?;
        let db = unit.db()?;
        let mut ended = 0;
        let mut generation = vec![id.to_string()];
        while !generation.is_empty() {
            let done = scope::change_of_tenant::<api_key::Entity>(tenant)
                .col_expr(api_key::Column::Revoked, Expr::value(at.micros()))
                .filter(api_key::Column::KeyId.is_in(&generation))
                .filter(api_key::Column::Revoked.is_null())
                .exec(db)
                .await
                .map_err(StoreError::Database)?;
            ended += done.rows_affected;
            let children = scope::of_tenant::<api_key::Entity>(tenant)
                .filter(api_key::Column::Parent.is_in(&generation))
                .all(db)
                .await
                .map_err(StoreError::Database)?;
            generation = children.into_iter().map(|row| row.key_id).collect();
        }
        self.raise_access(tenant, db).await?;
        Ok(ended)
    }

    async fn set_rotated(&self, tenant: TenantId, id: KeyId, until: Timestamp) -> Result<(), AuthError> {
        let unit = self.write(tenant).await?;
        let db = unit.db()?;
        scope::change_of_tenant::<api_key::Entity>(tenant)
            .col_expr(api_key::Column::RotatedUntil, Expr::value(until.micros()))
            .filter(api_key::Column::KeyId.eq(id.as_str()))
            .exec(db)
            .await
            .map_err(StoreError::Database)?;
        Ok(self.raise_access(tenant, db).await?)
    }

    async fn set_suspended(
        &self,
        tenant: TenantId,
        id: KeyId,
        until: Option<Timestamp>,
    ) -> Result<bool, AuthError> {
        let unit = self.write(tenant).await?;
        let db = unit.db()?;
        let change = scope::change_of_tenant::<api_key::Entity>(tenant)
            .col_expr(api_key::Column::SuspendedUntil, Expr::value(until.map(Timestamp::micros)))
            .filter(api_key::Column::KeyId.eq(id.as_str()));
        // Of several servers that see the same flood one suspends.
        let change = match until {
            Some(until) => change.filter(
                api_key::Column::SuspendedUntil
                    .is_null()
                    .or(api_key::Column::SuspendedUntil.lt(until.minus(SUSPENDED_AGAIN).micros())),
            ),
            None => change.filter(api_key::Column::SuspendedUntil.is_not_null()),
        };
        let done = change.exec(db).await.map_err(StoreError::Database)?;
        self.raise_access(tenant, db).await?;
        Ok(done.rows_affected > 0)
    }

    async fn note_exposed(&self, tenant: TenantId, id: KeyId, at: Timestamp) -> Result<bool, AuthError> {
        let unit = self.write(tenant).await?;
        let done = scope::change_of_tenant::<api_key::Entity>(tenant)
            .col_expr(api_key::Column::Exposed, Expr::value(at.micros()))
            .filter(api_key::Column::KeyId.eq(id.as_str()))
            .filter(api_key::Column::Exposed.is_null())
            .exec(unit.db()?)
            .await
            .map_err(StoreError::Database)?;
        Ok(done.rows_affected > 0)
    }

    async fn touch(&self, tenant: TenantId, id: KeyId, used: &KeyUse) -> Result<(), AuthError> {
        let unit = self.write(tenant).await?;
        let place = used.address.map(|address| self.audit_keys().place(address, used.at));
        scope::change_of_tenant::<api_key::Entity>(tenant)
            .col_expr(api_key::Column::LastUsed, Expr::value(used.at.micros()))
            .col_expr(api_key::Column::LastIp, Expr::value(place.as_ref().map(|(ip, _)| ip.0.to_vec())))
            .col_expr(
                api_key::Column::LastNetwork,
                Expr::value(place.map(|(_, network)| String::from(network))),
            )
            .col_expr(api_key::Column::LastAgent, Expr::value(used.agent.clone()))
            .filter(api_key::Column::KeyId.eq(id.as_str()))
            .exec(unit.db()?)
            .await
            .map_err(StoreError::Database)?;
        Ok(())
    }

    async fn note_expiry(&self, tenant: TenantId, id: KeyId, days: u32) -> Result<bool, AuthError> {
        let unit = self.write(tenant).await?;
        let days = i32::try_from(days).unwrap_or(i32::MAX);
        let is_new = api_key::Column::Noticed.is_null().or(api_key::Column::Noticed.gt(days));
        let done = scope::change_of_tenant::<api_key::Entity>(tenant)
            .col_expr(api_key::Column::Noticed, Expr::value(days))
            .filter(api_key::Column::KeyId.eq(id.as_str()))
            .filter(is_new)
            .exec(unit.db()?)
            .await
            .map_err(StoreError::Database)?;
        Ok(done.rows_affected > 0)
    }

    async fn epoch(&self) -> Result<i64, AuthError> {
        Ok(self.access_epoch().await?)
    }
}
