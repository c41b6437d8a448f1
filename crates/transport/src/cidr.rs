//! Blocks of IP addresses (CIDR), for trusted proxies and for log lines that must not name one person's address.

use std::{fmt, net::IpAddr, str::FromStr};

/// A block of addresses: `10.0.0.0/8`, `::1/128`, or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    base: IpAddr,
    /// Length in bits.
    prefix: u8,
}

/// A text is no block of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a block of addresses: write it like 10.0.0.0/8 or 2001:db8::/32")]
pub struct BadCidr {
    text: String,
}

impl Cidr {
    /// The block of `prefix` bits that an address lies in; a longer prefix than the address has bits means all of them.
    pub fn around(address: IpAddr, prefix: u8) -> Self {
        let address = address.to_canonical();
        let prefix = prefix.min(bits(address));
        Self { base: masked(address, prefix), prefix }
    }

    /// Whether the address lies in the block; an IPv4 address in IPv6 clothes counts as IPv4.
    pub fn contains(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.base.is_ipv4() && masked(address, self.prefix) == self.base
    }
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix.min(128))).unwrap_or(0);
            IpAddr::V6((address.to_bits() & mask).into())
        }
    }
}

impl FromStr for Cidr {
    type Err = BadCidr;
    fn from_str(text: &str) -> Result<Self, BadCidr> {
        let bad = || BadCidr { text: text.to_owned() };
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().map_err(|_| bad())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| bad())?;
        let prefix = prefix.unwrap_or_else(|| bits(address));
        if prefix > bits(address) {
            return Err(bad());
        }
        Ok(Self { base: masked(address, prefix), prefix })
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::Cidr;

    #[test]
    fn blocks_hold_their_addresses_and_no_others() {
        for (block, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("10.1.2.3/8", "10.0.0.0", "9.255.255.255"),
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("127.0.0.1", "::ffff:127.0.0.1", "::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("::/0", "ffff::", "1.2.3.4"),
        ] {
            let block: Cidr = block.parse().unwrap_or_else(|error| unreachable!("{error}"));
            assert_eq!(inside.parse().map(|address| block.contains(address)), Ok(true), "{block} {inside}");
            assert_eq!(
                outside.parse().map(|address| block.contains(address)),
                Ok(false),
                "{block} {outside}"
            );
        }
    }

    #[test]
    fn a_text_that_is_no_block_is_refused() {
        for text in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/-1", "localhost"] {
            assert!(text.parse::<Cidr>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_is_shown_by_its_neighbourhood() {
        let around =
            |text: &str, prefix| text.parse().map(|address| Cidr::around(address, prefix).to_string());
        assert_eq!(around("203.0.113.77", 24).as_deref(), Ok("203.0.113.0/24"));
        assert_eq!(around("2001:db8:1:2:3::4", 48).as_deref(), Ok("2001:db8:1::/48"));
        assert_eq!(around("203.0.113.77", 48).as_deref(), Ok("203.0.113.77/32"));
    }
}
