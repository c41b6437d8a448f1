//! A scenario on a workspace: its base, what the changes make of it, and the confirmation that ties a simulation to the
//! writing of the same changes on the same data.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use pm33_planning::{
    Seed,
    scenario::{Base, ValueUnit, apply, base, fingerprint},
    schedule::{Epic, PlanError, portfolio},
};
use pm33_product::Snapshot;
use pm33_tenancy::{Timestamp, WorkspaceRef};

use super::{
    plan_refusal::plan_refusal,
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
        if let Some(circle) = new_circle(&base, &changed) {
            return Err(plan_refusal(&PlanError::Cycle(circle)));
        }
        let planned: BTreeSet<_> = read.items.iter().copied().collect();
        let writes = Writes::of(snapshot, &planned, changes, &sketch.teams, now)?;
        Ok(Self { base, unit, changed, writes })
    }

    /// Epics that are given something to wait for although they are in progress, and so go on from the first day.
    pub(super) fn waiting_in_vain(&self) -> Vec<&str> {
        let waits = |(place, epic): &(usize, &Epic)| {
            epic.under_way && gets_new_needs(&self.base, &self.changed, *place)
        };
        self.changed
            .portfolio
            .epics
            .iter()
            .enumerate()
            .filter(waits)
            .map(|(_, epic)| epic.key.as_str())
            .collect()
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

/// What an epic waits for, by key.
fn needs(base: &Base, place: usize) -> BTreeSet<&str> {
    let epics = &base.portfolio.epics;
    epics[place].depends_on.iter().map(|&(on, _)| epics[on].key.as_str()).collect()
}

/// Whether the changes make an epic wait for something that it did not wait for.
fn gets_new_needs(base: &Base, changed: &Base, place: usize) -> bool {
    let key = &changed.portfolio.epics[place].key;
    let before = base.portfolio.epics.iter().position(|one| one.key == *key);
    let before = before.map(|place| needs(base, place)).unwrap_or_default();
    !needs(changed, place).is_subset(&before)
}

/// Epics that the changes make wait for each other. A plan finds only circles of what has not begun: what is in progress waits
/// for nothing.
fn new_circle(base: &Base, changed: &Base) -> Option<Vec<String>> {
    let epics = &changed.portfolio.epics;
    (0..epics.len()).filter(|&place| gets_new_needs(base, changed, place)).find_map(|first| {
        // Who was come from on the way down; the way back from the first to itself is the circle.
        let mut from: BTreeMap<usize, usize> = BTreeMap::new();
        let mut open = vec![first];
        while let Some(one) = open.pop() {
            for &(on, _) in &epics[one].depends_on {
                if on == first {
                    let mut circle: Vec<_> =
                        std::iter::successors(Some(one), |at| from.get(at).copied()).collect();
                    circle.reverse();
                    return Some(circle.into_iter().map(|place| epics[place].key.clone()).collect());
                }
                if let std::collections::btree_map::Entry::Vacant(entry) = from.entry(on) {
                    entry.insert(one);
                    open.push(on);
                }
            }
        }
        None
    })
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
