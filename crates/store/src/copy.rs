//! Copies of the embedded database: one is taken while others write, and whether others have a file open is found out
//! before it is put aside.

use std::path::{Path, PathBuf};

use crate::{Store, StoreError, engine::sqlite, store::Writer};

impl Store {
    /// Writes the embedded database, as it is at one moment, into a new file. Nobody is kept from writing meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] on PostgreSQL, which has tools of its own; else when the file cannot be written.
    pub async fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        match (&self.inner.writer, &self.inner.options.database) {
            (Writer::Lane(_), crate::Database::Sqlite { path }) => {
                self.inner.settle().await?;
                sqlite::copy(path, file).await
            }
            _ => Err(StoreError::Unusable { why: "a PostgreSQL database is copied with pg_dump".to_owned() }),
        }
    }

    /// Folds the write-ahead log of an embedded database into its file, so that the file alone is the database;
    /// false, with nothing done, when some process has it open.
    ///
    /// # Errors
    /// When the file is no database.
    pub async fn fold(file: &Path) -> Result<bool, StoreError> {
        sqlite::fold(file).await
    }

    /// The folder beside an embedded database where audit rows lie until they are in its log; it goes where the database goes.
    pub fn spool(file: &Path) -> PathBuf {
        let mut name = file.as_os_str().to_owned();
        name.push("-audit");
        name.into()
    }
}
