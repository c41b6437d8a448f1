//! Seeds for the fuzzer, written by the code that it tests.

use std::path::Path;

/// Writes seeds where `PM33_FUZZ_SEEDS` says; without it, none.
pub fn plant(seeds: Vec<Vec<u8>>) {
    let Ok(folder) = std::env::var("PM33_FUZZ_SEEDS") else { return };
    for (number, seed) in seeds.iter().enumerate() {
        std::fs::write(Path::new(&folder).join(format!("seed-{number}")), seed).expect("a seed is written");
    }
}
