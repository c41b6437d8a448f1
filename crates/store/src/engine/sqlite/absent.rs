//! In the place of the embedded database where a build leaves it out: every way in says so.

use std::{future::ready, path::Path};

use sea_orm::DatabaseConnection;

use crate::StoreError;

type Opened = std::future::Ready<Result<DatabaseConnection, StoreError>>;

fn absent() -> Opened {
    ready(Err(StoreError::Unusable {
        why: "this build has no SQLite; build pm33-store with its feature `sqlite`".to_owned(),
    }))
}

/// Refuses.
pub(crate) fn open_writer(_: &Path) -> Opened {
    absent()
}

/// Refuses.
pub(crate) fn open_readers(_: &Path, _: u32) -> Opened {
    absent()
}

/// Refuses.
pub(crate) fn open_whole(_: &Path) -> Opened {
    absent()
}

/// Refuses.
pub(crate) fn open_bare(_: &Path) -> Opened {
    absent()
}
