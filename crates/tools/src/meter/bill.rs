//! What a call owes, and how it is settled.

use pm33_billing::{Backing, Ledger, Payer, Settlement, Tokens};
use pm33_tenancy::{TenantId, Timestamp, Usage};
use serde_json::{Value, json};

use super::till::Account;
use crate::{Ports, ToolError};

/// What a call owes. Not settled, its hold stays until its life is over.
#[derive(Debug)]
#[must_use = "a bill is settled in the call's unit of work"]
pub struct Bill(Account);

/// What was charged.
#[derive(Clone, Debug)]
pub struct Charge {
    /// For the audit row.
    pub usage: Usage,
    /// For the result's `_meta`: cost, what is left, and by whom and how much was worked.
    pub told: Value,
}

/// For the `_meta` of an AI tool's result that asked nobody: it cost nothing, and what is left.
///
/// # Errors
/// When the store does not answer.
pub async fn nothing_charged(ports: &dyn Ports, tenant: TenantId) -> Result<Value, ToolError> {
    let remaining = match Ledger::backing(ports, tenant).await? {
        Backing::Unlimited => "unlimited".to_owned(),
        Backing::Credits => Ledger::standing(ports, tenant, &[]).await?.accounts.sums.available.to_string(),
    };
    Ok(json!({ "charged": "0", "remaining": remaining }))
}

impl Bill {
    pub(super) fn of(account: Account) -> Self {
        Self(account)
    }

    /// The tenant got nothing for it: the operator pays.
    pub fn charge_platform(&mut self) {
        self.0.payer = Payer::Platform;
    }

    /// Pays by what was used, or gives the hold back; joins the unit.
    ///
    /// # Errors
    /// When the store does not answer; the bill can be settled again then.
    pub async fn settle(&self, ports: &dyn Ports, at: Timestamp) -> Result<Charge, ToolError> {
        let Account { tenant, hold, payer, usage, .. } = &self.0;
        let settlement = Settlement { usage: usage.clone(), payer: *payer, at };
        let settled = Ledger::settle(ports, *tenant, *hold, &settlement).await?;
        let last = usage.last();
        let provider = last.map_or(&self.0.first.provider, |record| &record.provider);
        let model = last.map_or(&self.0.first.model, |record| &record.model);
        let sum = usage.iter().fold(Tokens::default(), |sum, record| sum.plus(&record.tokens));
        let mut told = json!({
            "charged": settled.charged.to_string(),
            "hold": hold.to_string(),
            "provider": provider,
            "model": model,
            "calls": usage.len(),
            "tokens": sum,
        });
        if let Some(fields) = told.as_object_mut() {
            let remaining = match self.0.backing {
                Backing::Credits => Value::from(settled.available.to_string()),
                Backing::Unlimited => Value::from("unlimited"),
            };
            fields.insert("remaining".to_owned(), remaining);
            if !self.0.notices.is_empty() {
                fields.insert("notices".to_owned(), self.0.notices.clone().into());
            }
        }
        let usage = Usage {
            tokens: settled.tokens,
            micro_credits: u64::try_from(settled.charged.micros()).unwrap_or(0),
            hold: Some(hold.uuid()),
            provider: provider.as_str().into(),
            model: model.as_str().into(),
        };
        Ok(Charge { usage, told })
    }
}
