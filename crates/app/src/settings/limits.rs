//! Section `limits`: what callers and sessions may use.

use std::time::Duration;

use pm33_tenancy::{AiLimits, EffectiveSettings, InjectionAction};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Broken, in_range};

/// What callers and sessions may use; a tenant's own settings go over these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitSettings {
    /// Admitted calls per key in any 60 seconds: 1 to 1,000,000.
    pub calls_per_minute_key: u32,
    /// Admitted calls per tenant in any 60 seconds: 1 to 10,000,000.
    pub calls_per_minute_tenant: u32,
    /// Calls of AI tools per key in any 60 seconds: 1 to 100,000. They count as calls too.
    pub ai_calls_per_minute_key: u32,
    /// Calls of AI tools per tenant in any 60 seconds: 1 to 1,000,000.
    pub ai_calls_per_minute_tenant: u32,
    /// Calls that are refused by a limit within a minute and after which a key is suspended for 15 minutes: 60 to 60,000;
    /// 0: never. `pm33-admin key release` ends it sooner.
    pub suspend_after: u32,
    /// What becomes of a call whose texts speak to a language model: `flag` goes on, `quarantine` keeps it as data and refuses
    /// it to AI tools, `block` refuses it. What was found is in the audit log and in the answer.
    pub injection: InjectionAction,
    /// Idle minutes after which a session ends, and a cursor or another handle that was not used: 1 to 1,440.
    pub session_idle_minutes: u32,
    /// Live legacy sessions per tenant: 1 to 100,000.
    pub sessions_max: u32,
    /// Longest life of a key in days: 1 to 3,650.
    pub key_max_days: u32,
    /// Days that a tenant's audit log is kept: 1 to 3,650. A plan has a least and a most: trial 1 to 90, team 30 to 1,095,
    /// enterprise 90 to 3,650.
    pub audit_days: u32,
    /// Days that a document is kept after its last change: 1 to 3,650; 0: as long as its workspace. A trial's are kept 90 at
    /// most.
    pub document_days: u32,
    /// Servers that share one PostgreSQL: 1 to 1,000. They share the limits of calls and of AI calls by it, however many they
    /// are; while it cannot be asked, each admits this part of a limit. Of requests without a valid key each admits this part
    /// of a network's (`server.failed_auths`, `server.open_requests`).
    pub replicas: u32,
    /// Credits that a tenant may spend on AI calls a day (UTC): up to 1,000,000,000; 0: no ceiling.
    pub credits_per_day: u32,
    /// Credits that a tenant may spend a month: up to 1,000,000,000; 0: no ceiling.
    pub credits_per_month: u32,
    /// Credits that one key may spend a day: up to 1,000,000,000; 0: no ceiling.
    pub credits_per_key_day: u32,
    /// Credits that one key may spend a month: up to 1,000,000,000; 0: no ceiling.
    pub credits_per_key_month: u32,
    /// Credits that one call may cost: up to 1,000,000,000; 0: no ceiling.
    pub credits_per_call: u32,
    /// AI calls of a tenant at the same time: 1 to 10,000.
    pub ai_calls: u32,
    /// AI calls of one key at the same time: 1 to 10,000.
    pub ai_calls_key: u32,
    /// PRDs that a tenant generates at the same time: 1 to 10,000.
    pub prd_calls: u32,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            calls_per_minute_key: 60,
            calls_per_minute_tenant: 300,
            ai_calls_per_minute_key: 10,
            ai_calls_per_minute_tenant: 30,
            suspend_after: 600,
            injection: InjectionAction::Flag,
            session_idle_minutes: 30,
            sessions_max: 1_000,
            key_max_days: 365,
            audit_days: 365,
            document_days: 0,
            replicas: 2,
            credits_per_day: 0,
            credits_per_month: 0,
            credits_per_key_day: 0,
            credits_per_key_month: 0,
            credits_per_call: 0,
            ai_calls: 8,
            ai_calls_key: 2,
            prd_calls: 2,
        }
    }
}

impl LimitSettings {
    pub(super) fn validate(&self) -> Result<(), Broken> {
        let ranges = [
            ("calls_per_minute_key", self.calls_per_minute_key, 1, 1_000_000),
            ("calls_per_minute_tenant", self.calls_per_minute_tenant, 1, 10_000_000),
            ("ai_calls_per_minute_key", self.ai_calls_per_minute_key, 1, 100_000),
            ("ai_calls_per_minute_tenant", self.ai_calls_per_minute_tenant, 1, 1_000_000),
            ("session_idle_minutes", self.session_idle_minutes, 1, 1_440),
            ("sessions_max", self.sessions_max, 1, 100_000),
            ("key_max_days", self.key_max_days, 1, 3_650),
            ("audit_days", self.audit_days, 1, 3_650),
            ("document_days", self.document_days, 0, 3_650),
            ("credits_per_day", self.credits_per_day, 0, 1_000_000_000),
            ("credits_per_month", self.credits_per_month, 0, 1_000_000_000),
            ("credits_per_key_day", self.credits_per_key_day, 0, 1_000_000_000),
            ("credits_per_key_month", self.credits_per_key_month, 0, 1_000_000_000),
            ("credits_per_call", self.credits_per_call, 0, 1_000_000_000),
            ("ai_calls", self.ai_calls, 1, 10_000),
            ("ai_calls_key", self.ai_calls_key, 1, 10_000),
            ("prd_calls", self.prd_calls, 1, 10_000),
            ("replicas", self.replicas, 1, 1_000),
        ];
        ranges
            .into_iter()
            .try_for_each(|(key, value, least, most)| in_range(key, value.into(), least, most))?;
        if self.suspend_after == 0 {
            return Ok(());
        }
        in_range("suspend_after", self.suspend_after.into(), 60, 60_000)
    }

    /// These limits as every tenant's defaults.
    pub(super) fn defaults(&self) -> EffectiveSettings {
        EffectiveSettings {
            calls_per_minute_key: self.calls_per_minute_key,
            calls_per_minute_tenant: self.calls_per_minute_tenant,
            ai_calls_per_minute_key: self.ai_calls_per_minute_key,
            ai_calls_per_minute_tenant: self.ai_calls_per_minute_tenant,
            suspend_after: self.suspend_after,
            injection: self.injection,
            session_idle: Duration::from_secs(u64::from(self.session_idle_minutes) * 60),
            key_max_life: Duration::from_secs(u64::from(self.key_max_days) * 86_400),
            audit_days: self.audit_days,
            document_days: self.document_days,
            sessions_max: self.sessions_max,
            ai: AiLimits {
                credits_per_day: self.credits_per_day,
                credits_per_month: self.credits_per_month,
                credits_per_key_day: self.credits_per_key_day,
                credits_per_key_month: self.credits_per_key_month,
                credits_per_call: self.credits_per_call,
                ai_calls: self.ai_calls,
                ai_calls_key: self.ai_calls_key,
                prd_calls: self.prd_calls,
            },
            ..EffectiveSettings::default()
        }
    }
}
