//! Orders that are written in another way: base64, ROT13, backwards, digits for letters.

use super::{Detection, grammar, phrases};

/// Longest encoded run that is read, in characters.
const LONGEST: usize = 4_096;

/// Looks at a text in other readings.
pub(super) fn look(text: &str, folded: &str, words: &[&str], found: &mut Detection) {
    for run in text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_')))
    {
        if (24..=LONGEST).contains(&run.len())
            && let Some(decoded) = base64(run)
        {
            reading(&decoded.to_lowercase(), "base64", found);
        }
    }
    if words.len() < 4 {
        return;
    }
    if folded.bytes().any(|byte| matches!(byte, b'0' | b'1' | b'3' | b'4' | b'5' | b'7' | b'@' | b'$')) {
        reading(&folded.chars().map(unleet).collect::<String>(), "leetspeak", found);
    }
    reading(&folded.chars().map(rot13).collect::<String>(), "rot13", found);
    reading(&folded.chars().rev().collect::<String>(), "backwards", found);
}

/// Looks at one reading: only what is plain in it counts.
fn reading(text: &str, rule: &'static str, found: &mut Detection) {
    let mut inner = Detection::default();
    grammar::look(&grammar::words(text), &mut inner);
    if !inner.is_flagged() {
        phrases::look(text, &mut inner);
    }
    if inner.is_flagged() && !inner.rules.iter().all(|inner| found.rules.contains(inner)) {
        found.add(rule, 60);
    }
}

fn rot13(c: char) -> char {
    match c {
        'a'..='m' => char::from(c as u8 + 13),
        'n'..='z' => char::from(c as u8 - 13),
        other => other,
    }
}

fn unleet(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Base64 of readable text, in either alphabet; `None` for anything else.
fn base64(run: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(run.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in run.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap_or(0));
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    let is_readable = text.chars().all(|c| !c.is_control() || c.is_whitespace()) && text.contains(' ');
    is_readable.then_some(text)
}
