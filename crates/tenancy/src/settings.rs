//! Per-tenant settings laid over the deployment's.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::TenancyError;

/// What a tenant may set for itself; an absent field means the deployment's value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TenantSettings {
    /// Admitted calls per key in any 60 seconds: 1 to 1,000,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_per_minute_key: Option<u32>,
    /// Admitted calls per tenant in any 60 seconds: 1 to 10,000,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_per_minute_tenant: Option<u32>,
    /// Calls of AI tools per key in any 60 seconds: 1 to 100,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_calls_per_minute_key: Option<u32>,
    /// Calls of AI tools per tenant in any 60 seconds: 1 to 1,000,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_calls_per_minute_tenant: Option<u32>,
    /// Calls that are refused by a limit within a minute and after which a key is suspended for 15 minutes: 60 to 60,000;
    /// 0 is never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspend_after: Option<u32>,
    /// What becomes of a call whose texts speak to a language model: `flag`, `quarantine` or `block`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub injection: Option<InjectionAction>,
    /// Idle minutes after which a session ends: 1 to 1,440.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_idle_minutes: Option<u32>,
    /// Longest life of a key in days: 1 to 3,650.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_max_days: Option<u32>,
    /// Days that the audit log is kept: 1 to 3,650; the plan has a least and a most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_days: Option<u32>,
    /// Days that a document is kept after its last change: 1 to 3,650; 0 is without end. A trial's are kept 90 at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_days: Option<u32>,
    /// Live legacy sessions per tenant: 1 to 100,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions_max: Option<u32>,
    /// Credits that may be spent a day (UTC): 1 to 1,000,000,000; 0 is no ceiling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credits_per_day: Option<u32>,
    /// Credits that may be spent a month: 1 to 1,000,000,000; 0 is no ceiling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credits_per_month: Option<u32>,
    /// Credits that one key may spend a day: 1 to 1,000,000,000; 0 is no ceiling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credits_per_key_day: Option<u32>,
    /// Credits that one key may spend a month: 1 to 1,000,000,000; 0 is no ceiling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credits_per_key_month: Option<u32>,
    /// Credits that one call may cost: 1 to 1,000,000,000; 0 is no ceiling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credits_per_call: Option<u32>,
    /// AI calls at the same time: 1 to 10,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_calls: Option<u32>,
    /// AI calls of one key at the same time: 1 to 10,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_calls_key: Option<u32>,
    /// PRDs that are generated at the same time: 1 to 10,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prd_calls: Option<u32>,
    /// `off`: nothing is sent to a provider of language models; the AI tools do what they can without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai: Option<Switch>,
    /// The provider that is asked: `deployment`, `anthropic`, `openai`, `compatible`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_provider: Option<ProviderChoice>,
    /// `on`: when that provider fails before it has begun to answer, another one of the deployment's is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_fallback: Option<Switch>,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// Which provider of language models a tenant's data may go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderChoice {
    /// The deployment's first.
    Deployment,
    /// Anthropic.
    Anthropic,
    /// OpenAI.
    Openai,
    /// The endpoint that speaks like OpenAI and that the operator named.
    Compatible,
}

/// Whether and to whom a tenant's data may go when an AI tool is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AiUse {
    /// Whether a provider may be asked at all.
    pub state: Switch,
    /// Which one.
    pub provider: ProviderChoice,
    /// Whether another may be asked when that one fails.
    pub fallback: Switch,
}

impl Default for AiUse {
    fn default() -> Self {
        Self { state: Switch::On, provider: ProviderChoice::Deployment, fallback: Switch::Off }
    }
}

/// What becomes of a call whose texts speak to a language model instead of to people (governance I4). Whatever it is, the
/// audit log and the answer say what was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InjectionAction {
    /// It goes on.
    #[default]
    Flag,
    /// It is kept as data, and tools that would send it to a language model refuse it.
    Quarantine,
    /// It is refused.
    Block,
}

