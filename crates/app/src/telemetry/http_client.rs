//! The HTTP client of telemetry export: the one outbound connection that is no language model's. TLS is rustls on ring,
//! trusting what the system trusts.

use std::time::Duration;

use super::TelemetryError;

/// Longest wait for a collector.
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes the client. It blocks the exporter's own threads, never the runtime's, and must be made outside of it too.
#[expect(clippy::disallowed_methods, reason = "the client of telemetry export is made here")]
pub(super) fn client() -> Result<reqwest::blocking::Client, TelemetryError> {
    let made = std::thread::spawn(|| -> Result<_, Box<dyn std::error::Error + Send + Sync>> {
        // A provider that is installed already is the same one: nothing else is linked.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(reqwest::blocking::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("pm33/", env!("CARGO_PKG_VERSION")))
            .build()?)
    });
    let made = made.join().map_err(|_| TelemetryError::Exporter("the client's thread ended".into()))?;
    made.map_err(TelemetryError::Exporter)
}
