//! Settings, telemetry, composition, background sweeps, graceful shutdown: what the binaries are thin over.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use pm33_app::{Settings, bind_server, catalogue, found, serve};
//! # async fn example(stop: tokio_util::sync::CancellationToken) -> Result<(), Box<dyn std::error::Error>> {
//! let settings = Settings::default();
//! let foundation = found(&settings).await?;
//! let server = serve(&settings, &foundation, Arc::clone(&foundation.keys) as _, catalogue()?)?;
//! let bound = bind_server(&settings, server).await?;
//! println!("listening on {}", bound.url);
//! bound.run(&foundation, stop).await?;
//! # Ok(())
//! # }
//! ```

mod archive;
mod background;
mod books;
mod client_config;
mod clock;
mod compose;
mod demo;
mod environment;
mod heads;
mod health;
mod http_server;
mod import;
mod metrics_release;
mod models;
mod operator;
mod policy;
mod retention;
mod rights;
mod secrets;
mod settings;
mod stdio_server;
mod telemetry;
mod units;
mod verify_promises;

pub use archive::{rehearse, restore};
pub use background::{forget_calls, run as run_background, tell_expiries};
pub use books::{examine_books, expire_holds};
pub use client_config::client_config;
pub use clock::SystemClock;
pub use compose::{
    ComposeError, Foundation, catalogue, database, fold, found, migrate, prices, serve, spool, stores,
};
pub use demo::{SampleOutcome, seed_sample};
pub use environment::environment;
pub use heads::publish_heads;
pub use health::Health;
pub use http_server::{Bound, RunError, bind_http, bind_server, stop_signal};
pub use import::{Imported, count, import};
pub use metrics_release::{keep_release, preview_metrics};
pub use operator::{Local, Start, act, mint_local_key, open_local};
pub use policy::Policy;
pub use retention::{
    Purged, Remover, end_documents, forget_judgements, kept_since, purge_audit, purge_audits,
};
pub use rights::{
    BroughtBack, Certificate, Exported, FileLook, Replayed, Verification, bring_back, check_certificate,
    erase, export, finish, replay, unfinished, unplayed,
};
pub use secrets::{Secrets, SecretsError};
pub use settings::{
    AiProvider, AiSettings, AuditReads, AuditSettings, Broken, DataSettings, DatabaseSettings, LimitSettings,
    LogFormat, PlainHttp, PrivacySettings, ServerSettings, Settings, SettingsError, Source, Sources,
    StdioSettings, TelemetrySettings, TlsSettings, load, reference,
};
pub use stdio_server::{Rights, compose_stdio};
pub use telemetry::{Telemetry, TelemetryError, log_to_stderr};
pub use verify_promises::{Look, Verdict, verify_promises};
