//! The schema's migrations: one forward-only set for both engines.

mod ai_window;
mod audit_retention;
mod audit_spool;
mod call_window;
mod chain_heads;
mod credits;
mod documents;
mod fair_window;
mod first;
mod forecasts;
mod hold_guard;
mod judgements;
mod key_facts;
mod key_states;
mod lasting_claims;
mod moved;
mod provider_keys;
mod rights;
mod surface;
mod tenant_route;
mod text_numbers;
mod vocabulary;

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait::async_trait};

pub(crate) use first::TENANT_TABLES as FIRST_TABLES;

/// Every table that holds a tenant's data; on PostgreSQL all of them are guarded by row-level security.
pub(crate) fn tenant_tables() -> impl Iterator<Item = &'static str> {
    let later = credits::GUARDED.iter().chain(rights::GUARDED).map(|(table, _)| *table);
    let later = later.chain(forecasts::TABLES.iter().copied()).chain([
        call_window::TABLE,
        provider_keys::TABLE,
        judgements::TABLE,
    ]);
    let later = later.chain(documents::GUARDED.iter().map(|(table, _)| *table));
    let kept = audit_retention::GUARDED.iter().map(|(table, _)| *table);
    first::TENANT_TABLES.iter().copied().chain(later).chain(kept)
}

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
            Box::new(credits::Credits),
            Box::new(vocabulary::Vocabulary),
            Box::new(forecasts::Forecasts),
            Box::new(call_window::CallWindow),
            Box::new(chain_heads::ChainHeads),
            Box::new(rights::Rights),
            Box::new(documents::Documents),
            Box::new(audit_retention::AuditRetention),
            Box::new(key_states::KeyStates),
            Box::new(provider_keys::ProviderKeys),
            Box::new(fair_window::FairWindow),
            Box::new(judgements::Judgements),
            Box::new(text_numbers::TextNumbers),
            Box::new(lasting_claims::LastingClaims),
            Box::new(ai_window::AiWindow),
            Box::new(tenant_route::TenantRoute),
            Box::new(hold_guard::HoldGuard),
            Box::new(audit_spool::AuditSpool),
        ]
    }
}

impl Migrator {
    /// Names of all migrations.
    pub(crate) fn names() -> Vec<String> {
        Self::migrations().iter().map(|migration| migration.name().to_owned()).collect()
    }
}
