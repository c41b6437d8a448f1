//! One cheap pass over a message before it is parsed: nesting is bounded and half surrogate pairs are found, so that
//! what follows never recurses deeply and every text can be read.

use super::Unreadable;

/// Checks a text without recursion or allocation. Grammar is not judged here: what is no JSON passes, or is refused for
/// a reason that holds for it too.
pub(super) fn scan(bytes: &[u8], depth_limit: usize) -> Result<(), Unreadable> {
    if is_shallow(bytes, depth_limit) {
        return Ok(());
    }
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => at = after_string(bytes, at)?,
            b'{' | b'[' => {
                depth += 1;
                if depth > depth_limit {
                    return Err(Unreadable::TooDeep { limit: depth_limit });
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Bytes that are looked at together.
const BLOCK: usize = 128;

/// Whether a text has no escape, and too few brackets to be deep wherever they stand: most messages, told in steps of many
/// bytes.
fn is_shallow(bytes: &[u8], depth_limit: usize) -> bool {
    let mut opened = 0;
    for block in bytes.chunks(BLOCK) {
        // A block counts in a byte, as many side by side as the processor can.
        let (escapes, opening) = block.iter().fold((0_u8, 0_u8), |(escapes, opening), byte| {
            (escapes + u8::from(*byte == b'\\'), opening + u8::from(matches!(byte, b'{' | b'[')))
        });
        opened += usize::from(opening);
        if escapes > 0 || opened > depth_limit {
            return false;
        }
    }
    true
}

/// The offset behind a string whose content starts at `at`.
fn after_string(bytes: &[u8], mut at: usize) -> Result<usize, Unreadable> {
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(step) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) else {
            return Ok(bytes.len());
        };
        at += step;
        if rest.get(step) == Some(&b'"') {
            return Ok(at + 1);
        }
        at = match code_unit(bytes, at) {
            None => at + 2,
            Some(0xd800..=0xdbff) => match code_unit(bytes, at + 6) {
                Some(0xdc00..=0xdfff) => at + 12,
                _ => return Err(Unreadable::LoneSurrogate { at }),
            },
            Some(0xdc00..=0xdfff) => return Err(Unreadable::LoneSurrogate { at }),
            Some(_) => at + 6,
        };
    }
}

/// The code unit of a `\uXXXX` at an offset.
fn code_unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0_u16, |unit, digit| {
        let value = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(value).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn surrogates_must_come_in_pairs() {
        let cases = [
            (r#""\ud83d\ude00""#, None),
            (r#""\uD83D\uDE00x""#, None),
            (r#""\u0041""#, None),
            (r#""\\ud83d""#, None),
            (r#""\ud83d""#, Some(1)),
            (r#""\ude00""#, Some(1)),
            (r#""a\ud83d\n""#, Some(2)),
            (r#""\ud83d\u0041""#, Some(1)),
            (r#""\ud83d\ud83d\ude00""#, Some(1)),
        ];
        for (text, expected) in cases {
            let found = scan(text.as_bytes(), 4).err();
            assert_eq!(found, expected.map(|at| Unreadable::LoneSurrogate { at }), "{text}");
        }
    }

    #[test]
    fn brackets_in_texts_do_not_count() {
        assert_eq!(scan(br#"["[[[[", "\"[[[", "\\", {}]"#, 2), Ok(()));
        assert_eq!(scan(br#"["\\", [{}]]"#, 2), Err(Unreadable::TooDeep { limit: 2 }));
    }

    proptest! {
        #[test]
        fn any_bytes_are_scanned(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = scan(&bytes, 8);
        }
    }
}
