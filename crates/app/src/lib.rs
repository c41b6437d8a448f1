//! Settings, telemetry, composition, background sweeps, graceful shutdown: what the binaries are thin over.

mod clock;
mod demo;
mod settings;

pub use clock::SystemClock;
pub use demo::{SampleOutcome, seed_sample};
pub use settings::{
    AuditReads, AuditSettings, Broken, DataSettings, DatabaseSettings, LimitSettings, LogFormat, PlainHttp,
    ServerSettings, Settings, SettingsError, Source, Sources, TelemetrySettings, TlsSettings, load, reference,
};
