//! The one file that starts queries on tenant tables: every start carries the tenant, and below it the workspace.

use pm33_tenancy::{TenantId, WorkspaceRef};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, DeleteMany, EntityTrait, QueryFilter, Select,
    UpdateMany, sea_query::OnConflict,
};

/// Names of the scoping columns of a tenant table.
pub(crate) trait Tenanted: EntityTrait {
    /// The tenant column.
    fn tenant() -> Self::Column;
}

/// A tenant table whose rows belong to a workspace.
pub(crate) trait Placed: Tenanted {
    /// The workspace column.
    fn workspace() -> Self::Column;
}

macro_rules! tenanted {
    ($($table:ident),*) => {$(
        impl Tenanted for crate::entity::$table::Entity {
            fn tenant() -> Self::Column {
                crate::entity::$table::Column::TenantId
            }
        }
    )*};
}

macro_rules! placed {
    ($($table:ident),*) => {
        tenanted!($($table),*);
        $(impl Placed for crate::entity::$table::Entity {
            fn workspace() -> Self::Column {
                crate::entity::$table::Column::WorkspaceId
            }
        })*
    };
}

tenanted!(
    tenant,
    tenant_setting,
    app_user,
    api_key,
    session,
    idempotency,
    audit_row,
    audit_personal,
    audit_head,
    audit_anchor,
    audit_hold,
    credit_balance,
    credit_hold,
    credit_entry,
    credit_period,
    credit_usage,
    provider_call,
    provider_key,
    privacy_request,
    processing_limit,
    erased
);
placed!(
    workspace,
    membership,
    team,
    sprint,
    mission,
    objective,
    competitor,
    forecast,
    judgement,
    document,
    document_version,
    document_template,
    work_item,
    item_text,
    state_change
);

/// Rows of a tenant.
#[expect(clippy::disallowed_methods, reason = "the scoped start itself")]
pub(crate) fn of_tenant<E: Tenanted>(tenant: TenantId) -> Select<E> {
    E::find().filter(E::tenant().eq(tenant.uuid()))
}

/// Rows of a workspace.
pub(crate) fn of_workspace<E: Placed>(at: WorkspaceRef) -> Select<E> {
    of_tenant::<E>(at.tenant()).filter(E::workspace().eq(at.workspace().uuid()))
}

/// A change of rows of a tenant.
#[expect(clippy::disallowed_methods, reason = "the scoped start itself")]
pub(crate) fn change_of_tenant<E: Tenanted>(tenant: TenantId) -> UpdateMany<E> {
    E::update_many().filter(E::tenant().eq(tenant.uuid()))
}

/// A change of rows of a workspace.
pub(crate) fn change_of_workspace<E: Placed>(at: WorkspaceRef) -> UpdateMany<E> {
    change_of_tenant::<E>(at.tenant()).filter(E::workspace().eq(at.workspace().uuid()))
}

/// A removal of rows of a tenant.
#[expect(clippy::disallowed_methods, reason = "the scoped start itself")]
pub(crate) fn removal_of_tenant<E: Tenanted>(tenant: TenantId) -> DeleteMany<E> {
    E::delete_many().filter(E::tenant().eq(tenant.uuid()))
}

/// A removal of rows of a workspace.
pub(crate) fn removal_of_workspace<E: Placed>(at: WorkspaceRef) -> DeleteMany<E> {
    removal_of_tenant::<E>(at.tenant()).filter(E::workspace().eq(at.workspace().uuid()))
}

/// Rows of a table that belongs to no tenant: routing and counters.
#[expect(clippy::disallowed_methods, reason = "the start for routing tables")]
pub(crate) fn of_deployment<E: Global>() -> Select<E> {
    E::find()
}

/// All rows of a tenant table, whoever they belong to: for operators, whose role the database lets see them.
#[expect(clippy::disallowed_methods, reason = "operators list tenants")]
pub(crate) fn of_all_tenants() -> Select<crate::entity::tenant::Entity> {
    crate::entity::tenant::Entity::find()
}

/// Adds a row unless one of its unique keys is taken; whether it was added. Unlike a failed insert this leaves the
/// transaction usable on both engines.
pub(crate) async fn add_if_free<A>(row: A, db: &impl ConnectionTrait) -> Result<bool, DbErr>
where
    A: ActiveModelTrait,
{
    let nothing = OnConflict::new().do_nothing().to_owned();
    let added = A::Entity::insert(row).on_conflict(nothing).exec_without_returning(db).await;
    match added {
        Ok(rows) => Ok(rows > 0),
        Err(DbErr::RecordNotInserted) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A table that belongs to no tenant.
pub(crate) trait Global: EntityTrait {}

impl Global for crate::entity::key_route::Entity {}
impl Global for crate::entity::tenant_route::Entity {}
impl Global for crate::entity::epoch::Entity {}
