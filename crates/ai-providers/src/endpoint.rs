//! Where a provider is reached, and the limits of every phase of a call.

use std::{net::IpAddr, time::Duration};

use reqwest::Url;

use crate::EndpointError;

/// Limits of the phases of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// To reach the provider.
    pub connect: Duration,
    /// From the request to the first byte of the answer.
    pub first_byte: Duration,
    /// Between two parts of the answer.
    pub idle: Duration,
    /// All of it.
    pub total: Duration,
    /// Tries of a call of which nothing had begun.
    pub tries: u32,
    /// All waiting between tries.
    pub waiting: Duration,
    /// Bytes of an answer at most.
    pub answer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_mins(1),
            idle: Duration::from_secs(30),
            total: Duration::from_mins(5),
            tries: 2,
            waiting: Duration::from_secs(20),
            answer_bytes: 32 << 20,
        }
    }
}

/// How an answer comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// As a stream of events.
    #[default]
    Streamed,
    /// As one body.
    Whole,
}

/// A provider's endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Name of the provider, as in the price book.
    pub provider: String,
    pub(crate) base: Url,
    /// How answers come.
    pub delivery: Delivery,
    /// Limits.
    pub limits: Limits,
}

impl Endpoint {
    /// An endpoint at a base URL: `https`, or `http` on loopback.
    ///
    /// # Errors
    /// [`EndpointError::Url`] says what is allowed.
    pub fn new(provider: &str, base: &str) -> Result<Self, EndpointError> {
        let refused = || EndpointError::Url { url: base.to_owned() };
        let url: Url = base.trim_end_matches('/').parse().map_err(|_| refused())?;
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.host_str().is_some();
        if !is_plain || !(url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url)) {
            return Err(refused());
        }
        let (delivery, limits) = (Delivery::default(), Limits::default());
        Ok(Self { provider: provider.to_owned(), base: url, delivery, limits })
    }

    /// The URL of a path below the base.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base.as_str().trim_end_matches('/'))
    }

    /// Whether a URL is this endpoint's own: scheme, host and port.
    pub(crate) fn owns(&self, url: &Url) -> bool {
        let place = |url: &Url| {
            (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port_or_known_default())
        };
        place(url) == place(&self.base)
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn only_plain_base_urls_over_tls_or_on_loopback_are_taken() {
        for base in [
            "https://api.example.com",
            "https://api.example.com:8443/v1/",
            "http://127.0.0.1:80",
            "http://[::1]:1/v1",
            "http://localhost",
        ] {
            assert!(Endpoint::new("p", base).is_ok(), "{base}");
        }
        for base in [
            "http://api.example.com",
            "https://u:p@h",
            "https://h/?q",
            "https://h/#f",
            "ftp://h",
            "h",
            "",
            "file:///etc",
        ] {
            assert!(Endpoint::new("p", base).is_err(), "{base}");
        }
        let endpoint = Endpoint::new("p", "https://h.example/v1/").unwrap();
        assert_eq!(endpoint.url("/responses"), "https://h.example/v1/responses");
        for (url, owned) in [
            ("https://h.example:443/x", true),
            ("https://h.example.evil/x", false),
            ("http://h.example/x", false),
            ("https://h.example:444/", false),
        ] {
            assert_eq!(endpoint.owns(&url.parse().unwrap()), owned, "{url}");
        }
    }
}
