//! What the boundary took away, counted by class.

use std::ops::AddAssign;

use serde::Serialize;

/// What cleaning removed, by class; counts saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Removals {
    /// Characters of the TAG block (U+E0000 to U+E007F) outside a registered flag.
    pub tag_characters: u32,
    /// C0 and C1 controls but tab and line ends, and noncharacters.
    pub control: u32,
    /// Escape sequences; each counts once, however long.
    pub ansi_escapes: u32,
    /// Bidirectional overrides, embeddings and isolates without partner or content, repeated direction marks.
    pub bidi: u32,
    /// Zero-width and other invisible characters.
    pub zero_width: u32,
    /// Variation selectors that their base does not take, or beyond one per base.
    pub variation_selectors: u32,
    /// Line ends turned into LF, and one for a text that NFC changed. Nothing is lost by these.
    pub normalised: u32,
}

impl Removals {
    /// Everything taken away; `normalised` is not part of it.
    pub fn total(&self) -> u32 {
        [
            self.tag_characters,
            self.control,
            self.ansi_escapes,
            self.bidi,
            self.zero_width,
            self.variation_selectors,
        ]
        .into_iter()
        .fold(0, u32::saturating_add)
    }
}

impl AddAssign for Removals {
    fn add_assign(&mut self, other: Self) {
        let add = |to: &mut u32, more: u32| *to = to.saturating_add(more);
        add(&mut self.tag_characters, other.tag_characters);
        add(&mut self.control, other.control);
        add(&mut self.ansi_escapes, other.ansi_escapes);
        add(&mut self.bidi, other.bidi);
        add(&mut self.zero_width, other.zero_width);
        add(&mut self.variation_selectors, other.variation_selectors);
        add(&mut self.normalised, other.normalised);
    }
}
