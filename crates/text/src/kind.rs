//! What sort of character one is, as far as cleaning asks.

/// The sorts of characters that have rules of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Stays.
    Plain,
    /// CR, U+2028, U+2029: becomes LF.
    LineEnd,
    /// Begins an escape sequence: ESC and the C1 introducers CSI and OSC.
    Escape,
    /// Any other C0 or C1 control, or a noncharacter.
    Control,
    /// The TAG block.
    Tag,
    /// LRO or RLO.
    Override,
    /// An embedding or isolate, or what ends one.
    Nesting,
    /// LRM, RLM, ALM.
    Mark,
    /// U+200B.
    ZeroWidthSpace,
    /// ZWNJ, ZWJ.
    Joiner,
    /// A variation selector, the Mongolian ones included.
    Selector,
    /// Any other invisible character.
    Invisible,
}

/// The sort of a character.
pub(crate) fn kind(c: char) -> Kind {
    match c {
        ' '..='~' | '\t' | '\n' => Kind::Plain,
        '\r' | '\u{2028}' | '\u{2029}' => Kind::LineEnd,
        '\u{1b}' | '\u{9b}' | '\u{9d}' => Kind::Escape,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fdd0}'..='\u{fdef}' => Kind::Control,
        '\u{200b}' => Kind::ZeroWidthSpace,
        '\u{200c}' | '\u{200d}' => Kind::Joiner,
        '\u{200e}' | '\u{200f}' | '\u{61c}' => Kind::Mark,
        '\u{202d}' | '\u{202e}' => Kind::Override,
        '\u{202a}'..='\u{202c}' | '\u{2066}'..='\u{2069}' => Kind::Nesting,
        '\u{fe00}'..='\u{fe0f}' | '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{e0100}'..='\u{e01ef}' => {
            Kind::Selector
        }
        '\u{e0000}'..='\u{e007f}' => Kind::Tag,
        // Soft hyphen, grapheme joiner, Hangul and Khmer fillers, the Mongolian vowel separator, the word joiner and
        // invisible operators, deprecated format characters, byte order mark, annotation marks, format controls of
        // shorthand and music, and the reserved invisible range.
        '\u{ad}'
        | '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180e}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0080}'..='\u{e00ff}'
        | '\u{e01f0}'..='\u{e0fff}' => Kind::Invisible,
        _ if u32::from(c) & 0xfffe == 0xfffe => Kind::Control,
        _ => Kind::Plain,
    }
}

/// Whether a character shows: neither space nor anything with a rule of its own.
pub(crate) fn shows(c: char) -> bool {
    !c.is_whitespace() && kind(c) == Kind::Plain
}
