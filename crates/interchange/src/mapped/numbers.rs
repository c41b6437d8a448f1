//! Story points and estimates.

use serde_json::Value;

use super::cells;
use crate::{Mapping, mapping::Columns, row::Row};

/// A number with a point or a comma before its fraction.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-'));
    let parsed = match text.split_once(',') {
        Some((whole, part)) if part.len() != 3 => format!("{whole}.{part}").parse::<f64>(),
        Some(_) => return None,
        None => text.parse::<f64>(),
    };
    parsed.ok().filter(|number| plain && number.is_finite())
}

fn read(row: &mut Row, columns: &Columns, most: f64, unit: f64, rule: &str) -> Option<f64> {
    let (column, text) = cells::text(row, columns)?;
    let found = number(&text).map(|number| number / unit).filter(|number| (0.0..=most).contains(number));
    if found.is_none() {
        row.give_back(&column, &Value::from(text), rule);
    }
    found
}

/// Story points.
pub(super) fn points(row: &mut Row, columns: &Columns) -> Option<f64> {
    read(row, columns, 1_000.0, 1.0, "must be a number from 0 to 1,000; kept as a custom field")
}

/// An estimate in working days of eight hours.
pub(super) fn estimate_days(row: &mut Row, mapping: &Mapping) -> Option<f64> {
    let fields = &mapping.fields;
    let rule = "must be a number, of 0 to 10,000 working days; kept as a custom field";
    let units =
        [(&fields.estimate_days, 1.0), (&fields.estimate_hours, 8.0), (&fields.estimate_seconds, 28_800.0)];
    units.into_iter().find_map(|(columns, unit)| read(row, columns, 10_000.0, unit, rule))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn fractions_have_a_point_or_a_comma() {
        assert_eq!(number(" 3.5 "), Some(3.5));
        assert_eq!(number("3,5"), Some(3.5));
        assert_eq!(number("1,000"), None);
        assert_eq!(number("1e3"), None);
        assert_eq!(number("L"), None);
        assert_eq!(number("nan"), None);
    }
}
