//! Stage: the tool's scopes against the key's.

use pm33_tools::ToolEntry;

use crate::{failure::Failure, request::Request};

/// Lets the call through when the key holds every scope that the tool needs.
pub(crate) fn authorise(tool: &ToolEntry, request: &mut Request) -> Result<(), Failure> {
    let needed = tool.spec.scope_set();
    request.record.scopes = tool.scopes().into();
    if request.caller.scopes.contains(needed) { Ok(()) } else { Err(Failure::Scopes(needed)) }
}
