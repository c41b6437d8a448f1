//! Opaque handles for one caller: the sealer's, bound to tenant and principal.

use std::{sync::Arc, time::Duration};

use pm33_auth::{Caller, Sealer};
use pm33_tenancy::Timestamp;
use pm33_tools::{Handles, ToolError};

/// Handles of one caller.
pub(crate) struct CallerHandles {
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) tenant: [u8; 16],
    pub(crate) principal: String,
    pub(crate) now: Timestamp,
    pub(crate) life: Duration,
}

impl CallerHandles {
    pub(crate) fn new(sealer: Arc<Sealer>, caller: &Caller, now: Timestamp, life: Duration) -> Self {
        Self { sealer, tenant: *caller.tenant.uuid().as_bytes(), principal: caller.principal(), now, life }
    }
}

impl Handles for CallerHandles {
    fn seal(&self, purpose: &'static str, binding: &[u8], payload: &[u8]) -> String {
        let binding = [&self.tenant[..], self.principal.as_bytes(), binding];
        self.sealer.seal(purpose, &binding, payload, self.now.plus(self.life))
    }

    fn open(&self, purpose: &'static str, binding: &[u8], handle: &str) -> Result<Vec<u8>, ToolError> {
        let binding = [&self.tenant[..], self.principal.as_bytes(), binding];
        Ok(self.sealer.open(purpose, &binding, handle, self.now)?)
    }
}
