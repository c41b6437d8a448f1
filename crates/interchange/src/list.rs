//! Several values in one cell.

/// What separates the values of a cell that this program writes.
const SEPARATOR: &str = "; ";

/// The values in one cell, so that [`split`] gives them back: a backslash stands before what would be read otherwise.
pub(crate) fn join<T: AsRef<str>>(values: &[T]) -> String {
    let mut cell = String::new();
    for value in values {
        let value = value.as_ref();
        if !cell.is_empty() {
            cell.push_str(SEPARATOR);
        }
        let edges = value.len() - value.trim_start().len()..value.trim_end().len();
        for (at, sign) in value.char_indices() {
            if matches!(sign, ';' | '\\') || !edges.contains(&at) {
                cell.push('\\');
            }
            cell.push(sign);
        }
    }
    cell
}

/// The values of a cell, trimmed; what a backslash is before counts as it is.
pub(crate) fn split(cell: &str, separator: &str) -> Vec<String> {
    let mut values = Vec::new();
    let (mut value, mut kept) = (String::new(), 0);
    let mut rest = cell;
    let mut end = |value: &mut String, kept: &mut usize| {
        let length = value.trim_end().len().max(*kept);
        value.truncate(length);
        *kept = 0;
        let value = std::mem::take(value);
        if !value.is_empty() {
            values.push(value);
        }
    };
    while let Some(sign) = rest.chars().next() {
        let escaped = rest.strip_prefix('\\').and_then(|after| {
            let next = after.chars().next()?;
            (matches!(next, ';' | '\\') || next.is_whitespace()).then_some(next)
        });
        if let Some(next) = escaped {
            value.push(next);
            kept = value.len();
            rest = &rest[1 + next.len_utf8()..];
        } else if let Some(after) = rest.strip_prefix(separator) {
            end(&mut value, &mut kept);
            rest = after;
        } else {
            if !(value.is_empty() && sign.is_whitespace()) {
                value.push(sign);
            }
            rest = &rest[sign.len_utf8()..];
        }
    }
    end(&mut value, &mut kept);
    values
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{join, split};

    proptest! {
        #[test]
        fn any_values_come_back(values in proptest::collection::vec("[ab;\\\\ ü\t]{1,5}", 0..5)) {
            prop_assert_eq!(split(&join(&values), ";"), values);
        }
    }

    #[test]
    fn a_backslash_before_anything_else_is_itself() {
        assert_eq!(split(r" C:\x ;; b", ";"), [r"C:\x", "b"]);
    }
}
