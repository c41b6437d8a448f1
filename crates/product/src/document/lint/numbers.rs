//! Numbers in texts, and whether a source holds them.

use std::collections::BTreeSet;

use super::super::{Source, prose};

/// Whether numbers that are written as words count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    /// They do.
    Too,
    /// They do not.
    Not,
}

/// A number in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// As it stands there.
    pub(super) shown: String,
    /// In one form: no thousands, no zeros at the end of a fraction; a date as it is.
    pub(super) value: String,
    /// Where it begins, in bytes.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
}

const WORDS: &[(&str, &str)] = &[
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
    ("dozen", "12"),
    ("dozens", "12"),
    ("thirteen", "13"),
    ("fourteen", "14"),
    ("fifteen", "15"),
    ("sixteen", "16"),
    ("seventeen", "17"),
    ("eighteen", "18"),
    ("nineteen", "19"),
    ("twenty", "20"),
    ("thirty", "30"),
    ("forty", "40"),
    ("fifty", "50"),
    ("sixty", "60"),
    ("seventy", "70"),
    ("eighty", "80"),
    ("ninety", "90"),
    ("hundred", "100"),
    ("hundreds", "100"),
    ("thousand", "1000"),
    ("thousands", "1000"),
    ("million", "1000000"),
    ("millions", "1000000"),
    ("billion", "1000000000"),
    ("billions", "1000000000"),
    ("half", "0.5"),
    ("halve", "0.5"),
    ("halves", "0.5"),
    ("double", "2"),
    ("doubles", "2"),
    ("twice", "2"),
    ("triple", "3"),
    ("triples", "3"),
];

/// The numbers that sources hold.
pub(super) fn known(sources: &[Source]) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for source in sources {
        for text in [&source.title, &source.text] {
            known.extend(scan(text, 0, Words::Too).into_iter().map(|one| one.value));
        }
        known.extend(source.as_of.to_string().split('T').next().map(str::to_owned));
    }
    known
}

/// The numbers of a text that say something: not those of ids, list marks, headings, addresses and code.
pub(super) fn numbers(text: &str, words: Words) -> Vec<Found> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut code = prose::lines(text).map(|(_, is_code)| is_code);
    for line in text.split_inclusive('\n') {
        let is_code = code.next().unwrap_or(false);
        if !is_code && prose::heading(line).is_none() {
            let (_, _, rest) = prose::bullet(line);
            found.extend(scan(rest, start + line.len() - rest.len(), words));
        }
        start += line.len();
    }
    found
}

/// The numbers of a line that begins at a place.
fn scan(line: &str, offset: usize, words: Words) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(sign) = line.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = line.get(at..).unwrap_or_default();
        if sign == ']' && rest.starts_with("](") {
            at += rest.find(')').map_or(rest.len(), |end| end + 1);
        } else if sign == '[' && rest.starts_with("[open") {
            // What this program put in the place of a number.
            at += rest.find(']').map_or(rest.len(), |end| end + 1);
        } else if sign.is_alphanumeric() {
            let end = token(rest);
            let word = rest.get(..end).unwrap_or_default();
            if rest.get(end..).is_some_and(|after| after.starts_with("://")) {
                at += rest
                    .find(|sign: char| sign.is_whitespace() || "<>()[]\"".contains(sign))
                    .unwrap_or(rest.len());
                continue;
            }
            found.extend(read(word, words).into_iter().map(|(shown, value, from, to)| Found {
                shown,
                value,
                start: offset + at + from,
                end: offset + at + to,
            }));
            at += end;
        } else {
            at += sign.len_utf8();
        }
    }
    found
}

/// Where a run of letters, digits and what joins digits ends.
fn token(text: &str) -> usize {
    let mut signs = text.char_indices().peekable();
    let mut last = ' ';
    while let Some((at, sign)) = signs.next() {
        let next = signs.peek().map(|(_, next)| *next);
        let joins = match sign {
            '.' | ',' | ':' => last.is_ascii_digit() && next.is_some_and(|next| next.is_ascii_digit()),
            '-' | '–' | '_' | '/' => last.is_alphanumeric() && next.is_some_and(char::is_alphanumeric),
            _ => sign.is_alphanumeric(),
        };
        if !joins {
            return at;
        }
        last = sign;
    }
    text.len()
}

