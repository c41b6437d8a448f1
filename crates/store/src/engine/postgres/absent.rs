//! In the place of PostgreSQL's connections where a build leaves them out: every way in says so.

use std::future::{Ready, ready};

use sea_orm::DatabaseConnection;
use secrecy::SecretString;

use crate::StoreError;

fn absent() -> StoreError {
    StoreError::Unusable {
        why: "this build has no PostgreSQL; build pm33-store with its feature `postgres`".to_owned(),
    }
}

/// Refuses.
pub(crate) fn open(_: &SecretString, _: u32) -> Ready<Result<DatabaseConnection, StoreError>> {
    ready(Err(absent()))
}

/// Nobody asks it: no store is opened.
pub(crate) struct Probe;

impl Probe {
    /// Never asked.
    pub(crate) fn new(_: SecretString) -> Self {
        Self
    }

    /// Never answered.
    pub(crate) fn ask(&mut self) -> Ready<bool> {
        ready(false)
    }

    /// Holds nothing.
    pub(crate) fn forget(&mut self) {}
}

/// Refuses.
pub(crate) fn login_of(_: &SecretString) -> Result<String, StoreError> {
    Err(absent())
}
