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

/// A chance from trials, 0 to 1, in words: no number of trials makes anything sure.
pub(crate) fn in_percent(chance: f64) -> String {
    match chance {
        chance if chance < 0.01 => "less than 1 %".to_owned(),
        chance if chance > 0.99 => "more than 99 %".to_owned(),
        chance => format!("{:.0} %", 100.0 * chance),
    }
}

#[cfg(test)]
mod tests {
    use super::{counted, in_percent, listed};

    #[test]
    fn numbers_and_names_read_like_sentences() {
        assert_eq!([0, 1, 2].map(|count| counted(count, "epic", "epics")), ["0 epics", "1 epic", "2 epics"]);
        assert_eq!(
            [&[][..], &["A"], &["A", "B"], &["A", "B", "C"]].map(listed),
            ["", "A", "A and B", "A, B and C"]
        );
        assert_eq!([0.0, 0.5, 1.0].map(in_percent), ["less than 1 %", "50 %", "more than 99 %"]);
    }
}
