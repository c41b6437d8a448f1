//! What can go wrong with a store; causes stay inside.

use pm33_admission::AdmissionError;
use pm33_auth::AuthError;
use pm33_billing::BillingError;
use pm33_product::ProductError;
use pm33_tenancy::TenancyError;
use sea_orm::DbErr;

/// An error of the store itself.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be opened or refuses to serve.
    #[error("the database cannot be used: {why}")]
    Unusable {
        /// Why, and what to do.
        why: String,
    },
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
    /// Other writers held the database for too long.
    #[error("the database is busy")]
    Busy,
    /// A group of writes was lost together: disk, connection. Nothing of it is to be seen; only a process that ends before
    /// the next write may have left it in the log, and then it has happened as a whole.
    #[error("the write was not committed")]
    NotCommitted,
    /// The store is closing.
    #[error("the store is closed")]
    Closed,
    /// A session of one tenant was asked for another's data: a defect of the caller's.
    #[error("a session of another tenant")]
    Foreign,
    /// A unit in the name of a member who was erased while it ran: nothing of it is kept.
    #[error("the member in whose name this was done was erased")]
    Erased,
    /// A stored value cannot be read.
    #[error("a stored {what} cannot be read")]
    Corrupt {
        /// The column or table.
        what: &'static str,
    },
}

macro_rules! unavailable {
    ($($error:ty),*) => {$(
        impl From<StoreError> for $error {
            fn from(error: StoreError) -> Self {
                Self::Unavailable(Box::new(error))
            }
        }
    )*};
}

unavailable!(AdmissionError, AuthError, BillingError, TenancyError);

impl From<StoreError> for ProductError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy,
            other => Self::Unavailable(Box::new(other)),
        }
    }
}

/// Whether the database refused because of a unique key.
pub(crate) fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
}

/// Whether the database refused because what is referred to is not there.
pub(crate) fn is_dangling(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::ForeignKeyConstraintViolation(_)))
}
