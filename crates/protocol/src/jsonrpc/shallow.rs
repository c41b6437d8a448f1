//! The identifier of a message that is not read: found on its top level alone, in one pass that builds nothing.

use super::RequestId;

/// The message's one identifier; `None` unless the text is a whole object by its top level and names exactly one
/// identifier there. What lies deeper is only counted.
pub(super) fn identifier(bytes: &[u8]) -> Option<RequestId> {
    let mut at = after_space(bytes, 0);
    if bytes.get(at) != Some(&b'{') {
        return None;
    }
    let mut found = None;
    at = after_space(bytes, at + 1);
    loop {
        let (key, colon) = token(bytes, at)?;
        at = after_space(bytes, colon);
        if bytes.get(at) != Some(&b':') {
            return None;
        }
        let (value, end) = token(bytes, after_space(bytes, at + 1))?;
        if !key.starts_with(b"\"") || (is_id(key) && found.replace(value).is_some()) {
            return None;
        }
        at = after_space(bytes, end);
        match bytes.get(at)? {
            b',' => at = after_space(bytes, at + 1),
            b'}' if after_space(bytes, at + 1) == bytes.len() => break,
            _ => return None,
        }
    }
    RequestId::from_json(str::from_utf8(found?).ok()?)
}

/// Whether a key, quotes included, is `id`, also when it is written with escapes.
fn is_id(key: &[u8]) -> bool {
    key == b"\"id\""
        || (key.contains(&b'\\') && serde_json::from_slice::<String>(key).is_ok_and(|key| key == "id"))
}

fn after_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count()
}

/// The value that begins at an offset, and the offset behind it.
fn token(bytes: &[u8], start: usize) -> Option<(&[u8], usize)> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        match bytes.get(at)? {
            b'"' => at = after_text(bytes, at + 1)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            _ => {
                let rest = bytes.get(at..)?;
                at += rest.iter().take_while(|byte| !b"\"{}[],: \t\r\n".contains(byte)).count();
            }
        }
        if depth == 0 {
            return Some((bytes.get(start..at)?, at));
        }
    }
}

/// The offset behind a text whose content starts at `at`.
fn after_text(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{RequestId, identifier};

    #[test]
    fn only_the_top_level_counts() {
        for (text, expected) in [
            (r#"{"id":7}"#, Some(7)),
            (r#" { "a" : [ {"id":1}, "]" ] , "id" : 7 } "#, Some(7)),
            (r#"{"a":{"id":1}}"#, None),
            (r#"{"a":"\"id\":1,"}"#, None),
            (r#"{"id":1,"id":2}"#, None),
            (r#"{"\u0069d":7}"#, Some(7)),
            (r#"{"id":1,"i\u0064":2}"#, None),
            (r"{id:7}", None),
            (r#"{"id":null}"#, None),
            (r#"{"id":1.5}"#, None),
            (r#"{"id":1"#, None),
            (r#"{"id":1}}"#, None),
            (r#"{"id":1]"#, None),
            (r#"{"id" 1}"#, None),
            (r#"[{"id":1}]"#, None),
            ("{}", None),
            ("", None),
        ] {
            assert_eq!(identifier(text.as_bytes()), expected.map(RequestId::Number), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = identifier(&bytes);
        }
    }
}
