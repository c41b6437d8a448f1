//! Small helpers for sentences that people read.

/// A number with its noun: `1 epic`, `2 epics`.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Names in a row: `A`, `A and B`, `A, B and C`.
pub(crate) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{counted, listed};

    #[test]
    fn numbers_and_names_read_like_sentences() {
        assert_eq!([0, 1, 2].map(|count| counted(count, "epic", "epics")), ["0 epics", "1 epic", "2 epics"]);
        assert_eq!(
            [&[][..], &["A"], &["A", "B"], &["A", "B", "C"]].map(listed),
            ["", "A", "A and B", "A, B and C"]
        );
    }
}
