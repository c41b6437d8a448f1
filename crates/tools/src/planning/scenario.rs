//! A scenario on a workspace: its base, what the changes make of it, and the confirmation that ties a simulation to the
//! writing of the same changes on the same data.

use std::collections::BTreeSet;

use jiff::civil::Date;
use pm33_planning::{
    Seed,
    scenario::{Base, ValueUnit, apply, base, fingerprint},
    schedule::portfolio,
};
use pm33_product::Snapshot;
use pm33_tenancy::{Timestamp, WorkspaceRef};

use super::{
    scenario_change::{ChangeInput, Sketch},
    scenario_writes::Writes,
};
use crate::{ToolContext, ToolError};

/// Names the handles of confirmations.
const PURPOSE: &str = "scenario";

/// A scenario that is ready to be compared or written.
pub(super) struct Scenario {
    pub(super) base: Base,
    pub(super) unit: ValueUnit,
    pub(super) changed: Base,
    pub(super) writes: Writes,
}

impl Scenario {
    /// Reads the workspace and applies the changes.
    pub(super) fn read(
        snapshot: &Snapshot,
        start: Date,
        changes: &[ChangeInput],
        now: Timestamp,
    ) -> Result<Self, ToolError> {
        let read = portfolio(snapshot, start)?;
        let (base, unit) = base(snapshot, &read);
        let mut sketch = Sketch::new(snapshot, start, unit);
        let mut changed = base.clone();
        for (place, change) in (1..).zip(changes) {
            let drawn = sketch.draw(place, change)?;
            (changed, _) =
                apply(&changed, &drawn).map_err(|error| ToolError::refused(error.at(place).to_string()))?;
        }
        let planned: BTreeSet<_> = read.items.iter().copied().collect();
        let writes = Writes::of(snapshot, &planned, changes, &sketch.teams, now)?;
        Ok(Self { base, unit, changed, writes })
    }

    /// The seed of its plans: the base's, so that today's plan is the one that `pm33_schedule_portfolio` tells.
    pub(super) fn seed(&self) -> Seed {
        self.base.portfolio.seed()
    }

    /// A handle that says: these changes were simulated for this caller on this base.
    pub(super) fn confirmation(
        &self,
        ctx: &ToolContext<'_>,
        at: WorkspaceRef,
        changes: &[ChangeInput],
    ) -> String {
        let start = self.base.portfolio.start.to_string();
        let payload = [&fingerprint(&self.base).to_be_bytes()[..], start.as_bytes()].concat();
        ctx.handles.seal(PURPOSE, &binding(at, changes), &payload)
    }
}

/// What a confirmation stands for.
pub(super) struct Confirmed {
    /// The base's number.
    pub(super) fingerprint: u64,
    /// First day of the plan.
    pub(super) start: Date,
}

/// Opens a confirmation of these changes.
pub(super) fn confirmed(
    ctx: &ToolContext<'_>,
    at: WorkspaceRef,
    changes: &[ChangeInput],
    handle: &str,
) -> Result<Confirmed, ToolError> {
    let refused = || {
        ToolError::refused(
            "confirm: is not the confirmation of exactly these changes, or is too old, or another key's; call \
             pm33_simulate_scenario with them, look at its answer, and send its `confirm`",
        )
    };
    let payload = ctx.handles.open(PURPOSE, &binding(at, changes), handle).map_err(|_| refused())?;
    let (number, start) = payload.split_at_checked(8).ok_or_else(refused)?;
    let number = <[u8; 8]>::try_from(number).map_err(|_| refused())?;
    let start = std::str::from_utf8(start).ok().and_then(|start| start.parse().ok()).ok_or_else(refused)?;
    Ok(Confirmed { fingerprint: u64::from_be_bytes(number), start })
}

fn binding(at: WorkspaceRef, changes: &[ChangeInput]) -> Vec<u8> {
    let mut binding = at.workspace().uuid().as_bytes().to_vec();
    // Debug names every field, also those that were not sent.
    binding.extend(format!("{changes:?}").into_bytes());
    binding
}