/// The numbers of a run: shown, value, from, to.
fn read(word: &str, words: Words) -> Vec<(String, String, usize, usize)> {
    if !word.starts_with(|first: char| first.is_ascii_digit()) {
        let lower = word.to_lowercase();
        let value = WORDS.iter().find(|(known, _)| *known == lower).filter(|_| words == Words::Too);
        // `P1`, `PAY-12`, `OAuth2`: names, whatever digits are in them. `twelve-month` is a number.
        let parts = lower.split(['-', '–', '/']).next().unwrap_or_default();
        let first = WORDS.iter().find(|(known, _)| *known == parts).filter(|_| words == Words::Too);
        return value
            .map(|(_, value)| (word.to_owned(), (*value).to_owned(), 0, word.len()))
            .or_else(|| {
                first.map(|(known, value)| ((*known).to_owned(), (*value).to_owned(), 0, known.len()))
            })
            .into_iter()
            .collect();
    }
    if is_date(word.get(..10).unwrap_or_default()) {
        // A time may follow the date.
        let date = word.get(..10).unwrap_or_default();
        return vec![(date.to_owned(), date.to_owned(), 0, word.len())];
    }
    let mut found = Vec::new();
    let mut start = 0;
    for part in word.split_inclusive(['-', '–', '/']) {
        let bare = part.trim_end_matches(['-', '–', '/']);
        let end =
            bare.find(|sign: char| !(sign.is_ascii_digit() || ".,:".contains(sign))).unwrap_or(bare.len());
        let digits = bare.get(..end).unwrap_or_default().trim_end_matches(['.', ',', ':']);
        if digits.starts_with(|first: char| first.is_ascii_digit()) {
            found.push((digits.to_owned(), normal(digits), start, start + digits.len()));
        }
        start += part.len();
    }
    found
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() })
}

/// `1,250.50` and `1250.5` are one number.
fn normal(digits: &str) -> String {
    let parts: Vec<&str> = digits.split(',').collect();
    let is_thousands = parts.len() > 1
        && parts.iter().skip(1).all(|part| part.split('.').next().is_some_and(|part| part.len() == 3));
    let plain = if is_thousands { digits.replace(',', "") } else { digits.replace(',', ".") };
    let plain = match plain.split_once('.') {
        Some((whole, fraction)) if !fraction.contains('.') => {
            let fraction = fraction.trim_end_matches('0');
            if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
        }
        _ => plain,
    };
    let bare = plain.trim_start_matches('0');
    if bare.is_empty() || bare.starts_with('.') { format!("0{bare}") } else { bare.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(text: &str) -> Vec<String> {
        numbers(text, Words::Too).into_iter().map(|one| one.value).collect()
    }

    #[test]
    fn numbers_are_told_from_names_and_marks() {
        for (text, found) in [
            ("12 of 1,250.50 units, 3.0 %", vec!["12", "1250.5", "3"]),
            ("R1, P85, PAY-142, OAuth2, GPT-4, S3 [S1]", vec![]),
            ("1. first\n2) second\n- third", vec![]),
            ("twelve countries, twice; a one-time cost", vec!["12", "2"]),
            ("by 2026-12-24, at 24:00, 3-5 weeks, 24h", vec!["2026-12-24", "24:00", "3", "5", "24"]),
            ("# 3 things\n```\n4\n```\nsee [5](pm33://item/a/6) and https://x.example/7?y=8.", vec!["5"]),
            ("0.50 and ,5 and 007", vec!["0.5", "5", "7"]),
            ("a [open question Q7] here", vec![]),
        ] {
            assert_eq!(values(text), found, "{text}");
        }
    }

    proptest! {
        #[test]
        fn places_are_those_of_the_numbers(text in "([a-zé0-9.,:\\-/ \n\\[\\]()#|]|``` |twelve |S1|- ){0,40}") {
            let mut last = 0;
            for one in numbers(&text, Words::Too) {
                prop_assert!(one.start >= last && one.end > one.start);
                let there = text.get(one.start..one.end);
                prop_assert!(there.is_some_and(|there| there.to_lowercase().starts_with(&one.shown.to_lowercase())), "{:?} {:?}", one, there);
                last = one.end;
            }
        }
    }
}
