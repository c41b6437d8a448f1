//! Saved forecasts as rows.

use async_trait::async_trait;
use pm33_product::{ForecastId, Forecasts, ProductError, SavedForecast};
use pm33_tenancy::{Timestamp, UserId, WorkspaceRef};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{StoreError, entity::forecast, scope, session::Session};

#[async_trait]
impl Forecasts for Session {
    async fn keep_forecast(&self, at: WorkspaceRef, new: &SavedForecast) -> Result<(), ProductError> {
        new.check()?;
        let unit = self.write(at.tenant()).await?;
        let name = new.name.trim();
        let row = forecast::ActiveModel {
            tenant_id: Set(at.tenant().uuid()),
            workspace_id: Set(at.workspace().uuid()),
            forecast_id: Set(new.id.uuid()),
            name: Set(name.to_owned()),
            folded: Set(name.to_lowercase()),
            saved: Set(new.saved.micros()),
            as_of: Set(new.as_of.micros()),
            author: Set(new.author.map(UserId::uuid)),
            question: Set(new.question.clone()),
            recipe: Set(new.recipe.clone()),
            answer: Set(new.answer.clone()),
        };
        if scope::add_if_free(row, unit.db()?).await.map_err(StoreError::Database)? {
            return Ok(());
        }
        let rule =
            format!("{name:?} is taken, and a saved forecast does not change; save it under another name");
        Err(ProductError::invalid("name", rule))
    }

    async fn kept_forecasts(&self, at: WorkspaceRef, most: u64) -> Result<Vec<SavedForecast>, ProductError> {
        let query = scope::of_workspace::<forecast::Entity>(at)
            .order_by_desc(forecast::Column::Saved)
            .order_by_desc(forecast::Column::ForecastId)
            .limit(most);
        let rows = self.read(at.tenant(), async |db| query.all(db).await).await?;
        Ok(rows.into_iter().map(to_forecast).collect())
    }

    async fn kept_forecast(
        &self,
        at: WorkspaceRef,
        asked: &str,
    ) -> Result<Option<SavedForecast>, ProductError> {
        let of_workspace = scope::of_workspace::<forecast::Entity>(at);
        let query = match Uuid::parse_str(asked) {
            Ok(id) => of_workspace.filter(forecast::Column::ForecastId.eq(id)),
            Err(_) => of_workspace.filter(forecast::Column::Folded.eq(asked.trim().to_lowercase())),
        };
        Ok(self.read(at.tenant(), async |db| query.one(db).await).await?.map(to_forecast))
    }
}

fn to_forecast(row: forecast::Model) -> SavedForecast {
    SavedForecast {
        id: ForecastId::from_uuid(row.forecast_id),
        name: row.name,
        saved: Timestamp::from_micros(row.saved),
        as_of: Timestamp::from_micros(row.as_of),
        author: row.author.map(UserId::from_uuid),
        question: row.question,
        recipe: row.recipe,
        answer: row.answer,
    }
}
