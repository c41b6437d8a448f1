//! Secrets and personal data in a prompt become placeholders: the same value the same one for the whole call. Recognisers
//! are patterns with checksums. What comes out is pseudonymised, not free of personal data.

use std::{collections::HashMap, net::IpAddr, sync::LazyLock};

use regex::{Captures, Regex};

use crate::restore::{Restored, Restorer};

/// What is replaced.
const PATTERNS: &[(&str, &str)] = &[
    // A text that looks like a placeholder already must come back as it was.
    ("LITERAL", r"\[\[[A-Z]+_[0-9]+\]\]"),
    ("KEY", r"(?s:-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z))"),
    ("URL", r#"(?:\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/@:<>"]*:[^\s/@<>"]+@[^\s<>"]*[^\s<>".,;:!?)\]'])"#),
    (
        "KEY",
        r"(?-u:\b(?:pm33_[a-z]+_[0-9A-Za-z]{20,}|sk-[0-9A-Za-z_-]{16,}|gh[pousr]_[0-9A-Za-z]{20,}|github_pat_[0-9A-Za-z_]{20,}|glpat-[0-9A-Za-z_-]{16,}|xox[abeprs]-[0-9A-Za-z-]{10,}|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{35}|[rs]k_(?:live|test)_[0-9A-Za-z]{16,}|whsec_[0-9A-Za-z]{16,}|npm_[0-9A-Za-z]{36}|eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}))",
    ),
    ("EMAIL", r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+"),
    ("IBAN", r"(?-u:\b[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]{1,4}){3,8}\b)"),
    ("CARD", r"(?-u:\b[0-9](?:[ -]?[0-9]){12,18}\b)"),
    (
        "IP",
        r"(?-u:(?:\b[0-9a-fA-F]{1,4}:|::)(?:[0-9a-fA-F]{0,4}:){0,6}(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-fA-F]{1,4}\b|:)|\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b)",
    ),
    ("NATIONAL", r"(?-u:\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b)"),
    (
        "PHONE",
        r"(?-u:(?:\+|\b00)[1-9][0-9]{0,3}(?:[ ./-]?\(?[0-9]{1,4}\)?){2,6}\b|\(?\b[2-9][0-9]{2}\)?[ .-][2-9][0-9]{2}[ .-][0-9]{4}\b)",
    ),
];

static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let groups: Vec<_> = PATTERNS.iter().map(|(_, pattern)| format!("({pattern})")).collect();
    Regex::new(&groups.join("|")).ok()
});

/// The placeholders of one call. The map lives in memory only, as long as the call.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    words: HashMap<String, String>,
    values: HashMap<String, String>,
    counts: HashMap<&'static str, u32>,
}

/// What was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redacted {
    /// Different values.
    pub values: u32,
}

impl Redactor {
    /// Replaces what the recognisers know.
    pub fn redact(&mut self, text: &str) -> String {
        let Some(pattern) = PATTERN.as_ref() else {
            // Nothing leaves unexamined.
            return String::new();
        };
        let (mut out, mut at) = (String::with_capacity(text.len()), 0);
        while let Some(captures) = pattern.captures_at(text, at) {
            let Some(whole) = captures.get(0) else { break };
            let kind = (1..).zip(PATTERNS).find(|(group, _)| captures.get(*group).is_some());
            let kind = kind.map_or("", |(_, (kind, _))| *kind);
            let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
            let found = if holds(kind, whole.as_str()) && stands_alone(kind, text, &captures) {
                Some((kind, 0, whole.len()))
            } else {
                within(kind, whole.as_str())
            };
            if let Some((kind, from, to)) = found {
                let (from, to) = (whole.start() + from, whole.start() + to);
                out.push_str(part(at, from));
                out.push_str(&self.placeholder(kind, part(from, to)));
                at = to;
            } else {
                let next = whole.start() + passed(kind, whole.as_str());
                out.push_str(part(at, next));
                at = next;
            }
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }

    fn placeholder(&mut self, kind: &'static str, value: &str) -> String {
        if let Some(word) = self.words.get(value) {
            return word.clone();
        }
        let count = self.counts.entry(kind).or_insert(0);
        *count += 1;
        let word = format!("[[{kind}_{count}]]");
        self.words.insert(value.to_owned(), word.clone());
        self.values.insert(word.clone(), value.to_owned());
        word
    }

    /// What was replaced so far; look-alikes of placeholders are not counted.
    pub fn redacted(&self) -> Redacted {
        let real = self.counts.iter().filter(|(kind, _)| **kind != "LITERAL");
        Redacted { values: real.map(|(_, count)| count).sum() }
    }

    /// Puts the values back into an answer.
    pub fn restore(&self, answer: &str) -> Restored {
        let mut restorer = self.restorer();
        let mut text = restorer.push(answer);
        text.push_str(&restorer.finish());
        Restored { text, unknown: restorer.unknown() }
    }

    /// Puts the values back into an answer that comes in parts.
    pub fn restorer(&self) -> Restorer<'_> {
        Restorer::over(&self.values)
    }
}

