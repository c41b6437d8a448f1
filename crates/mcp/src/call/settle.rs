//! Stage: what a call's questions to language models cost is settled in its unit of work, whatever became of the call.

use pm33_auth::Caller;
use pm33_tenancy::{Actor, AuditEvent, ClientFacts, Clock, Outcome};
use pm33_tools::{Bill, Cost, ToolError, nothing_charged};
use serde_json::Value;

use crate::{CallStore, CommitError, failure::Failure, request::Request, server::Core};

/// What a call owes; for the result's `_meta`, what it was charged.
#[derive(Debug, Default)]
pub(crate) struct Owed {
    // A request passes many hands, and most owe nothing.
    bill: Option<Box<Bill>>,
    told: Option<Box<Value>>,
}

impl Owed {
    pub(crate) fn of(bill: Option<Bill>) -> Self {
        Self { bill: bill.map(Box::new), told: None }
    }

    /// What was charged, once it is settled.
    pub(crate) fn told(&self) -> Option<&Value> {
        self.told.as_deref()
    }

    /// Whether anything was held.
    pub(crate) fn is_any(&self) -> bool {
        self.bill.is_some()
    }

    /// The operator pays: the tenant got nothing for it.
    pub(crate) fn charge_platform(&mut self) {
        if let Some(bill) = &mut self.bill {
            bill.charge_platform();
        }
    }
}

/// Settles in a unit of work. The bill stays until the unit is committed: a unit that is not can be made again.
pub(crate) async fn settle(
    request: &mut Request,
    store: &dyn CallStore,
    clock: &dyn Clock,
) -> Result<(), ToolError> {
    let Some(bill) = &request.owed.bill else { return Ok(()) };
    let charge = Box::pin(bill.settle(store.ports(), clock.now())).await?;
    request.record.usage = Some(Box::new(charge.usage));
    request.owed.told = Some(Box::new(charge.told));
    Ok(())
}

/// Tells with the result of an AI tool that asked nobody that it cost nothing.
pub(crate) async fn tell_free(
    request: &mut Request,
    store: &dyn CallStore,
    cost: Cost,
) -> Result<(), ToolError> {
    if cost == Cost::Credits && !request.owed.is_any() {
        let nothing = Box::pin(nothing_charged(store.ports(), request.caller.tenant)).await?;
        request.owed.told = Some(Box::new(nothing));
    }
    Ok(())
}

/// Settles in a unit of its own, when the call's could not be committed. What was asked for somebody who was erased
/// meanwhile is settled in nobody's name.
pub(crate) async fn alone(core: &Core, caller: &Caller, owed: &Owed, event: Box<AuditEvent>) {
    let Some(bill) = &owed.bill else { return };
    let nobodys = AuditEvent {
        actor: Actor { user: None, ..event.actor },
        client: ClientFacts::default(),
        ..(*event).clone()
    };
    let mut settled = settled_alone(core, caller, bill, *event).await;
    if let Err(Unsettled::Uncommitted(CommitError::Erased)) = settled {
        settled = settled_alone(core, caller, bill, nobodys).await;
    }
    if let Err(error) = settled {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "a hold was not settled; it waits for its end"
        );
    }
}

/// Why a bill was not settled.
#[derive(Debug, thiserror::Error)]
enum Unsettled {
    #[error(transparent)]
    Refused(#[from] ToolError),
    #[error(transparent)]
    Uncommitted(#[from] CommitError),
}

async fn settled_alone(
    core: &Core,
    caller: &Caller,
    bill: &Bill,
    event: AuditEvent,
) -> Result<(), Unsettled> {
    let store = core.stores.open(caller);
    let charge = bill.settle(store.ports(), core.clock.now()).await?;
    let lost = AuditEvent {
        outcome: Outcome::Error,
        code: "unavailable".into(),
        usage: Some(charge.usage),
        ..event
    };
    Ok(store.commit(Box::new(lost)).await?)
}

/// Settles for a call that failed: what the client gave up or waited too long for is its own; what we broke is ours.
pub(crate) async fn after_failure(
    request: &mut Request,
    store: &dyn CallStore,
    failure: &Failure,
    clock: &dyn Clock,
) {
    if !matches!(failure, Failure::Cancelled | Failure::TimedOut(_)) {
        request.owed.charge_platform();
    }
    if let Err(error) = settle(request, store, clock).await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "a hold was not settled; it waits for its end"
        );
    }
}
