//! A long write cut into units of work that are small in number and time, so that others get their turn at the writer.

use std::time::Duration;

use pm33_store::Session;
use pm33_tenancy::{TenantId, Timestamp};

use crate::{Foundation, operator};

/// Most writes in one unit.
const WRITES: usize = 200;
/// Longest time that a unit goes on taking writes: on SQLite nobody else writes meanwhile, not even an audit row.
const LONGEST: Duration = Duration::from_millis(8);
/// Longest rest after a unit. It rests as long as the unit took, so that whoever waits for the writer gets half of the time; a
/// process that tries again each millisecond finds it free.
const REST: Duration = Duration::from_millis(20);

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// The unit that is open, and how full it is.
pub(crate) struct Units<'f> {
    foundation: &'f Foundation,
    tenant: TenantId,
    act: &'static str,
    session: Session,
    writes: usize,
    begun: Timestamp,
}

impl<'f> Units<'f> {
    /// Units of a tenant; each leaves an audit row of this act.
    pub(crate) fn new(foundation: &'f Foundation, tenant: TenantId, act: &'static str) -> Self {
        let session = foundation.store.session(tenant);
        Self { foundation, tenant, act, session, writes: 0, begun: foundation.clock.now() }
    }

    /// The session that the next write joins.
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// Counts a write; whether the unit was full and is committed.
    pub(crate) async fn written(&mut self) -> Result<bool, Fault> {
        self.writes += 1;
        let now = self.foundation.clock.now();
        if self.writes < WRITES && now.since(self.begun) < LONGEST {
            return Ok(false);
        }
        let next = self.foundation.store.session(self.tenant);
        let full = std::mem::replace(&mut self.session, next);
        full.commit(operator::act(self.tenant, self.act, None, now)).await?;
        let took = self.foundation.clock.now().since(self.begun);
        tokio::time::sleep(took.min(REST)).await;
        (self.writes, self.begun) = (0, self.foundation.clock.now());
        Ok(true)
    }

    /// Commits the last unit.
    pub(crate) async fn finish(self) -> Result<(), Fault> {
        let now = self.foundation.clock.now();
        self.session.commit(operator::act(self.tenant, self.act, None, now)).await?;
        Ok(())
    }
}
