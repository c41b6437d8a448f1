//! The one rule for plain HTTP: only where nobody on a network can read a key.

use std::net::{IpAddr, SocketAddr};

use crate::{Cidr, TransportError};

/// Whether plain HTTP may be served at an address: on loopback, or where a proxy is declared that terminates TLS.
///
/// # Errors
/// [`TransportError::PlainHttp`] says what to set.
pub(crate) fn check_listener(address: SocketAddr, proxies: &[Cidr]) -> Result<(), TransportError> {
    if is_loopback(address.ip()) || !proxies.is_empty() {
        Ok(())
    } else {
        Err(TransportError::PlainHttp { address })
    }
}

/// Whether a peer may speak plain HTTP to us: this machine, or a declared proxy.
pub(crate) fn is_private_hop(peer: IpAddr, proxies: &[Cidr]) -> bool {
    is_loopback(peer) || proxies.iter().any(|block| block.contains(peer))
}

/// Loopback, also in IPv6 clothes.
pub(crate) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::{check_listener, is_private_hop};
    use crate::Cidr;

    #[test]
    fn plain_http_needs_loopback_or_a_proxy() {
        let proxy: Vec<Cidr> = "10.0.0.0/8".parse().into_iter().collect();
        for (address, proxies, fine) in [
            ("127.0.0.1:80", &[][..], true),
            ("[::1]:80", &[], true),
            ("[::ffff:127.0.0.1]:80", &[], true),
            ("0.0.0.0:80", &[], false),
            ("192.0.2.1:80", &[], false),
            ("0.0.0.0:80", &proxy, true),
        ] {
            let checked = address.parse().map(|address| check_listener(address, proxies).is_ok());
            assert_eq!(checked, Ok(fine), "{address}");
        }
    }

    #[test]
    fn a_stranger_may_not_bypass_the_proxy() {
        let proxy: Vec<Cidr> = "10.0.0.0/8".parse().into_iter().collect();
        for (peer, fine) in [("127.0.0.1", true), ("10.9.8.7", true), ("192.0.2.1", false)] {
            assert_eq!(peer.parse().map(|peer| is_private_hop(peer, &proxy)), Ok(fine), "{peer}");
        }
    }
}
