//! JSON-RPC 2.0: one message in, one message out.

mod decode;
mod encode;
mod error;
mod id;
mod mirrored;
mod scan;
mod shallow;

pub use decode::{Incoming, decode};
pub use encode::{encode_error, encode_large_result, encode_notification, encode_request, encode_result};
pub use error::{DecodeError, ErrorObject, Unreadable};
pub use id::RequestId;
pub use mirrored::{MirroredResult, encode_mirrored_result};
