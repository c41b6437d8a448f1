//! Streamable HTTP on hyper and stdio: bytes to messages and back.

mod cidr;
mod error;
mod http;
mod plain;
mod security;
mod stdio;
mod tls;

pub use cidr::{BadCidr, Cidr};
pub use error::TransportError;
pub use http::{EndpointBody, HttpCounts, HttpEndpoint, HttpOptions, SideAnswer, SideRoutes, Way, serve};
pub use stdio::{StdioOptions, serve_stdio, standard_input, standard_output};
pub use tls::Certificates;
