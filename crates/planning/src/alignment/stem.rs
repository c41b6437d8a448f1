//! Words as they are compared: lower case, without what says nothing, without English endings. Light on purpose: it must
//! bring `stabilizing` and `stabilization` together and may leave `ran` apart from `run`.

/// Words that say nothing about a subject.
const SILENT: &[&str] = &[
    "a", "all", "also", "an", "and", "any", "are", "as", "at", "be", "by", "can", "for", "from", "has",
    "have", "in", "into", "is", "it", "its", "may", "more", "no", "not", "of", "on", "or", "other", "our",
    "so", "such", "than", "that", "the", "their", "then", "there", "these", "they", "this", "to", "use",
    "used", "using", "was", "we", "were", "which", "will", "with", "without", "would", "you", "your",
];

/// Endings and what takes their place, longest first.
const ENDINGS: &[(&str, &str)] = &[
    ("ization", "ize"),
    ("fulness", "ful"),
    ("iveness", "ive"),
    ("ations", "ate"),
    ("ation", "ate"),
    ("ities", "ity"),
    ("ments", "ment"),
    ("ingly", ""),
    ("edly", ""),
    ("sses", "ss"),
    ("ies", "y"),
    ("ss", "ss"),
    ("ing", ""),
    ("ers", "er"),
    ("ed", ""),
    ("ly", ""),
    ("es", ""),
    ("s", ""),
];

/// The stems of a text in their order, each with the word as it stands there.
pub(super) fn stems(text: &str) -> Vec<(String, String)> {
    text.split(|sign: char| !sign.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| (word.to_lowercase(), word.to_owned()))
        .filter(|(lower, _)| !SILENT.contains(&lower.as_str()))
        .map(|(lower, word)| (stem(&lower), word))
        .collect()
}

fn stem(word: &str) -> String {
    let mut stem = word.to_owned();
    // Endings are English: what is written otherwise is compared whole.
    if !word.is_ascii() {
        return stem;
    }
    for (ending, instead) in ENDINGS {
        if let Some(rest) = word.strip_suffix(ending)
            && rest.len() + instead.len() >= 3
        {
            stem = format!("{rest}{instead}");
            break;
        }
    }
    let mut ends = stem.bytes().rev();
    if let (Some(last), Some(before)) = (ends.next(), ends.next())
        && stem.len() > 3
        && last == before
        && !matches!(last, b'l' | b's' | b'z')
    {
        stem.pop();
    }
    if stem.len() > 3 && stem.ends_with('e') {
        stem.pop();
    }
    if stem.len() > 3 && stem.ends_with('y') {
        stem.pop();
        stem.push('i');
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_meet_and_other_words_do_not() {
        for (one, other) in [
            ("stabilize", "stabilization"),
            ("refund", "refunds"),
            ("running", "run"),
            ("categories", "category"),
            ("payments", "payment"),
        ] {
            assert_eq!(stem(one), stem(other), "{one} {other}");
        }
        for (one, other) in [("pass", "pas"), ("async", "sync"), ("press", "present"), ("Größe", "Gr")] {
            assert_ne!(stem(one), stem(other), "{one} {other}");
        }
        let words: Vec<_> =
            stems("The refunds of the Payments, without a call").into_iter().map(|(_, word)| word).collect();
        assert_eq!(words, ["refunds", "Payments", "call"]);
    }
}
