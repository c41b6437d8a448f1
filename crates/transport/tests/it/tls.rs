//! TLS: versions, protocols, a certificate that is replaced while the server runs.

use std::{path::Path, sync::Arc, time::Duration};

use pm33_transport::{Certificates, TransportError};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, crypto::ring};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{
    harness::{Running, soon, start},
    raw::{DISCOVER, post},
};

/// Writes a fresh certificate and its key.
fn issue(folder: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
    cert.der().clone()
}

fn load(folder: &Path) -> Arc<Certificates> {
    Certificates::load(folder.join("cert.pem"), folder.join("key.pem")).unwrap()
}

async fn connect(
    running: &Running,
    trusted: &CertificateDer<'static>,
    protocols: &[&[u8]],
    versions: &[&'static SupportedProtocolVersion],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let socket = TcpStream::connect(running.address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    soon(TlsConnector::from(Arc::new(config)).connect(name, socket)).await
}

const BOTH: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13, &rustls::version::TLS12];

#[tokio::test]
async fn requests_are_served_with_transport_security() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = issue(folder.path());
    let running = start(|options| options.tls = Some(load(folder.path()))).await;
    for versions in [&BOTH[..1], &BOTH[1..]] {
        let mut tls = connect(&running, &certificate, &[b"http/1.1"], versions).await.unwrap();
        tls.write_all(&post(&[("connection", "close")], DISCOVER)).await.unwrap();
        let mut said = String::new();
        soon(tls.read_to_string(&mut said)).await.unwrap();
        assert!(said.starts_with("HTTP/1.1 200"), "{said}");
        assert!(said.contains("strict-transport-security: max-age="), "{said}");
    }
}

#[tokio::test]
async fn protocols_are_negotiated() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = issue(folder.path());
    let running = start(|options| options.tls = Some(load(folder.path()))).await;
    for (offered, chosen) in
        [(&[&b"h2"[..], b"http/1.1"][..], Some(&b"h2"[..])), (&[b"http/1.1"], Some(b"http/1.1")), (&[], None)]
    {
        let tls = connect(&running, &certificate, offered, BOTH).await.unwrap();
        assert_eq!(tls.get_ref().1.alpn_protocol(), chosen);
    }
}

#[tokio::test]
async fn a_silent_handshake_is_dropped_and_plain_http_is_told_of_its_danger() {
    let folder = tempfile::tempdir().unwrap();
    issue(folder.path());
    let running = start(|options| {
        options.tls = Some(load(folder.path()));
        options.header_time = Duration::from_millis(300);
    })
    .await;
    let mut silent = TcpStream::connect(running.address).await.unwrap();
    assert_eq!(soon(silent.read(&mut [0; 16])).await.unwrap_or(0), 0);
    let mut plain = TcpStream::connect(running.address).await.unwrap();
    plain.write_all(&post(&[], DISCOVER)).await.unwrap();
    let mut said = Vec::new();
    let _ = soon(plain.read_to_end(&mut said)).await;
    let said = String::from_utf8_lossy(&said);
    assert!(said.starts_with("HTTP/1.1 403") && said.contains("https://"), "{said}");
    assert!(!said.to_lowercase().contains("\r\nlocation:"), "a request with a key is not sent on");
    let mut noise = TcpStream::connect(running.address).await.unwrap();
    noise.write_all(&[0, 1, 2, 3]).await.unwrap();
    assert_eq!(soon(noise.read(&mut [0; 16])).await.unwrap_or(0), 0);
    // The key was a good one, so that it is noted.
    assert_eq!(running.engine.exposed.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_replaced_certificate_is_taken_up_and_a_bad_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let first = issue(folder.path());
    let certificates = load(folder.path());
    let running = start(|options| {
        options.tls = Some(Arc::clone(&certificates));
        // Only asked for by hand here.
        options.tls_reload_every = Duration::from_hours(1);
    })
    .await;
    std::fs::write(folder.path().join("cert.pem"), "no certificate").unwrap();
    assert!(matches!(certificates.reload(), Err(TransportError::Tls { .. })));
    connect(&running, &first, &[], BOTH).await.unwrap();

    let second = issue(folder.path());
    std::fs::write(folder.path().join("key.pem"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let error = certificates.reload().unwrap_err();
    assert!(error.to_string().contains("key.pem"), "{error}");
    connect(&running, &first, &[], BOTH).await.unwrap();
    assert!(connect(&running, &second, &[], BOTH).await.is_err());

    let third = issue(folder.path());
    certificates.reload().unwrap();
    connect(&running, &third, &[], BOTH).await.unwrap();
    assert!(connect(&running, &first, &[], BOTH).await.is_err());
}

#[tokio::test]
async fn changed_files_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let first = issue(folder.path());
    let running = start(|options| {
        options.tls = Some(load(folder.path()));
        options.tls_reload_every = Duration::from_millis(20);
    })
    .await;
    connect(&running, &first, &[], BOTH).await.unwrap();
    let second = issue(folder.path());
    soon(async { while connect(&running, &second, &[], BOTH).await.is_err() {} }).await;
}

#[test]
fn unusable_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let load = || Certificates::load(folder.path().join("cert.pem"), folder.path().join("key.pem"));
    assert!(load().unwrap_err().to_string().contains("cert.pem"));
    issue(folder.path());
    std::fs::write(folder.path().join("key.pem"), "").unwrap();
    assert!(load().unwrap_err().to_string().contains("key.pem"));
}
