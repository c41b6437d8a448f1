//! TLS by rustls: certificate and key from PEM files, taken again when the files change.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, ring},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::TransportError;

/// A certificate chain and its key, in two PEM files that may be replaced while the server runs.
#[derive(Debug)]
pub struct Certificates {
    certificate: PathBuf,
    key: PathBuf,
    provider: Arc<CryptoProvider>,
    current: Arc<Current>,
    /// What the files looked like when they were last read, well or badly.
    seen: Mutex<Option<Stamp>>,
}

/// Size and time of both files.
type Stamp = [(u64, Option<SystemTime>); 2];

impl Certificates {
    /// Reads both files.
    ///
    /// # Errors
    /// [`TransportError::Tls`] names the file and what is wrong with it.
    pub fn load(
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Result<Arc<Self>, TransportError> {
        let (certificate, key) = (certificate.into(), key.into());
        let provider = Arc::new(ring::default_provider());
        let seen = stamp(&certificate, &key);
        let current = Arc::new(Current(ArcSwap::from_pointee(read(&certificate, &key, &provider)?)));
        Ok(Arc::new(Self { certificate, key, provider, current, seen: Mutex::new(seen) }))
    }

    /// Reads both files again. Bad files change nothing.
    ///
    /// # Errors
    /// [`TransportError::Tls`], as [`Certificates::load`].
    pub fn reload(&self) -> Result<(), TransportError> {
        let key = read(&self.certificate, &self.key, &self.provider)?;
        self.current.0.store(Arc::new(key));
        tracing::info!(tls.certificate = %self.certificate.display(), "certificate loaded");
        Ok(())
    }

    /// TLS 1.2 and 1.3, HTTP/2 before HTTP/1.1.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        let versions = [&rustls::version::TLS13, &rustls::version::TLS12];
        let builder = match ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&versions)
        {
            Ok(builder) => builder,
            // The provider is ring's own, which has suites for both versions.
            Err(_) => ServerConfig::builder(),
        };
        let resolver = Arc::clone(&self.current) as Arc<dyn ResolvesServerCert>;
        let mut config = builder.with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Arc::new(config)
    }

    /// Looks at the files until `shutdown` and takes them when they have changed.
    pub(crate) async fn watch(&self, every: Duration, shutdown: CancellationToken) {
        let mut ticks = tokio::time::interval(every.max(Duration::from_millis(10)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let now = stamp(&self.certificate, &self.key);
            let changed = {
                let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
                now.is_some() && std::mem::replace(&mut *seen, now) != now
            };
            // Two small files, rarely: not worth another thread.
            if changed && let Err(error) = self.reload() {
                tracing::error!(error = %error, "the new certificate is not usable; the old one stays");
            }
        }
    }
}

/// The key in use.
#[derive(Debug)]
struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

/// `None` while a file is missing, as it is for a moment when it is replaced.
fn stamp(certificate: &Path, key: &Path) -> Option<Stamp> {
    let of = |path: &Path| std::fs::metadata(path).ok().map(|data| (data.len(), data.modified().ok()));
    Some([of(certificate)?, of(key)?])
}

fn read(certificate: &Path, key: &Path, provider: &CryptoProvider) -> Result<CertifiedKey, TransportError> {
    let bad = |path: &Path, why: String| TransportError::Tls { path: path.to_owned(), why };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| bad(certificate, error.to_string()))?;
    if chain.is_empty() {
        return Err(bad(certificate, "holds no certificate".to_owned()));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| bad(key, error.to_string()))?;
    CertifiedKey::from_der(chain, private, provider)
        .map_err(|error| bad(key, format!("does not fit the certificate: {error}")))
}
