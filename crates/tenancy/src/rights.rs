//! Data-subject rights: requests with their deadlines, limits of processing that every call asks for, and the marks that
//! keep an erased person from coming back.

mod deadlines;
mod erased;
mod limits;
mod port;
mod request;
mod subject;

pub use deadlines::{Deadlines, Law};
pub use erased::{ErasedMark, erased_member, erased_name, erased_organisation};
pub use limits::{ProcessingLimit, ProcessingRules, Stopped};
pub use port::{PrivacyRequests, Processing, may_use_model};
pub use request::{
    Closing, Extension, IdentityCheck, PrivacyRequest, RequestId, RequestKind, RequestState, RequestSubject,
};
pub use subject::DataSubject;
