//! Cleaning one string.

use std::{borrow::Cow, iter::Peekable, str::Chars};

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::Removals;

/// A cleaned string; borrowed when nothing had to change.
#[derive(Debug)]
pub struct Cleaned<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// What was taken away.
    pub removed: Removals,
}

/// Cleans a string (governance I1):
/// - NFC; CR and CRLF become LF;
/// - C0 and C1 controls but tab and LF go, escape sequences whole;
/// - the TAG block goes, but for the three registered flags (England, Scotland, Wales);
/// - bidi overrides go; embeddings and isolates stay only in pairs on one line; marks (LRM, RLM, ALM) stay;
/// - U+200B becomes a space; other invisible format characters go; a joiner stays after a character that can join;
/// - one variation selector stays after a base that is no selector; further ones go;
/// - noncharacters go.
///
/// Cleaning a cleaned string changes nothing.
pub fn clean(text: &str) -> Cleaned<'_> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
        return Cleaned { text: Cow::Borrowed(text), removed: Removals::default() };
    }
    let mut removed = Removals::default();
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        step(c, &mut chars, &mut out, &mut removed);
    }
    let paired = pair_bidi(&out, &mut removed);
    let normal = match is_nfc_quick(paired.chars()) {
        IsNormalized::Yes => paired,
        IsNormalized::No | IsNormalized::Maybe => paired.nfc().collect(),
    };
    Cleaned { text: if normal == text { Cow::Borrowed(text) } else { Cow::Owned(normal) }, removed }
}

fn step(c: char, chars: &mut Peekable<Chars<'_>>, out: &mut String, removed: &mut Removals) {
    match c {
        '\t' | '\n' => out.push(c),
        '\r' => {
            if chars.peek() != Some(&'\n') {
                out.push('\n');
            }
        }
        '\u{1b}' | '\u{9b}' => removed.controls += 1 + skip_escape(c, chars),
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => removed.controls += 1,
        '\u{e0000}'..='\u{e007f}' => removed.tags += 1,
        '\u{1f3f4}' => {
            out.push(c);
            if let Some(flag) = flag_tags(chars) {
                out.push_str(flag);
            }
        }
        '\u{202d}' | '\u{202e}' => removed.bidi += 1,
        '\u{200b}' => {
            removed.invisible += 1;
            out.push(' ');
        }
        '\u{200c}' | '\u{200d}' => {
            if out.chars().next_back().is_some_and(can_join) {
                out.push(c);
            } else {
                removed.invisible += 1;
            }
        }
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => {
            if out.chars().next_back().is_some_and(takes_selector) {
                out.push(c);
            } else {
                removed.variation_selectors += 1;
            }
        }
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{2028}' | '\u{2029}'
        | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' => {
            removed.invisible += 1;
            // Line and paragraph separators are honest line ends.
            if matches!(c, '\u{2028}' | '\u{2029}') {
                out.push('\n');
            }
        }
        _ if u32::from(c) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c) => removed.invisible += 1,
        _ => out.push(c),
    }
}

/// Skips the rest of an ANSI escape sequence; how many characters.
fn skip_escape(first: char, chars: &mut Peekable<Chars<'_>>) -> u32 {
    let mut skipped = 0;
    let mut next = |chars: &mut Peekable<Chars<'_>>| {
        skipped += 1;
        chars.next();
    };
    let control = first == '\u{9b}' || chars.peek() == Some(&'[');
    if first == '\u{1b}' {
        match chars.peek() {
            Some('[') => next(chars),
            Some(']' | 'P' | '^' | '_' | 'X') => {
                // A string sequence ends with BEL or ST, and never goes past its line.
                while let Some(&c) = chars.peek() {
                    if c == '\n' {
                        break;
                    }
                    next(chars);
                    if c == '\u{7}' || (c == '\\') {
                        break;
                    }
                }
                return skipped;
            }
            Some('@'..='~') => {
                next(chars);
                return skipped;
            }
            _ => return skipped,
        }
    }
    if control {
        while let Some(&c) = chars.peek() {
            match c {
                ' '..='?' => next(chars),
                '@'..='~' => {
                    next(chars);
                    break;
                }
                _ => break,
            }
        }
    }
    skipped
}

