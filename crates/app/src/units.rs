//! A long write cut into units of work that are small in number and time, so that others get their turn at the writer.

use std::time::Duration;

use pm33_store::Session;
use pm33_tenancy::{TenantId, Timestamp};

use crate::{Foundation, operator};

/// Most writes in one unit.
const WRITES: usize = 200;
/// Fewest things that are written together.
const LEAST: usize = 4;
/// How long a unit goes on taking writes, about: on SQLite nobody else writes meanwhile, not even an audit row. Calls of other
/// processes also feel a core that is busy for longer at a time (docs/performance.md has figures).
const LONGEST: Duration = Duration::from_micros(400);
/// Longest rest after a unit. It rests as long as it read and wrote, so that whoever waits for the writer, or for a core, gets
/// half of the time; a process that tries again finds it free.
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
    /// When the last rest ended.
    woke: Timestamp,
    /// How many writes together take about as long as a unit may.
    together: usize,
}

impl<'f> Units<'f> {
    /// Units of a tenant; each leaves an audit row of this act.
    pub(crate) fn new(foundation: &'f Foundation, tenant: TenantId, act: &'static str) -> Self {
        let session = foundation.store.session(tenant);
        let now = foundation.clock.now();
        Self { foundation, tenant, act, session, writes: 0, begun: now, woke: now, together: LEAST }
    }

    /// The session that the next write joins.
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// How many things are to be written together in the next unit.
    pub(crate) fn together(&self) -> usize {
        self.together
    }

    /// Begins to count the unit's time: what was read until now needed no writer.
    pub(crate) fn begin(&mut self) {
        self.begun = self.foundation.clock.now();
    }

    /// Commits things that were written together since [`Self::begin`]; the next are as many as fit into a unit.
    pub(crate) async fn written_together(&mut self, number: usize) -> Result<(), Fault> {
        let took = self.foundation.clock.now().since(self.begun).as_micros().max(1);
        let fit = LONGEST.as_micros() * u128::try_from(number).unwrap_or(1) / took;
        let fit = usize::try_from(fit).map_or(WRITES, |fit| fit.clamp(LEAST, WRITES));
        // Step by step: one slow unit says little.
        self.together = (self.together * 3 + fit).div_ceil(4);
        self.commit().await
    }

    /// Counts a write; whether the unit was full and is committed.
    pub(crate) async fn written(&mut self) -> Result<bool, Fault> {
        self.writes += 1;
        if self.writes < WRITES && self.foundation.clock.now().since(self.begun) < LONGEST {
            return Ok(false);
        }
        self.commit().await?;
        Ok(true)
    }

    /// Commits the unit and rests.
    async fn commit(&mut self) -> Result<(), Fault> {
        let now = self.foundation.clock.now();
        let next = self.foundation.store.session(self.tenant);
        let full = std::mem::replace(&mut self.session, next);
        full.commit(operator::act(self.tenant, self.act, None, now)).await?;
        let worked = self.foundation.clock.now().since(self.woke);
        tokio::time::sleep(worked.min(REST)).await;
        let now = self.foundation.clock.now();
        (self.writes, self.begun, self.woke) = (0, now, now);
        Ok(())
    }

    /// Commits the last unit.
    pub(crate) async fn finish(self) -> Result<(), Fault> {
        let now = self.foundation.clock.now();
        self.session.commit(operator::act(self.tenant, self.act, None, now)).await?;
        Ok(())
    }
}
