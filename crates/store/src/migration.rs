//! The schema's migrations: one forward-only set for both engines.

mod first;
mod key_facts;
mod moved;
mod surface;

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait::async_trait};

pub(crate) use first::TENANT_TABLES;

/// All migrations, in order.
pub(crate) struct Migrator;

#[async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(first::First),
            Box::new(moved::Moved),
            Box::new(surface::Surface),
            Box::new(key_facts::KeyFacts),
        ]
    }
}

impl Migrator {
    /// Names of all migrations.
    pub(crate) fn names() -> Vec<String> {
        Self::migrations().iter().map(|migration| migration.name().to_owned()).collect()
    }
}