/// Where the groups of a number begin and end.
fn groups(number: &str) -> Vec<(usize, usize)> {
    let ends = number.match_indices([' ', '-']).map(|(place, _)| place).chain([number.len()]);
    let starts = number.match_indices([' ', '-']).map(|(place, _)| place + 1);
    std::iter::once(0).chain(starts).zip(ends).collect()
}

/// Numbers beside a card or an account number are taken along by its pattern: the longest run of whole groups that holds is
/// the value. What is no card's number may be a telephone's with `00` before it.
fn within(kind: &'static str, whole: &str) -> Option<(&'static str, usize, usize)> {
    if !matches!(kind, "CARD" | "IBAN") {
        return None;
    }
    let groups = groups(whole);
    for (place, (from, _)) in groups.iter().enumerate() {
        for (_, to) in groups.iter().skip(place).rev() {
            let run = whole.get(*from..*to).unwrap_or_default();
            if holds(kind, run) && has_length(kind, run) {
                return Some((kind, *from, *to));
            }
        }
    }
    let is_called = whole.starts_with("00") && !whole.starts_with("000") && kind == "CARD";
    let ends = groups.iter().rev().map(|(_, to)| *to).filter(|_| is_called);
    ends.map(|to| ("PHONE", 0, to))
        .find(|(kind, from, to)| holds(kind, whole.get(*from..*to).unwrap_or_default()))
}

/// How much of a match that is no value is passed over: of numbers their first group or sign, because a value may begin
/// behind it and end behind the match, as a card's number after four other digits does.
fn passed(kind: &str, whole: &str) -> usize {
    match kind {
        "CARD" | "IBAN" => whole.find([' ', '-']).unwrap_or(whole.len()),
        "PHONE" => whole.find(|sign: char| !sign.is_ascii_digit()).map_or(whole.len(), |place| place.max(1)),
        _ => whole.len(),
    }
}

/// Whether a match is what it looks like.
fn holds(kind: &str, text: &str) -> bool {
    match kind {
        "IBAN" => is_iban(text),
        "CARD" => is_card(text),
        "IP" => text.parse::<IpAddr>().is_ok_and(|ip| !ip.is_unspecified() && !ip.is_loopback()),
        "NATIONAL" => !text.starts_with("000") && !text.starts_with("666") && !text.starts_with('9'),
        "PHONE" => (8..=15).contains(&text.bytes().filter(u8::is_ascii_digit).count()),
        _ => true,
    }
}

/// An address is not a part of something longer: `std::add` is a path, and 1.2.3.4.5 a version.
fn stands_alone(kind: &str, text: &str, captures: &Captures<'_>) -> bool {
    let Some(whole) = captures.get(0).filter(|_| kind == "IP") else { return true };
    let before = text.get(..whole.start()).and_then(|before| before.chars().next_back());
    let mut after = text.get(whole.end()..).unwrap_or_default().chars();
    let next = after.next();
    let goes_on = next == Some('.') && after.next().is_some_and(|sign| sign.is_ascii_digit());
    let joins = |sign: char| sign.is_alphanumeric() || sign == ':' || sign == '_';
    !(before.is_some_and(|sign| joins(sign) || sign == '.')
        || next.is_some_and(|sign| joins(sign) && sign != ':')
        || goes_on)
}

/// Whether a run has the length that its pattern asks for.
fn has_length(kind: &str, run: &str) -> bool {
    kind != "CARD" || (13..=19).contains(&run.bytes().filter(u8::is_ascii_digit).count())
}

/// ISO 13616: moved and with letters as numbers, the remainder by 97 is 1.
fn is_iban(text: &str) -> bool {
    let signs: Vec<char> = text.chars().filter(|sign| *sign != ' ').collect();
    if !(15..=34).contains(&signs.len()) {
        return false;
    }
    let (head, tail) = signs.split_at(4);
    let digits = tail.iter().chain(head).try_fold(0_u32, |rest, sign| {
        let value = sign.to_digit(36)?;
        Some(if value < 10 { (rest * 10 + value) % 97 } else { (rest * 100 + value) % 97 })
    });
    digits == Some(1)
}

/// The Luhn check, and a first digit that card numbers have.
fn is_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|sign| sign.to_digit(10)).collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        })
        .sum();
    sum.is_multiple_of(10) && digits.first().is_some_and(|first| (2..=6).contains(first))
}
