//! Why an endpoint cannot be used as it is configured.

/// An endpoint that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The base URL.
    #[error(
        "{url:?} is no base URL of a provider: write https://host/path, or http:// for a machine of your own on loopback; no user, query or fragment"
    )]
    Url {
        /// What was written.
        url: String,
    },
    /// The HTTP client.
    #[error("no HTTP client can be made")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}