/// The tag sequence of a registered flag, if it comes next; it is taken.
fn flag_tags(chars: &mut Peekable<Chars<'_>>) -> Option<&'static str> {
    const FLAGS: [&str; 3] = [
        "\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        "\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
        "\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}",
    ];
    let ahead: String = chars.clone().take(6).collect();
    let flag = FLAGS.into_iter().find(|flag| **flag == ahead)?;
    for _ in 0..6 {
        chars.next();
    }
    Some(flag)
}

/// Whether a joiner or non-joiner after this character can be honest: emoji and scripts that join.
fn can_join(c: char) -> bool {
    matches!(u32::from(c),
        0x0600..=0x08ff | 0x0900..=0x0dff | 0x0e00..=0x0eff | 0x0f00..=0x109f | 0x1780..=0x18af
        | 0xfb50..=0xfdcf | 0xfdf0..=0xfdff | 0xfe70..=0xfefc | 0xfe0f
        | 0x2190..=0x2bff | 0x1f000..=0x1faff | 0x11000..=0x11fff)
}

/// Whether a variation selector after this character can be honest: anything visible that is not a selector itself.
fn takes_selector(c: char) -> bool {
    !matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{200c}' | '\u{200d}')
        && !c.is_whitespace()
        && !c.is_ascii_alphabetic()
}

/// Drops embeddings and isolates that have no partner on their line.
fn pair_bidi(text: &str, removed: &mut Removals) -> String {
    let is_mark = |c: char| matches!(c, '\u{202a}'..='\u{202c}' | '\u{2066}'..='\u{2069}');
    if !text.contains(is_mark) {
        return text.to_owned();
    }
    let mut drop = Vec::new();
    let mut open: Vec<(usize, char)> = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '\u{202a}' | '\u{202b}' | '\u{2066}'..='\u{2068}' => open.push((at, c)),
            '\u{202c}' | '\u{2069}' => {
                let fits = |opener: char| (c == '\u{2069}') == ('\u{2066}'..='\u{2068}').contains(&opener);
                match open.last() {
                    Some((_, opener)) if fits(*opener) => {
                        open.pop();
                    }
                    _ => drop.push(at),
                }
            }
            '\n' => drop.extend(open.drain(..).map(|(at, _)| at)),
            _ => {}
        }
    }
    drop.extend(open.into_iter().map(|(at, _)| at));
    removed.bidi += u32::try_from(drop.len()).unwrap_or(u32::MAX);
    text.char_indices().filter(|(at, _)| !drop.contains(at)).map(|(_, c)| c).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::clean;

    #[test]
    fn honest_text_stays() {
        for text in [
            "Plain ASCII, with\ttab and\nline",
            "Grüße, naïve café",
            "مرحبا بالعالم",
            "می\u{200c}خواهم",
            "שלום \u{200f}עולם",
            "👨\u{200d}👩\u{200d}👧\u{200d}👦 family",
            "❤\u{fe0f} heart",
            "🏳\u{fe0f}\u{200d}🌈",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} Scotland",
            "क\u{94d}\u{200d}ष",
            "\u{2067}paired isolate\u{2069}",
            "1\u{fe0f}\u{20e3} keycap",
            "日本語のタイトル",
        ] {
            let cleaned = clean(text);
            assert_eq!((cleaned.text.as_ref(), cleaned.removed.total()), (text, 0));
        }
    }

    #[test]
    fn what_hides_goes() {
        for (text, expected, count) in [
            ("tag\u{e0069}\u{e0067}\u{e006e}s", "tags", 3),
            ("🏴\u{e0061}\u{e0062}\u{e007f}x", "🏴x", 3),
            ("a\u{202e}b\u{202c}c", "abc", 2),
            ("open \u{2066}isolate", "open isolate", 1),
            ("red \u{1b}[31mtext\u{1b}[0m", "red text", 9),
            ("title\u{1b}]0;evil\u{7}!", "title!", 9),
            ("bell\u{7}null\0", "bellnull", 2),
            ("zero\u{200b}width", "zero width", 1),
            ("word\u{2060}joined\u{feff}", "wordjoined", 2),
            ("x\u{200d}y", "xy", 1),
            ("a\u{fe0f}\u{fe01}b", "ab", 2),
            ("☀\u{fe0f}\u{fe01}\u{fe02}", "☀\u{fe0f}", 2),
            ("soft\u{ad}hyphen", "softhyphen", 1),
        ] {
            let cleaned = clean(text);
            assert_eq!((cleaned.text.as_ref(), cleaned.removed.total()), (expected, count), "{text:?}");
        }
    }

    #[test]
    fn line_ends_and_composition_are_normalised() {
        assert_eq!(clean("a\r\nb\rc").text, "a\nb\nc");
        assert_eq!(clean("e\u{301}").text, "é");
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in any::<String>()) {
            let once = clean(&text).text.into_owned();
            let twice = clean(&once);
            prop_assert_eq!(twice.text.as_ref(), once.as_str());
            prop_assert_eq!(twice.removed.total(), 0);
        }

        #[test]
        fn nothing_that_hides_survives(text in "[\\x00-\\x1f\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{e0000}-\u{e007f}a-c\n]{0,40}") {
            let cleaned = clean(&text).text.into_owned();
            let bad = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{200b}' | '\u{202d}' | '\u{202e}'
                | '\u{2060}'..='\u{2065}' | '\u{e0000}'..='\u{e007f}');
            prop_assert!(!cleaned.contains(bad), "{:?}", cleaned);
        }

        #[test]
        fn printable_ascii_is_untouched(text in "[ -~]{0,80}") {
            let cleaned = clean(&text);
            prop_assert_eq!(cleaned.text.as_ref(), text.as_str());
        }
    }
}
