//! Cleaning one string.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::{Removals, strip::strip};

/// A cleaned string; borrowed when nothing had to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// What was taken away.
    pub removed: Removals,
}

/// Cleans a string:
/// - **Composition**: the result is in NFC.
/// - **Line ends**: CRLF, CR, U+2028 and U+2029 become LF.
/// - **Controls**: C0 and C1 go, but tab and LF; so do the noncharacters.
/// - **Escape sequences** go whole: CSI to its final byte, control strings such as OSC to BEL or ST on the same line,
///   the two-character ones with their second. A control string without an end loses its introducer only, so that text
///   after it survives. A C1 introducer counts only before a complete sequence, else it is a control.
/// - **Tags** (U+E0000 to U+E007F) go, but for the flags of England, Scotland and Wales: black flag, exact tags, cancel.
/// - **Bidirectional** overrides always go. Embeddings and isolates stay where they are paired on one line, enclose
///   something that shows and nest at most 4 deep. LRM, RLM and ALM stay, one in a row.
/// - **U+200B** becomes a space, a run of them one; at the start or after white space it just goes.
/// - **Joiners** (ZWJ, ZWNJ) stay between two emoji and beside characters of scripts that join, one in a row.
/// - **Variation selectors** stay after a base that Unicode defines such a selector for, at most one per base.
/// - **Other invisible characters** go, wherever they stand: byte order mark, soft hyphen, word joiner and invisible
///   operators (U+2060 to U+2064), deprecated format characters (U+206A to U+206F), grapheme joiner, Hangul and Khmer
///   fillers, annotation marks, format controls of shorthand and music.
///
/// Everything else is left as it is. Cleaning a cleaned string changes nothing. Printable ASCII is recognised in one
/// pass over its bytes.
pub fn clean(text: &str) -> Cleaned<'_> {
    let mut removed = Removals::default();
    if is_plain_ascii(text) {
        return Cleaned { text: Cow::Borrowed(text), removed };
    }
    let mut current = compose(text);
    removed.normalised += u32::from(matches!(current, Cow::Owned(_)));
    // What is stripped may bring a base and its mark together, and what they compose to may be another neighbour. Every
    // further round needs one more mark on the same base, so there are few.
    while let Some(stripped) = strip(&current, &mut removed) {
        current = Cow::Owned(compose(&stripped).into_owned());
    }
    Cleaned { text: current, removed }
}

/// Printable ASCII, tab and LF only. Blocks without an early exit inside, so that the check vectorises.
fn is_plain_ascii(text: &str) -> bool {
    let special = |byte: &u8| !matches!(*byte, b' '..=b'~' | b'\n' | b'\t');
    text.as_bytes().chunks(64).all(|block| !block.iter().fold(false, |found, byte| found | special(byte)))
}

fn compose(text: &str) -> Cow<'_, str> {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    let composed: String = text.nfc().collect();
    if composed == text { Cow::Borrowed(text) } else { Cow::Owned(composed) }
}
