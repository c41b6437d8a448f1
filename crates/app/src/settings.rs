//! Settings of a deployment: code defaults, then a TOML file, then the environment, then flags. Unknown keys are
//! refused; every complaint names the key and where its value came from.

mod ai;
mod audit;
mod data;
mod database;
mod limits;
mod load;
mod privacy;
mod reference;
mod server;
mod stdio;
mod telemetry;
mod tls;

pub use ai::{AiProvider, AiSettings};
pub use audit::{AuditReads, AuditSettings};
pub use data::DataSettings;
pub use database::DatabaseSettings;
pub use limits::LimitSettings;
pub use load::{Source, Sources, load};
pub use privacy::PrivacySettings;
pub use reference::reference;
pub use server::{PlainHttp, ServerSettings};
pub use stdio::StdioSettings;
pub use telemetry::{LogFormat, TelemetrySettings};
pub use tls::TlsSettings;

use pm33_tenancy::EffectiveSettings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// All settings, by section.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where data and generated secrets are kept.
    pub data: DataSettings,
    /// The database.
    pub database: DatabaseSettings,
    /// The HTTP listener and its bounds.
    pub server: ServerSettings,
    /// The server on standard input and output.
    pub stdio: StdioSettings,
    /// TLS.
    pub tls: TlsSettings,
    /// What callers and sessions may use; a tenant's own settings go over these.
    pub limits: LimitSettings,
    /// AI calls.
    pub ai: AiSettings,
    /// The audit log.
    pub audit: AuditSettings,
    /// What the policy at `/privacy` says of this deployment.
    pub privacy: PrivacySettings,
    /// Logs, and the export of metrics and traces.
    pub telemetry: TelemetrySettings,
}

impl Settings {
    /// What one server admits by itself of what may come from one network: servers on one PostgreSQL have a part each.
    pub(crate) fn share(&self, limit: u32) -> u32 {
        if self.database.url_file.is_some() { limit.div_ceil(self.limits.replicas) } else { limit }
    }
}

/// What is wrong with a setting.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("cannot read the settings file {path}: {why}")]
    Unreadable {
        /// The file.
        path: String,
        /// The operating system's words.
        why: String,
    },
    /// The file is not TOML.
    #[error("{path} is not valid TOML: {why}")]
    NotToml {
        /// The file.
        path: String,
        /// Where and what.
        why: String,
    },
    /// A key that does not exist.
    #[error("unknown setting {key} ({source_name}); known in this place: {known}")]
    Unknown {
        /// Dotted key.
        key: String,
        /// Where it came from.
        source_name: String,
        /// What exists there.
        known: String,
    },
    /// A value that breaks its rule.
    #[error("{key} = {value} ({source_name}): {rule}")]
    Invalid {
        /// Dotted key.
        key: String,
        /// The value; for secrets only `…`.
        value: String,
        /// Where it came from.
        source_name: String,
        /// What is allowed.
        rule: String,
    },
}

/// A broken rule inside a section: key without the section, value and rule. [`load`] adds section and source.
#[derive(Debug)]
pub struct Broken {
    /// Key inside the section.
    pub key: &'static str,
    /// The value.
    pub value: String,
    /// What is allowed.
    pub rule: String,
}

impl Broken {
    /// A broken rule.
    pub fn new(key: &'static str, value: &(impl ToString + ?Sized), rule: impl Into<String>) -> Self {
        Self { key, value: value.to_string(), rule: rule.into() }
    }
}

/// Checks that a number lies in its range.
pub(crate) fn in_range(key: &'static str, value: u64, least: u64, most: u64) -> Result<(), Broken> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(Broken::new(key, &value, format!("must be {least} to {most}")))
    }
}

impl Settings {
    /// What holds for a tenant that has set nothing for itself.
    pub fn defaults(&self) -> EffectiveSettings {
        EffectiveSettings { ai_use: self.ai.defaults(), ..self.limits.defaults() }
    }

    /// Checks every section; the first broken rule with its section.
    pub(crate) fn validate(&self) -> Result<(), (&'static str, Broken)> {
        self.database.validate().map_err(|broken| ("database", broken))?;
        self.server.validate().map_err(|broken| ("server", broken))?;
        self.stdio.validate().map_err(|broken| ("stdio", broken))?;
        self.tls.validate().map_err(|broken| ("tls", broken))?;
        self.limits.validate().map_err(|broken| ("limits", broken))?;
        self.ai.validate().map_err(|broken| ("ai", broken))?;
        self.audit.validate().map_err(|broken| ("audit", broken))?;
        self.privacy.validate().map_err(|broken| ("privacy", broken))?;
        self.telemetry.validate().map_err(|broken| ("telemetry", broken))
    }
}
