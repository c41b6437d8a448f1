//! Limits by address for who has not proven himself: failed authentication, and requests without any (governance R5).
//! Memory is bounded whatever comes: an address is its /32 or /56, and beyond a number of these all newcomers are counted
//! as one.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{room::Room, tally::Minute};

/// Networks that are counted apart.
const NETWORKS: usize = 65_536;
/// How many networks' worth the newcomers of a full table have together.
const CROWD: u32 = 64;

/// Counts events by network.
pub struct AddressGate {
    limit: u32,
    table: Mutex<Table>,
}

struct Table {
    networks: HashMap<u64, Minute>,
    room: Room,
    /// What no entry was free for.
    crowd: Minute,
}

impl AddressGate {
    /// Lets so many events of a network pass in a minute; 0: any number.
    pub fn new(limit: u32) -> Self {
        let table = Table { networks: HashMap::new(), room: Room::new(NETWORKS), crowd: Minute::default() };
        Self { limit, table: Mutex::new(table) }
    }

    /// How long a network has to wait; `None` when it need not.
    pub fn wait(&self, address: IpAddr, now: Duration) -> Option<Duration> {
        let network = self.counted(address)?;
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = table.networks.len() >= NETWORKS;
        let (tally, limit) = match table.networks.get_mut(&network) {
            Some(tally) => (tally, self.limit),
            None if is_full => (&mut table.crowd, self.limit.saturating_mul(CROWD)),
            None => return None,
        };
        tally.advance(now);
        (tally.total() >= limit).then(|| tally.free_in(limit, now))
    }

    /// Counts an event of a network.
    pub fn count(&self, address: IpAddr, now: Duration) {
        let Some(network) = self.counted(address) else { return };
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let Table { networks, room, crowd } = &mut *table;
        if let Some(tally) = networks.get_mut(&network) {
            return tally.add(1, now);
        }
        if room.wants_sweep(networks.len(), now) {
            networks.retain(|_, tally| {
                tally.advance(now);
                tally.total() > 0
            });
            room.swept(networks.len(), now);
        }
        if networks.len() >= NETWORKS {
            return crowd.add(1, now);
        }
        networks.entry(network).or_default().add(1, now);
    }

    /// The network that is counted for an address. Programs on this machine are not: whoever runs them needs no network to
    /// do harm.
    fn counted(&self, address: IpAddr) -> Option<u64> {
        let address = address.to_canonical();
        if self.limit == 0 || address.is_loopback() {
            return None;
        }
        Some(match address {
            IpAddr::V4(v4) => 1 << 63 | u64::from(v4.to_bits()),
            IpAddr::V6(v6) => u64::try_from(v6.to_bits() >> 72).unwrap_or(0),
        })
    }

    /// Networks that are counted apart now.
    pub fn len(&self) -> usize {
        self.table.lock().unwrap_or_else(PoisonError::into_inner).networks.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    fn v4(number: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(0x0b00_0000 + number))
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_network_waits_after_its_limit_and_no_longer_than_it_is_told() {
        let gate = AddressGate::new(5);
        for _ in 0..5 {
            assert_eq!(gate.wait(v4(1), at(7)), None);
            gate.count(v4(1), at(7));
        }
        let wait = gate.wait(v4(1), at(7)).unwrap_or_default();
        assert!(wait > at(59) && wait <= at(65), "{wait:?}");
        assert_eq!(gate.wait(v4(2), at(7)), None, "another address");
        assert_eq!(gate.wait(v4(1), at(7) + wait), None);
    }

    #[test]
    fn an_address_of_the_newer_kind_is_its_site() {
        let gate = AddressGate::new(1);
        let address = |text: &str| text.parse::<IpAddr>().unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        gate.count(address("2001:db8:1:200::1"), at(1));
        assert!(gate.wait(address("2001:db8:1:2ff:9::"), at(1)).is_some(), "the same /56");
        assert!(gate.wait(address("2001:db8:1:300::1"), at(1)).is_none(), "the next");
        gate.count(address("::ffff:11.0.0.9"), at(1));
        assert!(gate.wait(address("11.0.0.9"), at(1)).is_some(), "one address in two forms");
    }

    #[test]
    fn programs_on_this_machine_and_a_gate_without_limit_count_nothing() {
        let gate = AddressGate::new(1);
        for _ in 0..9 {
            gate.count(IpAddr::V4(Ipv4Addr::LOCALHOST), at(1));
        }
        assert!(gate.wait(IpAddr::V4(Ipv4Addr::LOCALHOST), at(1)).is_none() && gate.is_empty());
        let open = AddressGate::new(0);
        open.count(v4(1), at(1));
        assert!(open.wait(v4(1), at(1)).is_none());
    }

    #[test]
    fn a_million_networks_take_bounded_memory_and_are_held_together() {
        let gate = AddressGate::new(10);
        for number in 0..1_000_000 {
            gate.count(v4(number), at(1));
        }
        assert_eq!(gate.len(), NETWORKS);
        // A table doubles, so at most two of these a network, and one byte of the map's own.
        assert!(NETWORKS * 2 * (size_of::<(u64, Minute)>() + 1) <= 8 << 20);
        assert!(gate.wait(v4(2_000_000), at(1)).is_some(), "newcomers share what is left");
        assert!(gate.wait(v4(5), at(1)).is_none(), "who is counted apart does not suffer from them");
        assert!(gate.wait(v4(2_000_000), at(70)).is_none(), "and not for longer than a minute");
        gate.count(v4(3_000_000), at(70));
        assert!(gate.len() < 10, "what counts nothing is forgotten: {}", gate.len());
    }
}
