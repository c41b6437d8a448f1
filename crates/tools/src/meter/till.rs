//! A call's till: the hold, what runs under it, and what was used. It outlives the tool's future, which may be dropped at
//! any point; the engine closes it and settles.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pm33_ai::{AiError, Completion, ModelName};
use pm33_billing::{Backing, HoldId, MicroCredits, Payer, Receipt, UsageRecord};
use pm33_tenancy::TenantId;
use pm33_text::Detection;
use tokio::sync::oneshot;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Bill, call::Asked};
use crate::ToolError;

/// A call's till.
#[derive(Debug, Default)]
pub struct Till {
    stop: CancellationToken,
    tasks: TaskTracker,
    account: Arc<Mutex<Option<Account>>>,
    speaking: Mutex<Option<Speaking>>,
}

/// Data of a call's prompts that speak to a model instead of to people.
#[derive(Clone, Debug)]
pub struct Speaking {
    /// What was found.
    pub found: Detection,
    /// What became of the prompts.
    pub became: Became,
}

/// What became of a prompt with such data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// It was sent, the data in its fence.
    Sent,
    /// The tenant does not want that; nothing was sent.
    Refused,
}

/// What the till holds.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) tenant: TenantId,
    pub(super) hold: HoldId,
    pub(super) backing: Backing,
    pub(super) first: ModelName,
    pub(super) payer: Payer,
    pub(super) usage: Vec<UsageRecord>,
    pub(super) notices: Vec<String>,
    /// What is left of the hold for questions.
    left: MicroCredits,
    /// Questions so far.
    asked: u32,
}

impl Till {
    fn account(&self) -> MutexGuard<'_, Option<Account>> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a hold in.
    pub(super) fn open(&self, receipt: &Receipt, first: ModelName) -> Result<(), ToolError> {
        let hold = &receipt.hold;
        let notices = receipt.notices.iter().map(|notice| {
            let (share, subject, period) = (notice.percent, notice.subject, notice.period.name());
            format!(
                "{share} % of the {period} ceiling of {} credits for {subject} is reached",
                notice.ceiling
            )
        });
        let mut account = self.account();
        if account.is_some() {
            return Err(ToolError::Unavailable {
                message: "a call plans its questions once".to_owned(),
                cause: "a second meter was opened in one call".into(),
            });
        }
        *account = Some(Account {
            tenant: hold.tenant,
            hold: hold.id,
            backing: hold.backing,
            first,
            payer: Payer::Tenant,
            usage: Vec::new(),
            notices: notices.collect(),
            left: hold.amount,
            asked: 0,
        });
        Ok(())
    }

    /// The hold that is open.
    pub(crate) fn held(&self) -> Option<(TenantId, HoldId)> {
        self.account().as_ref().map(|account| (account.tenant, account.hold))
    }

    /// The number of a question that may cost so much, when that is left.
    pub(super) fn reserve(&self, bound: MicroCredits) -> Result<u32, ToolError> {
        let mut account = self.account();
        let Some(account) = account.as_mut().filter(|account| bound <= account.left) else {
            return Err(ToolError::Unavailable {
                message: "the call would cost more than was held for it, so it was stopped".to_owned(),
                cause: "a question goes beyond its plan".into(),
            });
        };
        account.left = account.left.minus(bound)?;
        account.asked += 1;
        Ok(account.asked)
    }

    /// Notes what a prompt's data say to a model.
    pub(super) fn note_speaking(&self, found: Detection, became: Became) {
        let mut speaking = self.speaking.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = speaking.get_or_insert_with(|| Speaking { found: Detection::default(), became });
        noted.found.merge(found);
        noted.became = became;
    }

    /// What the data of the call's prompts said to a model; once.
    pub fn take_speaking(&self) -> Option<Speaking> {
        self.speaking.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn charge_platform(&self) {
        if let Some(account) = self.account().as_mut() {
            account.payer = Payer::Platform;
        }
    }

    /// Asks beside the tool: dropped, this stops the question, and what it used is noted all the same.
    pub(super) async fn run(&self, asked: Asked) -> Result<Completion, AiError> {
        let cancelled = self.stop.child_token();
        let guard = cancelled.clone().drop_guard();
        let (tell, told) = oneshot::channel();
        let account = Arc::clone(&self.account);
        self.tasks.spawn(async move {
            let (ended, used) = asked.run(cancelled).await;
            let priced = used.map(|used| asked.priced(&used)).transpose();
            if let Some(account) = account.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
                account.note(asked.bound, priced);
            }
            // Nobody may be waiting any more.
            let _ = tell.send(ended);
        });
        let ended = told.await.unwrap_or(Err(AiError::Cancelled { usage: None }));
        guard.disarm();
        ended
    }

    /// What was used so far, and is paid by the tenant.
    pub(crate) fn spent(&self) -> MicroCredits {
        let account = self.account();
        let usage = account.as_ref().map(|account| account.usage.as_slice()).unwrap_or_default();
        usage.iter().fold(MicroCredits::ZERO, |sum, record| sum.plus(record.amount).unwrap_or(sum))
    }

    /// Stops what still runs, waits until it has told what it used, and hands out the bill. To be called when the tool
    /// has ended, in whatever way; the bill is to be settled.
    pub async fn close(&self) -> Option<Bill> {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.account().take().map(Bill::of)
    }
}

impl Account {
    fn note(&mut self, bound: MicroCredits, used: Result<Option<UsageRecord>, pm33_billing::BillingError>) {
        // A cost that cannot be counted keeps its bound.
        let Ok(used) = used else { return };
        let cost = used.as_ref().map_or(MicroCredits::ZERO, |record| record.amount);
        let left = bound.minus(cost).and_then(|back| self.left.plus(back));
        self.left = left.unwrap_or(self.left);
        self.usage.extend(used);
    }
}
