//! Steps of a unit: savepoints inside its transaction, on both engines.

use async_trait::async_trait;
use pm33_product::{ProductError, Step, Steps};
use pm33_tenancy::WorkspaceRef;
use sea_orm::ConnectionTrait;

use crate::{StoreError, session::Session};

impl Session {
    async fn run(&self, at: WorkspaceRef, statements: &[&str]) -> Result<(), StoreError> {
        let unit = self.write(at.tenant()).await?;
        for statement in statements {
            unit.db()?.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Steps for Session {
    async fn begin_step(&self, at: WorkspaceRef) -> Result<Step, ProductError> {
        self.run(at, &["SAVEPOINT step"]).await?;
        Ok(Step::after(self.changes()))
    }

    async fn keep_step(&self, at: WorkspaceRef, _: Step) -> Result<(), ProductError> {
        Ok(self.run(at, &["RELEASE SAVEPOINT step"]).await?)
    }

    async fn undo_step(&self, at: WorkspaceRef, step: Step) -> Result<(), ProductError> {
        self.run(at, &["ROLLBACK TO SAVEPOINT step", "RELEASE SAVEPOINT step"]).await?;
        self.forget_changes(step.changes());
        Ok(())
    }
}
