//! Revisions of the protocol and the two eras that they fall into.

use std::fmt;

/// A revision that the server speaks; later ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Revision {
    /// 2025-06-18.
    V2025_06_18,
    /// 2025-11-25.
    V2025_11_25,
    /// 2026-07-28.
    V2026_07_28,
}

/// How a peer talks: with per-request metadata, or after a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Era {
    /// 2026-07-28 and later: stateless, metadata on every request.
    Modern,
    /// Up to 2025-11-25: `initialize` and sessions.
    Legacy,
}

impl Revision {
    /// Every revision, oldest first.
    pub const ALL: &'static [Self] = &[Self::V2025_06_18, Self::V2025_11_25, Self::V2026_07_28];
    /// Revisions of the modern era: what discovery lists.
    pub const MODERN: &'static [Self] = &[Self::V2026_07_28];
    /// The newest legacy revision: the answer to a client that asks for an unknown one.
    pub const LEGACY_NEWEST: Self = Self::V2025_11_25;

    /// The date that names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// Reads a date that names a served revision.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == text)
    }

    /// The era.
    pub const fn era(self) -> Era {
        match self {
            Self::V2026_07_28 => Era::Modern,
            Self::V2025_06_18 | Self::V2025_11_25 => Era::Legacy,
        }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Era {
    /// The era that a version text belongs to; text that is no date belongs to the modern era, where it is refused
    /// with the list of what is served.
    pub fn of_version(text: &str) -> Self {
        let is_date = text.len() == 10
            && text
                .bytes()
                .enumerate()
                .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
        if is_date && text < Revision::V2026_07_28.as_str() { Self::Legacy } else { Self::Modern }
    }
}

#[cfg(test)]
mod tests {
    use super::{Era, Revision};

    #[test]
    fn names_come_back_and_order_follows_time() {
        for revision in Revision::ALL {
            assert_eq!(Revision::parse(revision.as_str()), Some(*revision));
            assert_eq!(Era::of_version(revision.as_str()), revision.era());
        }
        assert!(Revision::ALL.is_sorted());
        assert_eq!(Revision::parse("2024-11-05"), None);
    }

    #[test]
    fn unknown_versions_fall_into_an_era_by_date() {
        let cases = [
            ("2024-11-05", Era::Legacy),
            ("2026-07-27", Era::Legacy),
            ("2099-01-01", Era::Modern),
            ("v999.0.0", Era::Modern),
            ("", Era::Modern),
        ];
        for (text, era) in cases {
            assert_eq!(Era::of_version(text), era, "{text}");
        }
    }
}
