//! The official Rust client over HTTP, with a real key: every way that it opens a connection.

use std::collections::HashMap;

use pm33_testkit::{Opening, rust_client};
use rmcp::transport::{
    StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig,
};

use crate::running::Running;

/// A runtime; and what the client's HTTP library asks for before it will speak plain HTTP even.
fn runtime() -> tokio::runtime::Runtime {
    // The first test of the process installs it; for the second it is there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Runtime::new().expect("a runtime")
}

#[test]
fn the_official_rust_client_does_every_step_in_both_eras_over_http() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let runtime = runtime();
    for opening in Opening::ALL {
        let config = StreamableHttpClientTransportConfig::with_uri(server.url()).auth_header(&server.key);
        let steps = runtime.block_on(async {
            let transport = StreamableHttpClientTransport::from_config(config);
            rust_client(transport, opening, &format!("{opening:?}")).await
        });
        let steps = steps.unwrap_or_else(|error| panic!("{opening:?}: {error:#}"));
        assert!(steps >= 26, "{opening:?}: {steps} steps");
    }
}

#[test]
fn the_other_header_for_keys_serves_too_and_a_wrong_key_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let runtime = runtime();
    let connect = |key: &str| {
        let headers =
            HashMap::from([("x-api-key".parse().expect("a name"), key.parse().expect("a header value"))]);
        let config = StreamableHttpClientTransportConfig::with_uri(server.url()).custom_headers(headers);
        runtime.block_on(async {
            let transport = StreamableHttpClientTransport::from_config(config);
            rust_client(transport, Opening::Discover, "header").await
        })
    };
    connect(&server.key).expect("every step");
    let told = connect("pm33_local_wrong").expect_err("it is refused");
    assert!(format!("{told:?}").contains("Auth required"), "{told:?}");
}
