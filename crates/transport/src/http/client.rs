//! Where a request came from: the socket's peer, or what a trusted proxy says.

use std::net::{IpAddr, SocketAddr};

use http::HeaderValue;

use super::head::Head;
use crate::Cidr;

/// The client's address. Behind a trusted proxy it is the last address on the way that is not a proxy's: everything
/// left of it is the client's own word.
pub(crate) fn address(peer: IpAddr, head: &Head, proxies: &[Cidr]) -> IpAddr {
    let peer = peer.to_canonical();
    if !trusted(peer, proxies) {
        return peer;
    }
    let hops = if head.forwarded_for.is_empty() {
        head.forwarded
            .iter()
            .rev()
            .filter_map(text)
            .flat_map(|text| text.rsplit(',').map(forwarded_for))
            .collect()
    } else {
        head.forwarded_for
            .iter()
            .rev()
            .filter_map(text)
            .flat_map(|text| text.rsplit(',').map(node))
            .collect::<Vec<_>>()
    };
    let mut nearest = peer;
    for hop in hops {
        // An unreadable hop hides who was before it: the proxy that wrote it is all that is known.
        let Some(hop) = hop else { break };
        nearest = hop;
        if !trusted(hop, proxies) {
            break;
        }
    }
    nearest
}

/// Whether a trusted proxy says that the client spoke plain HTTP to it.
pub(crate) fn came_by_plain_http(peer: IpAddr, head: &Head, proxies: &[Cidr]) -> bool {
    trusted(peer, proxies)
        && (head
            .forwarded_proto
            .as_ref()
            .is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"http"))
            || head
                .forwarded
                .iter()
                .filter_map(text)
                .flat_map(|text| text.split([',', ';']))
                .any(|pair| pair.trim().eq_ignore_ascii_case("proto=http")))
}

/// Whether the address is a declared proxy's.
pub(crate) fn trusted(address: IpAddr, proxies: &[Cidr]) -> bool {
    proxies.iter().any(|block| block.contains(address))
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

/// `for=` of one `Forwarded` element (RFC 7239).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        if name.eq_ignore_ascii_case("for") { node(value.trim_matches('"')) } else { None }
    })
}

/// An address with or without brackets and port.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address: Option<IpAddr> = bare.parse().ok();
    address
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::{address, came_by_plain_http};
    use crate::{Cidr, http::head::Head};

    fn head(name: &'static str, values: &[&'static str]) -> Head {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        Head::sort(headers)
    }

    fn proxies() -> Vec<Cidr> {
        "10.0.0.0/8".parse().into_iter().collect()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        for (peer, name, values, expected) in [
            ("10.0.0.1", "x-forwarded-for", &["198.51.100.7"][..], "198.51.100.7"),
            ("203.0.113.9", "x-forwarded-for", &["198.51.100.7"], "203.0.113.9"),
            ("10.0.0.1", "x-forwarded-for", &["1.1.1.1, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
            ("10.0.0.1", "x-forwarded-for", &["1.1.1.1", "198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", "x-forwarded-for", &["1.1.1.1, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", "x-forwarded-for", &["198.51.100.7:4711"], "198.51.100.7"),
            ("10.0.0.1", "forwarded", &["for=1.1.1.1, for=\"[2001:db8::1]:80\";proto=https"], "2001:db8::1"),
            ("10.0.0.1", "forwarded", &["proto=https"], "10.0.0.1"),
            ("10.0.0.1", "accept", &[], "10.0.0.1"),
        ] {
            let found = peer.parse().map(|peer| address(peer, &head(name, values), &proxies()).to_string());
            assert_eq!(found.as_deref(), Ok(expected), "{peer} {values:?}");
        }
    }

    #[test]
    fn a_proxy_tells_of_plain_http() {
        for (peer, name, value, plain) in [
            ("10.0.0.1", "x-forwarded-proto", "http", true),
            ("10.0.0.1", "x-forwarded-proto", "https", false),
            ("192.0.2.1", "x-forwarded-proto", "http", false),
            ("10.0.0.1", "forwarded", "for=1.1.1.1;proto=http", true),
            ("10.0.0.1", "forwarded", "for=1.1.1.1;proto=https", false),
        ] {
            let found = peer.parse().map(|peer| came_by_plain_http(peer, &head(name, &[value]), &proxies()));
            assert_eq!(found, Ok(plain), "{peer} {value}");
        }
    }
}
