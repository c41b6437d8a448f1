//! Why a transport cannot start or go on.

use std::{io, net::SocketAddr, path::PathBuf};

/// A fault of a transport as a whole; what goes wrong with one connection or request never ends a transport.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// Plain HTTP where keys could be read on the way.
    #[error(
        "plain HTTP at {address} would show API keys to the network: set a TLS certificate and key, or bind a loopback \
         address such as 127.0.0.1, or name the addresses of the proxy that terminates TLS as trusted proxies"
    )]
    PlainHttp {
        /// Where it was to listen.
        address: SocketAddr,
    },
    /// A TLS file cannot be used.
    #[error("TLS file {path}: {why}")]
    Tls {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The listening socket failed.
    #[error("the listening socket failed")]
    Listener(#[source] io::Error),
    /// The owner of a local process could not be proven.
    #[error("the local owner could not be authenticated: {0}")]
    Owner(#[source] pm33_mcp::AuthError),
    /// stdin or stdout failed.
    #[error("standard input or output failed")]
    Stdio(#[source] io::Error),
}
