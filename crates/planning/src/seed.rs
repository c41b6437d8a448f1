//! Seeds from data, and streams of random numbers from seeds: the same question gives the same answer.

use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

/// A seed. Its streams are the same on every machine and in every version of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed(u64);

impl Seed {
    /// A seed that somebody chose.
    pub const fn from_u64(seed: u64) -> Self {
        Self(seed)
    }

    /// A seed that depends on every word and its place.
    pub fn of(words: impl IntoIterator<Item = u64>) -> Self {
        Self(words.into_iter().fold(0x7033_3366_6f72_6563, |seed, word| mix(seed ^ mix(word))))
    }

    /// The number, for showing and keeping.
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The seed of a part of the work.
    #[must_use]
    pub fn part(self, part: u64) -> Self {
        Self(mix(self.0 ^ mix(part)))
    }

    /// The random numbers of this seed (xoshiro256++; Blackman & Vigna 2021).
    pub fn stream(self) -> Xoshiro256PlusPlus {
        Xoshiro256PlusPlus::seed_from_u64(self.0)
    }
}

/// One step of `SplitMix64` (Steele, Lea & Flood 2014).
const fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use rand_core::Rng;

    use super::Seed;

    #[test]
    fn streams_never_change() {
        // Kept forecasts are compared by their seeds, so these numbers are a promise.
        let seed = Seed::of([1, 2, 3]);
        assert_eq!((seed.as_u64(), seed.stream().next_u64()), (SEED_OF_123, FIRST_OF_123));
        assert_ne!(Seed::of([1, 2]), Seed::of([2, 1]));
        assert_ne!(seed.part(1), seed.part(2));
    }

    const SEED_OF_123: u64 = 0x96b9_73ac_8dd6_8ce5;
    const FIRST_OF_123: u64 = 0xff97_af21_0174_fdc3;
}