/// A tenant's settings with every gap filled by the deployment's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveSettings {
    /// Admitted calls per key in any 60 seconds.
    pub calls_per_minute_key: u32,
    /// Admitted calls per tenant in any 60 seconds.
    pub calls_per_minute_tenant: u32,
    /// Calls of AI tools per key in any 60 seconds.
    pub ai_calls_per_minute_key: u32,
    /// Calls of AI tools per tenant in any 60 seconds.
    pub ai_calls_per_minute_tenant: u32,
    /// Refused calls of a minute after which a key is suspended; 0 is never.
    pub suspend_after: u32,
    /// What becomes of a call whose texts speak to a language model.
    pub injection: InjectionAction,
    /// Idle time after which a session ends.
    pub session_idle: Duration,
    /// Longest life of a key.
    pub key_max_life: Duration,
    /// Days that the audit log is kept, before the plan's least and most.
    pub audit_days: u32,
    /// Days that a document is kept after its last change, before the plan's most; 0 is without end.
    pub document_days: u32,
    /// Live legacy sessions per tenant.
    pub sessions_max: u32,
    /// Limits of AI calls.
    pub ai: AiLimits,
    /// Whether and to whom data may go.
    pub ai_use: AiUse,
}

/// Limits of AI calls: ceilings in whole credits, 0 for none, and calls at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AiLimits {
    /// Credits that may be spent a day.
    pub credits_per_day: u32,
    /// Credits that may be spent a month.
    pub credits_per_month: u32,
    /// Credits that one key may spend a day.
    pub credits_per_key_day: u32,
    /// Credits that one key may spend a month.
    pub credits_per_key_month: u32,
    /// Credits that one call may cost.
    pub credits_per_call: u32,
    /// AI calls at the same time.
    pub ai_calls: u32,
    /// AI calls of one key at the same time.
    pub ai_calls_key: u32,
    /// PRDs that are generated at the same time.
    pub prd_calls: u32,
}

