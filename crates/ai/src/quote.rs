//! Whether a quote stands in a text, word for word.

/// Whether `quote` stands in `source`, where runs of white space count as one space. An empty quote stands nowhere.
pub fn is_verbatim(source: &str, quote: &str) -> bool {
    let joined = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let quote = joined(quote);
    !quote.is_empty() && joined(source).contains(&quote)
}

#[cfg(test)]
mod tests {
    use super::is_verbatim;

    #[test]
    fn only_white_space_may_differ() {
        let source = "Cut the time to first value\n  by half, for new teams.";
        assert!(is_verbatim(source, "first value by half"));
        for quote in ["", "  ", "first value by Half", "by half for new", "cut  the"] {
            assert!(!is_verbatim(source, quote), "{quote:?}");
        }
    }
}
