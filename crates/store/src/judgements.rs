//! Kept judgements as rows: found by digest, kept in units of their own, forgotten when they are old.

use async_trait::async_trait;
use pm33_product::{JudgedDigest, KeptJudgements, ProductError};
use pm33_tenancy::{TenantId, Timestamp, WorkspaceRef};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    StoreError,
    entity::judgement::{self, Column},
    scope,
    session::Session,
};

#[async_trait]
impl KeptJudgements for Session {
    async fn kept_judgements(
        &self,
        at: WorkspaceRef,
        digests: &[JudgedDigest],
    ) -> Result<Vec<(JudgedDigest, String)>, ProductError> {
        let asked = digests.iter().map(|digest| digest.to_vec());
        let query = scope::of_workspace::<judgement::Entity>(at).filter(Column::Digest.is_in(asked));
        let rows = self.read(at.tenant(), async |db| query.all(db).await).await?;
        let read = |row: judgement::Model| Some((row.digest.try_into().ok()?, row.body));
        Ok(rows.into_iter().filter_map(read).collect())
    }

    async fn keep_judgement(
        &self,
        at: WorkspaceRef,
        digest: JudgedDigest,
        body: &str,
        made: Timestamp,
    ) -> Result<(), ProductError> {
        let own = self.apart();
        let unit = own.write(at.tenant()).await?;
        let row = judgement::ActiveModel {
            tenant_id: Set(at.tenant().uuid()),
            workspace_id: Set(at.workspace().uuid()),
            digest: Set(digest.to_vec()),
            body: Set(body.to_owned()),
            made: Set(made.micros()),
        };
        // Another call may have judged the same meanwhile.
        scope::add_if_free(row, unit.db()?).await.map_err(StoreError::Database)?;
        drop(unit);
        Ok(own.keep().await?)
    }
}

impl Session {
    /// Forgets about `most` of a tenant's oldest judgements that were made before a moment; how many. Where there are none,
    /// nobody waits for the writer. Joins the unit.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_judgements(
        &self,
        tenant: TenantId,
        before: Timestamp,
        most: u64,
    ) -> Result<u64, StoreError> {
        let over = scope::of_tenant::<judgement::Entity>(tenant)
            .select_only()
            .column(Column::Made)
            .filter(Column::Made.lt(before.micros()))
            .order_by_asc(Column::Made)
            .limit(most)
            .into_tuple::<i64>();
        let found = self.read(tenant, async |db| over.all(db).await).await?;
        let Some(last) = found.last() else { return Ok(0) };
        let unit = self.write(tenant).await?;
        let gone = scope::removal_of_tenant::<judgement::Entity>(tenant)
            .filter(Column::Made.lte(*last))
            .exec(unit.db()?)
            .await?;
        Ok(gone.rows_affected)
    }
}
