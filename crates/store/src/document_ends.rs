//! Documents whose time is up: which there are, and their removal with all their versions.

use pm33_tenancy::{AuditRetention, Directory, Plan, Subject, TenancyError, TenantId, Timestamp};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    StoreError,
    entity::{document, document_version, tenant as tenant_row},
    scope,
    session::Session,
};

impl Session {
    /// For how many days after its last change a tenant keeps a document: its setting, and its plan's most. `None` is
    /// without end, and so is a legal hold on the whole tenant.
    ///
    /// # Errors
    /// When the store does not answer, or there is no such tenant.
    pub async fn document_days(&self, tenant: TenantId) -> Result<Option<u32>, TenancyError> {
        let query = scope::of_tenant::<tenant_row::Entity>(tenant);
        let row = self.read(tenant, async |db| query.one(db).await).await?;
        let row = row.ok_or(TenancyError::Missing { what: "tenant" })?;
        let plan = Plan::parse(&row.plan).ok_or(StoreError::Corrupt { what: "plan" })?;
        let asked = Some(Directory::settings(self, tenant).await?.document_days).filter(|days| *days > 0);
        let Some(days) = asked.into_iter().chain(plan.document_days()).min() else { return Ok(None) };
        let holds = self.legal_holds(tenant).await?;
        let is_held = holds.iter().any(|hold| hold.subject == Subject::Tenant && hold.released.is_none());
        Ok((!is_held).then_some(days))
    }

    /// Whether a tenant has documents that were last changed before a moment.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn has_documents_before(
        &self,
        tenant: TenantId,
        before: Timestamp,
    ) -> Result<bool, StoreError> {
        let over = scope::of_tenant::<document::Entity>(tenant)
            .filter(document::Column::Updated.lt(before.micros()))
            .limit(1);
        Ok(self.read(tenant, async |db| over.one(db).await).await?.is_some())
    }

    /// Removes documents of a tenant that were last changed before a moment, with their versions; how many. The oldest go
    /// first, and where there are none nobody waits for the writer.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn remove_documents(
        &self,
        tenant: TenantId,
        before: Timestamp,
        most: u64,
    ) -> Result<u64, StoreError> {
        let over = scope::of_tenant::<document::Entity>(tenant)
            .filter(document::Column::Updated.lt(before.micros()))
            .order_by_asc(document::Column::Updated)
            .limit(most);
        let found = self.read(tenant, async |db| over.all(db).await).await?;
        let mut removed = 0;
        for one in found {
            let unit = self.write(tenant).await?;
            let still_over = scope::of_tenant::<document::Entity>(tenant)
                .filter(document::Column::WorkspaceId.eq(one.workspace_id))
                .filter(document::Column::DocumentId.eq(one.document_id))
                .filter(document::Column::Updated.lt(before.micros()))
                .one(unit.db()?)
                .await?;
            // Somebody may have written on meanwhile.
            if still_over.is_none() {
                continue;
            }
            scope::removal_of_tenant::<document_version::Entity>(tenant)
                .filter(document_version::Column::WorkspaceId.eq(one.workspace_id))
                .filter(document_version::Column::DocumentId.eq(one.document_id))
                .exec(unit.db()?)
                .await?;
            scope::removal_of_tenant::<document::Entity>(tenant)
                .filter(document::Column::WorkspaceId.eq(one.workspace_id))
                .filter(document::Column::DocumentId.eq(one.document_id))
                .exec(unit.db()?)
                .await?;
            removed += 1;
        }
        Ok(removed)
    }
}
