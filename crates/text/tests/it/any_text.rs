//! What holds for the boundary on any text. Property tests and the fuzz target share it.

use std::borrow::Cow;

use pm33_text::{Removals, clean};
use unicode_normalization::is_nfc;

/// Checks what holds for any bytes, read as a text.
pub(crate) fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let once = clean(&text);
    assert!(!once.text.contains(forbidden), "{:?}", once.text);
    assert!(is_nfc(&once.text), "{:?}", once.text);
    if matches!(once.text, Cow::Borrowed(_)) {
        assert_eq!(once.removed, Removals::default(), "nothing changed, and yet it counts");
    }
    let twice = clean(&once.text);
    assert_eq!(twice.text, once.text);
    assert!(matches!(twice.text, Cow::Borrowed(_)), "a cleaned text is copied");
    assert_eq!(twice.removed, Removals::default());
}

/// Written apart from the code under test: what never survives, wherever it stands.
pub(crate) fn forbidden(c: char) -> bool {
    let at = u32::from(c);
    (c.is_control() && c != '\t' && c != '\n')
        || at & 0xfffe == 0xfffe
        || matches!(at, 0xad | 0x34f | 0x115f | 0x1160 | 0x180e | 0x200b | 0x2028 | 0x2029 | 0x202d | 0x202e | 0x2060..=0x2065
            | 0x206a..=0x206f | 0x3164 | 0xfdd0..=0xfdef | 0xfeff | 0xffa0 | 0xe0001 | 0xe0080..=0xe00ff)
}

/// Honest texts, and such as hide something.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    [
        "Zahlung in Straße\u{301}, 👩\u{200d}👩\u{200d}👧, 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        "\u{1b}[31mred\u{1b}[0m \u{1b}]8;;https://example.org\u{7}link\u{1b}]8;;\u{1b}\\ \u{9b}1m",
        "a\u{202e}b\u{202c} \u{2067}עברית\u{2069} \u{200f}\u{200f}c\r\nd\u{2028}e\u{200b}\u{200b}f",
        "i\u{e0069}\u{e0067}g\u{2060}n\u{feff}o\u{ad}r\u{34f}e ❤\u{fe0f}\u{fe0f} \u{1100}\u{1161}\u{11a8} \u{fdd0}",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}