impl Default for AiLimits {
    fn default() -> Self {
        Self {
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

impl Default for EffectiveSettings {
    fn default() -> Self {
        Self {
            calls_per_minute_key: 60,
            calls_per_minute_tenant: 300,
            ai_calls_per_minute_key: 10,
            ai_calls_per_minute_tenant: 30,
            suspend_after: 600,
            injection: InjectionAction::Flag,
            session_idle: Duration::from_mins(30),
            key_max_life: Duration::from_hours(365 * 24),
            audit_days: 365,
            document_days: 0,
            sessions_max: 1_000,
            ai: AiLimits::default(),
            ai_use: AiUse::default(),
        }
    }
}

impl EffectiveSettings {
    /// These settings in the shape of a tenant's own, each field set.
    pub fn as_set(&self) -> TenantSettings {
        let whole = |span: Duration, unit: u64| u32::try_from(span.as_secs() / unit).unwrap_or(u32::MAX);
        TenantSettings {
            calls_per_minute_key: Some(self.calls_per_minute_key),
            calls_per_minute_tenant: Some(self.calls_per_minute_tenant),
            ai_calls_per_minute_key: Some(self.ai_calls_per_minute_key),
            ai_calls_per_minute_tenant: Some(self.ai_calls_per_minute_tenant),
            suspend_after: Some(self.suspend_after),
            injection: Some(self.injection),
            session_idle_minutes: Some(whole(self.session_idle, 60)),
            key_max_days: Some(whole(self.key_max_life, 86_400)),
            audit_days: Some(self.audit_days),
            document_days: Some(self.document_days),
            sessions_max: Some(self.sessions_max),
            credits_per_day: Some(self.ai.credits_per_day),
            credits_per_month: Some(self.ai.credits_per_month),
            credits_per_key_day: Some(self.ai.credits_per_key_day),
            credits_per_key_month: Some(self.ai.credits_per_key_month),
            credits_per_call: Some(self.ai.credits_per_call),
            ai_calls: Some(self.ai.ai_calls),
            ai_calls_key: Some(self.ai.ai_calls_key),
            prd_calls: Some(self.ai.prd_calls),
            ai: Some(self.ai_use.state),
            ai_provider: Some(self.ai_use.provider),
            ai_fallback: Some(self.ai_use.fallback),
        }
    }
}

impl TenantSettings {
    /// What a setting is and what it may be, in words; `None` when there is no such setting.
    pub fn about(name: &str) -> Option<String> {
        let schema = schemars::schema_for!(Self);
        let about = schema.get("properties")?.get(name)?.get("description")?.as_str()?;
        Some(about.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn ai_over(&self, deployment: &AiLimits) -> AiLimits {
        AiLimits {
            credits_per_day: self.credits_per_day.unwrap_or(deployment.credits_per_day),
            credits_per_month: self.credits_per_month.unwrap_or(deployment.credits_per_month),
            credits_per_key_day: self.credits_per_key_day.unwrap_or(deployment.credits_per_key_day),
            credits_per_key_month: self.credits_per_key_month.unwrap_or(deployment.credits_per_key_month),
            credits_per_call: self.credits_per_call.unwrap_or(deployment.credits_per_call),
            ai_calls: self.ai_calls.unwrap_or(deployment.ai_calls),
            ai_calls_key: self.ai_calls_key.unwrap_or(deployment.ai_calls_key),
            prd_calls: self.prd_calls.unwrap_or(deployment.prd_calls),
        }
    }

    /// Lays these settings over the deployment's.
    pub fn over(&self, deployment: &EffectiveSettings) -> EffectiveSettings {
        EffectiveSettings {
            calls_per_minute_key: self.calls_per_minute_key.unwrap_or(deployment.calls_per_minute_key),
            calls_per_minute_tenant: self
                .calls_per_minute_tenant
                .unwrap_or(deployment.calls_per_minute_tenant),
            ai_calls_per_minute_key: self
                .ai_calls_per_minute_key
                .unwrap_or(deployment.ai_calls_per_minute_key),
            ai_calls_per_minute_tenant: self
                .ai_calls_per_minute_tenant
                .unwrap_or(deployment.ai_calls_per_minute_tenant),
            suspend_after: self.suspend_after.unwrap_or(deployment.suspend_after),
            injection: self.injection.unwrap_or(deployment.injection),
            session_idle: self
                .session_idle_minutes
                .map_or(deployment.session_idle, |minutes| Duration::from_secs(u64::from(minutes) * 60)),
            key_max_life: self
                .key_max_days
                .map_or(deployment.key_max_life, |days| Duration::from_secs(u64::from(days) * 86_400)),
            audit_days: self.audit_days.unwrap_or(deployment.audit_days),
            document_days: self.document_days.unwrap_or(deployment.document_days),
            sessions_max: self.sessions_max.unwrap_or(deployment.sessions_max),
            ai: self.ai_over(&deployment.ai),
            ai_use: AiUse {
                state: self.ai.unwrap_or(deployment.ai_use.state),
                provider: self.ai_provider.unwrap_or(deployment.ai_use.provider),
                fallback: self.ai_fallback.unwrap_or(deployment.ai_use.fallback),
            },
        }
    }

    /// Checks every field that is set.
    ///
    /// # Errors
    /// [`TenancyError::Invalid`] names the first field out of its range, with the range.
    pub fn validate(&self) -> Result<(), TenancyError> {
        let rules = [
            ("calls_per_minute_key", self.calls_per_minute_key, 1, 1_000_000),
            ("calls_per_minute_tenant", self.calls_per_minute_tenant, 1, 10_000_000),
            ("ai_calls_per_minute_key", self.ai_calls_per_minute_key, 1, 100_000),
            ("ai_calls_per_minute_tenant", self.ai_calls_per_minute_tenant, 1, 1_000_000),
            ("session_idle_minutes", self.session_idle_minutes, 1, 1_440),
            ("key_max_days", self.key_max_days, 1, 3_650),
            ("audit_days", self.audit_days, 1, 3_650),
            ("document_days", self.document_days, 0, 3_650),
            ("sessions_max", self.sessions_max, 1, 100_000),
            ("credits_per_day", self.credits_per_day, 0, 1_000_000_000),
            ("credits_per_month", self.credits_per_month, 0, 1_000_000_000),
            ("credits_per_key_day", self.credits_per_key_day, 0, 1_000_000_000),
            ("credits_per_key_month", self.credits_per_key_month, 0, 1_000_000_000),
            ("credits_per_call", self.credits_per_call, 0, 1_000_000_000),
            ("ai_calls", self.ai_calls, 1, 10_000),
            ("ai_calls_key", self.ai_calls_key, 1, 10_000),
            ("prd_calls", self.prd_calls, 1, 10_000),
        ];
        for (field, value, least, most) in rules {
            if value.is_some_and(|value| value < least || value > most) {
                return Err(TenancyError::Invalid { field, rule: format!("must be {least} to {most}") });
            }
        }
        if self.suspend_after.is_some_and(|after| after != 0 && !(60..=60_000).contains(&after)) {
            let rule = "must be 0 for never, or 60 to 60000".to_owned();
            return Err(TenancyError::Invalid { field: "suspend_after", rule });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_set_is_the_deployments_and_each_field_overrides_its_own() {
        let deployment = EffectiveSettings::default();
        assert_eq!(TenantSettings::default().over(&deployment), deployment);
        let own = TenantSettings {
            calls_per_minute_key: Some(1),
            calls_per_minute_tenant: Some(2),
            ai_calls_per_minute_key: Some(15),
            ai_calls_per_minute_tenant: Some(16),
            suspend_after: Some(70),
            injection: Some(InjectionAction::Block),
            session_idle_minutes: Some(3),
            key_max_days: Some(4),
            audit_days: Some(14),
            document_days: Some(15),
            sessions_max: Some(5),
            credits_per_day: Some(6),
            credits_per_month: Some(7),
            credits_per_key_day: Some(8),
            credits_per_key_month: Some(9),
            credits_per_call: Some(10),
            ai_calls: Some(11),
            ai_calls_key: Some(12),
            prd_calls: Some(13),
            ai: Some(Switch::Off),
            ai_provider: Some(ProviderChoice::Openai),
            ai_fallback: Some(Switch::On),
        };
        let expected = EffectiveSettings {
            calls_per_minute_key: 1,
            calls_per_minute_tenant: 2,
            ai_calls_per_minute_key: 15,
            ai_calls_per_minute_tenant: 16,
            suspend_after: 70,
            injection: InjectionAction::Block,
            session_idle: Duration::from_mins(3),
            key_max_life: Duration::from_hours(96),
            audit_days: 14,
            document_days: 15,
            sessions_max: 5,
            ai: AiLimits {
                credits_per_day: 6,
                credits_per_month: 7,
                credits_per_key_day: 8,
                credits_per_key_month: 9,
                credits_per_call: 10,
                ai_calls: 11,
                ai_calls_key: 12,
                prd_calls: 13,
            },
            ai_use: AiUse { state: Switch::Off, provider: ProviderChoice::Openai, fallback: Switch::On },
        };
        assert_eq!(own.over(&deployment), expected);
        assert_eq!(expected.as_set(), own);
        let one = TenantSettings { sessions_max: Some(9), ..TenantSettings::default() };
        assert_eq!(one.over(&deployment), EffectiveSettings { sessions_max: 9, ..deployment });
    }

    #[test]
    fn each_field_has_its_range_and_is_named() {
        type Field = fn(&mut TenantSettings) -> &mut Option<u32>;
        let fields: [(&str, u32, Field); 11] = [
            ("ai_calls_per_minute_key", 100_000, |settings| &mut settings.ai_calls_per_minute_key),
            ("ai_calls_per_minute_tenant", 1_000_000, |settings| &mut settings.ai_calls_per_minute_tenant),
            ("audit_days", 3_650, |settings| &mut settings.audit_days),
            ("calls_per_minute_key", 1_000_000, |settings| &mut settings.calls_per_minute_key),
            ("calls_per_minute_tenant", 10_000_000, |settings| &mut settings.calls_per_minute_tenant),
            ("session_idle_minutes", 1_440, |settings| &mut settings.session_idle_minutes),
            ("key_max_days", 3_650, |settings| &mut settings.key_max_days),
            ("sessions_max", 100_000, |settings| &mut settings.sessions_max),
            ("ai_calls", 10_000, |settings| &mut settings.ai_calls),
            ("ai_calls_key", 10_000, |settings| &mut settings.ai_calls_key),
            ("prd_calls", 10_000, |settings| &mut settings.prd_calls),
        ];
        for (name, most, field) in fields {
            for (value, is_valid) in [(0, false), (1, true), (most, true), (most + 1, false)] {
                let mut settings = TenantSettings::default();
                *field(&mut settings) = Some(value);
                match settings.validate() {
                    Ok(()) => assert!(is_valid, "{name} {value}"),
                    Err(error) => assert!(!is_valid && error.to_string().starts_with(name), "{error}"),
                }
            }
        }
    }

    #[test]
    fn no_ceiling_is_zero() {
        type Field = fn(&mut TenantSettings) -> &mut Option<u32>;
        let fields: [(&str, Field); 5] = [
            ("credits_per_day", |settings| &mut settings.credits_per_day),
            ("credits_per_month", |settings| &mut settings.credits_per_month),
            ("credits_per_key_day", |settings| &mut settings.credits_per_key_day),
            ("credits_per_key_month", |settings| &mut settings.credits_per_key_month),
            ("credits_per_call", |settings| &mut settings.credits_per_call),
        ];
        for (name, field) in fields {
            for (value, is_valid) in [(0, true), (1_000_000_000, true), (1_000_000_001, false)] {
                let mut settings = TenantSettings::default();
                *field(&mut settings) = Some(value);
                match settings.validate() {
                    Ok(()) => assert!(is_valid, "{name} {value}"),
                    Err(error) => assert!(!is_valid && error.to_string().starts_with(name), "{error}"),
                }
            }
        }
    }

    #[test]
    fn a_key_is_suspended_never_or_after_60_refusals_at_least() {
        for (after, is_valid) in
            [(0, true), (1, false), (59, false), (60, true), (60_000, true), (60_001, false)]
        {
            let settings = TenantSettings { suspend_after: Some(after), ..TenantSettings::default() };
            assert_eq!(settings.validate().is_ok(), is_valid, "{after}");
        }
    }

    #[test]
    fn unknown_fields_are_refused_and_absent_ones_stay_absent() {
        assert!(serde_json::from_str::<TenantSettings>(r#"{"calls_per_minute":1}"#).is_err());
        assert!(
            serde_json::from_str::<TenantSettings>("{}").is_ok_and(|none| none == TenantSettings::default())
        );
        assert!(serde_json::to_string(&TenantSettings::default()).is_ok_and(|text| text == "{}"));
    }

    proptest! {
        #[test]
        fn settings_survive_their_json(calls in any::<Option<u32>>(), minutes in any::<Option<u32>>()) {
            let settings = TenantSettings {
                calls_per_minute_key: calls, session_idle_minutes: minutes, ..TenantSettings::default()
            };
            let text = serde_json::to_string(&settings)?;
            prop_assert_eq!(serde_json::from_str::<TenantSettings>(&text)?, settings);
        }
    }
}
