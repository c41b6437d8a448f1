//! Stage: the tool's scopes against the key's.

use pm33_tools::ToolSpec;

use crate::{failure::Failure, request::Request};

/// Lets the call through when the key holds every scope that the tool needs.
pub(crate) fn authorise(spec: &ToolSpec, request: &mut Request) -> Result<(), Failure> {
    let needed = spec.scope_set();
    request.record.scopes = needed.to_string().into();
    if request.caller.scopes.contains(needed) { Ok(()) } else { Err(Failure::Scopes(needed)) }
}
