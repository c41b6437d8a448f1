//! Measures the limiter: the time of a decision over random traffic of 50 keys of 10 tenants, and the memory that a million
//! keys that nobody has and as many addresses take. `cargo run --release -p pm33-admission --example limiter`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and prints"
)]

use std::{
    net::{IpAddr, Ipv4Addr},
    time::{Duration, Instant},
};

use pm33_admission::{AddressGate, Limiter, Limits, Verdict};
use pm33_tenancy::TenantId;
use uuid::Uuid;

const LIMITS: Limits = Limits { key: 60, tenant: 300 };
const DECISIONS: usize = 1_000_000;
const BOGUS: u32 = 1_000_000;

/// `SplitMix64`.
fn mixed(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn tenant(number: u64) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(u128::from(number)))
}

/// Kibibytes that this process has.
fn resident() -> Result<u64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no such line")?;
    Ok(line.split_whitespace().nth(1).ok_or("no number")?.parse()?)
}

/// A million decisions on so many keys of each of ten tenants.
fn decide(keys: usize) {
    let limiter = Limiter::new();
    let keys: Vec<String> = (0..keys).map(|key| format!("key{key:09}")).collect();
    let mut took = Vec::with_capacity(DECISIONS);
    let mut admitted = 0_u64;
    for number in 0..DECISIONS as u64 {
        let chance = mixed(number);
        // A call a millisecond: far above the limits, so that many are refused and shares are summed up.
        let now = Duration::from_secs(100) + Duration::from_millis(number);
        let key = &keys[usize::try_from(chance >> 8).unwrap_or(0) % keys.len()];
        let begun = Instant::now();
        let verdict = limiter.admit(tenant(chance % 10), key, LIMITS, now);
        took.push(begun.elapsed());
        admitted += u64::from(matches!(verdict, Verdict::Admitted(_)));
    }
    took.sort_unstable();
    let at = |share: usize| took[took.len() * share / 1_000];
    println!(
        "{DECISIONS} decisions on {} keys of a tenant, {admitted} admitted: median {:?}, p99 {:?}, p99.9 {:?}",
        keys.len(),
        at(500),
        at(990),
        at(999)
    );
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let before = resident()?;
    let (limiter, now) = (Limiter::new(), Duration::from_secs(100));
    for number in 0..BOGUS {
        limiter.admit(
            tenant(1),
            &format!("bogus{number:07}"),
            LIMITS,
            now + Duration::from_micros(u64::from(number)),
        );
    }
    let keys = resident()?.saturating_sub(before);
    let gate = AddressGate::new(60);
    for number in 0..BOGUS {
        gate.count(IpAddr::V4(Ipv4Addr::from_bits(0x0b00_0000 + number)), now);
    }
    let all = resident()?.saturating_sub(before);
    println!(
        "{BOGUS} keys that nobody has: {keys} KiB; with as many addresses: {all} KiB, {} counted apart",
        gate.len()
    );
    // Both are in use until here.
    drop((limiter, gate));
    // Afterwards, as memory that was given back would count for nothing above.
    [5, 50, 500].into_iter().for_each(decide);
    Ok(())
}
