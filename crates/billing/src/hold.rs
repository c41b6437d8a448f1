//! Holds: what a call may cost at most, set aside before anything is sent, and resolved exactly once.

use std::{fmt, str::FromStr, time::Duration};

use pm33_tenancy::{KeyId, TenantId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Accounts, BillingError, Ceilings, Entry, EntryKind, MicroCredits, Notice, Period, Postings, Subject,
};

/// A hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct HoldId(Uuid);

impl HoldId {
    /// Wraps an identifier.
    pub const fn from_uuid(id: Uuid) -> Self {
        Self(id)
    }

    /// The bare UUID.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for HoldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for HoldId {
    type Err = BillingError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self).map_err(|_| BillingError::NoSuchHold)
    }
}

/// What pays for a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Backing {
    /// The tenant's credits: a hold that they do not cover is refused.
    Credits,
    /// Whatever it takes: usage is recorded and credits do not limit it; ceilings do, where the owner set some.
    Unlimited,
}

impl Backing {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credits => "credits",
            Self::Unlimited => "unlimited",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Credits, Self::Unlimited].into_iter().find(|backing| backing.as_str() == word)
    }
}

/// How a hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// Set aside.
    Open,
    /// Paid.
    Settled,
    /// Given back unused.
    Released,
    /// Came to its end; nothing had been sent.
    Expired,
    /// Came to its end after something had been sent.
    Indeterminate,
}

impl HoldState {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Open, Self::Settled, Self::Released, Self::Expired, Self::Indeterminate];

    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Settled => "settled",
            Self::Released => "released",
            Self::Expired => "expired",
            Self::Indeterminate => "indeterminate",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// How many calls may run at the same time: open holds of the tenant, of the key, and of the tenant for this tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Of the tenant.
    pub tenant: u32,
    /// Of the key.
    pub key: u32,
    /// Of the tenant for the tool.
    pub tool: u32,
}

impl Default for Room {
    fn default() -> Self {
        Self { tenant: 8, key: 2, tool: 8 }
    }
}

/// What is asked for before a call.
#[derive(Clone, Debug)]
pub struct HoldRequest {
    /// A fresh identifier.
    pub id: HoldId,
    /// Who pays.
    pub tenant: TenantId,
    /// Who calls; none for a local owner.
    pub key: Option<KeyId>,
    /// The tool that calls.
    pub tool: String,
    /// The most that it may cost.
    pub most: MicroCredits,
    /// When.
    pub at: Timestamp,
    /// How long it may stay open.
    pub life: Duration,
    /// What pays.
    pub backing: Backing,
    /// Limits of spending.
    pub ceilings: Ceilings,
    /// Limits of calls at the same time.
    pub room: Room,
}

/// A hold as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Identifier.
    pub id: HoldId,
    /// Who pays.
    pub tenant: TenantId,
    /// Who called.
    pub key: Option<KeyId>,
    /// The tool.
    pub tool: String,
    /// What is set aside.
    pub amount: MicroCredits,
    /// Since when.
    pub at: Timestamp,
    /// Until when.
    pub expires: Timestamp,
    /// What pays.
    pub backing: Backing,
    /// How it stands.
    pub state: HoldState,
}

/// A hold that was taken. It must be settled: what is dropped is returned by the sweep only when its life is over.
#[derive(Clone, Debug)]
#[must_use = "a hold is settled or released; dropped, it locks credits until its life is over"]
pub struct Receipt {
    /// The hold.
    pub hold: Hold,
    /// What is left to hold.
    pub available: MicroCredits,
    /// Ceilings of which a share was crossed.
    pub notices: Vec<Notice>,
}

/// What the store sees, under the tenant's lock, when a hold is asked for.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// The accounts.
    pub accounts: Accounts,
    /// Whether the tenant's AI calls are stopped.
    pub frozen: bool,
    /// Open holds of the tenant, of the key, and of the tenant for the tool.
    pub open: [u32; 3],
    /// What is spent or held in each period that the call is counted in.
    pub committed: Vec<((Subject, Period), MicroCredits)>,
}

/// Decides about a hold; the entry that takes it, and notices.
///
/// # Errors
/// Why it is not taken, with the shortfall. Nothing is sent to a provider then.
pub fn admit(request: &HoldRequest, scene: &Scene) -> Result<(Entry, Vec<Notice>), BillingError> {
    if scene.frozen {
        return Err(BillingError::Frozen);
    }
    if request.most.is_negative() {
        return Err(BillingError::Invalid { what: "hold", rule: "is never below zero" });
    }
    let key = request.key.map_or(Subject::Tenant, Subject::Key);
    let tool = format!("calls of {}", request.tool);
    let rules = [
        (Subject::Tenant, request.room.tenant, "AI calls".to_owned()),
        (key, if request.key.is_some() { request.room.key } else { u32::MAX }, "AI calls".to_owned()),
        (Subject::Tenant, request.room.tool, tool),
    ];
    for (open, (subject, most, what)) in scene.open.into_iter().zip(rules) {
        if open >= most {
            return Err(BillingError::TooMany { subject, what, most });
        }
    }
    request.ceilings.check_call(request.most)?;
    let available = scene.accounts.sums.available;
    if request.backing == Backing::Credits && request.most > available {
        return Err(BillingError::Short { needed: request.most, available });
    }
    let mut notices = Vec::new();
    for (place, committed) in &scene.committed {
        notices.extend(request.ceilings.check(*place, *committed, request.most)?);
    }
    let postings = back(request.backing, request.most.negated()?, request.most);
    Ok((Entry::about(request.id, EntryKind::Hold, request.at, postings), notices))
}

/// Moves between a hold and what pays for it.
pub(crate) fn back(backing: Backing, source: MicroCredits, held: MicroCredits) -> Postings {
    match backing {
        Backing::Credits => Postings { available: source, held, ..Postings::default() },
        Backing::Unlimited => Postings { funding: source, held, ..Postings::default() },
    }
}

/// Whether anything was sent to a provider under a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Nothing.
    Nothing,
    /// Something; what it cost is not known.
    Something,
}

/// Ends a hold whose life is over: what was set aside goes back. The tenant is not charged for what is not known.
///
/// # Errors
/// [`BillingError::Resolved`] when it is not open; [`BillingError::Invalid`] before its time.
pub fn expire(hold: &Hold, sent: Sent, now: Timestamp) -> Result<(Entry, HoldState), BillingError> {
    if hold.state != HoldState::Open {
        return Err(BillingError::Resolved { state: hold.state.as_str() });
    }
    if now < hold.expires {
        return Err(BillingError::Invalid { what: "hold", rule: "its life is not over" });
    }
    let (kind, state) = match sent {
        Sent::Nothing => (EntryKind::Expiry, HoldState::Expired),
        Sent::Something => (EntryKind::Indeterminate, HoldState::Indeterminate),
    };
    let postings = back(hold.backing, hold.amount, hold.amount.negated()?);
    Ok((Entry::about(hold.id, kind, now, postings), state))
}
