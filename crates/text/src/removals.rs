//! What the boundary took away, counted by kind.

use std::ops::AddAssign;

use serde::Serialize;

/// Characters removed or changed, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Removals {
    /// Characters of the TAG block outside a registered flag.
    pub tags: u32,
    /// C0 and C1 controls, escape sequences included.
    pub controls: u32,
    /// Bidirectional overrides, and embeddings or isolates without their end.
    pub bidi: u32,
    /// Zero-width and other invisible characters.
    pub invisible: u32,
    /// Variation selectors beyond one per base, or without one.
    pub variation_selectors: u32,
}

impl Removals {
    /// All of them.
    pub fn total(&self) -> u32 {
        self.tags + self.controls + self.bidi + self.invisible + self.variation_selectors
    }
}

impl AddAssign for Removals {
    fn add_assign(&mut self, other: Self) {
        self.tags += other.tags;
        self.controls += other.controls;
        self.bidi += other.bidi;
        self.invisible += other.invisible;
        self.variation_selectors += other.variation_selectors;
    }
}
