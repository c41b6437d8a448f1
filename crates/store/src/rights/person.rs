//! Whose data a right is about, and the conditions that find it: one for each way of the data map.

use pm33_tenancy::{
    TenantId, UserId,
    data_map::{Engine, Leads, Link, links},
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, DbErr, QueryFilter, Statement, Value};

use crate::{
    StoreError,
    entity::{api_key, app_user},
    scope,
    session::Session,
};

/// What leads to a member.
pub(crate) struct Person {
    pub(crate) tenant: TenantId,
    pub(crate) user: UserId,
    /// Handle, and the name where no other member has it.
    pub(crate) names: Vec<String>,
    pub(crate) keys: Vec<String>,
    pub(crate) pseudonym: Vec<u8>,
}

/// A condition over a table's rows of a tenant, with its values; `$1` is the tenant.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) sql: String,
    pub(crate) values: Vec<Value>,
}

impl Condition {
    /// Every row of a tenant.
    pub(crate) fn whole(tenant: TenantId) -> Self {
        Self { sql: "tenant_id = $1".to_owned(), values: vec![tenant.uuid().into()] }
    }

    fn with(tenant: TenantId, values: Vec<Value>, test: impl FnOnce(&str) -> String) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let places = (2..values.len() + 2).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
        let mut all = vec![tenant.uuid().into()];
        all.extend(values);
        Some(Self { sql: format!("tenant_id = $1 AND {}", test(&places)), values: all })
    }
}

/// The engine of a connection, in the words of the data map.
pub(crate) fn engine_of(backend: DbBackend) -> Engine {
    if backend == DbBackend::Postgres { Engine::Postgres } else { Engine::Sqlite }
}

impl Session {
    /// What leads to a member; their row may be gone already.
    pub(crate) async fn person(&self, tenant: TenantId, user: UserId) -> Result<Person, StoreError> {
        let users = scope::of_tenant::<app_user::Entity>(tenant);
        let keys =
            scope::of_tenant::<api_key::Entity>(tenant).filter(api_key::Column::UserId.eq(user.uuid()));
        let (users, keys) =
            self.read(tenant, async |db| Ok((users.all(db).await?, keys.all(db).await?))).await?;
        let folded = |text: &str| text.trim().to_lowercase();
        let (own, others): (Vec<_>, Vec<_>) = users.into_iter().partition(|row| row.user_id == user.uuid());
        let is_shared = |name: &str| {
            others.iter().any(|row| folded(&row.handle) == folded(name) || folded(&row.name) == folded(name))
        };
        let names = own.into_iter().flat_map(|row| [row.handle, row.name]);
        Ok(Person {
            tenant,
            user,
            names: names.filter(|name| !name.trim().is_empty() && !is_shared(name)).collect(),
            keys: keys.into_iter().map(|row| row.key_id).collect(),
            pseudonym: self.audit_keys().actor(user).0.to_vec(),
        })
    }
}

impl Person {
    /// The rows of a table that a way leads to; none when nothing can.
    pub(crate) async fn condition(
        &self,
        db: &impl ConnectionTrait,
        link: &Link,
    ) -> Result<Option<Condition>, DbErr> {
        let column = link.column;
        let is_in = |places: &str| format!("{column} IN ({places})");
        let keys = || self.keys.iter().map(|key| Value::from(key.clone())).collect::<Vec<_>>();
        let values = match link.leads {
            Leads::Member => vec![self.user.uuid().into()],
            Leads::Key => keys(),
            Leads::Principal => {
                let mut all = keys();
                all.push(self.user.to_string().into());
                all
            }
            Leads::Name => self.spellings(db, link).await?,
            Leads::Pseudonym => vec![self.pseudonym.clone().into()],
            Leads::Hold => {
                return Ok(Condition::with(self.tenant, keys(), |places| {
                    format!(
                        "{column} IN (SELECT hold_id FROM credit_hold WHERE tenant_id = $1 AND key_id IN ({places}))"
                    )
                }));
            }
            Leads::Item => {
                let user = vec![self.user.uuid().into()];
                return Ok(Condition::with(self.tenant, user, |places| {
                    format!(
                        "(workspace_id, {column}) IN (SELECT workspace_id, item_id FROM work_item \
                         WHERE tenant_id = $1 AND author IN ({places}))"
                    )
                }));
            }
        };
        Ok(Condition::with(self.tenant, values, is_in))
    }

    /// The member's names as a column spells them: the engines fold letters differently, so it is done here.
    async fn spellings(&self, db: &impl ConnectionTrait, link: &Link) -> Result<Vec<Value>, DbErr> {
        let sql = format!(
            "SELECT DISTINCT {column} FROM {table} WHERE tenant_id = $1 AND {column} IS NOT NULL",
            column = link.column,
            table = link.table
        );
        let backend = db.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, [self.tenant.uuid().into()]);
        let mut found = Vec::new();
        for row in db.query_all_raw(statement).await? {
            let spelt: String = row.try_get_by_index(0)?;
            let folded = spelt.trim().to_lowercase();
            if self.names.iter().any(|name| name.trim().to_lowercase() == folded) {
                found.push(spelt.into());
            }
        }
        Ok(found)
    }
}

/// The ways that lead from a table.
pub(crate) fn links_of(table: &str) -> impl Iterator<Item = &'static Link> {
    links().iter().filter(move |link| link.table == table)
}
