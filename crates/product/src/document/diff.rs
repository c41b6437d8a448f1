//! What changed between two versions of a document, section by section and line by line.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Document, Section};

/// Unchanged lines that are shown around a change.
const AROUND: usize = 2;
/// Comparisons of lines in one section; beyond it the whole section counts as replaced.
const MOST: usize = 4_000_000;

/// A section that is not the same in both versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SectionDiff {
    /// Its key.
    pub section: String,
    /// Its heading, in the later version where it is there.
    pub heading: String,
    /// What became of it.
    pub change: SectionChange,
    /// Lines that went and came, with a few unchanged ones around them.
    pub lines: Vec<DiffLine>,
}

/// What became of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SectionChange {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Its heading or text is another.
    Changed,
}

/// A line of a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DiffLine {
    /// Whether it went, came or stayed.
    pub op: DiffOp,
    /// The line.
    pub text: String,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub enum DiffOp {
    /// Only in the later version.
    #[serde(rename = "+")]
    Added,
    /// Only in the earlier version.
    #[serde(rename = "-")]
    Removed,
    /// In both.
    #[serde(rename = " ")]
    Same,
}

/// The sections that differ, in the order of the later version, removed ones last.
pub fn diff(earlier: &Document, later: &Document) -> Vec<SectionDiff> {
    let find = |document: &Document, key: &str| document.sections.iter().find(|one| one.key == key).cloned();
    let mut found = Vec::new();
    for section in &later.sections {
        match find(earlier, &section.key) {
            None => found.push(of(section, SectionChange::Added, changed("", &section.text))),
            Some(before) if before.text != section.text || before.heading != section.heading => {
                found.push(of(section, SectionChange::Changed, changed(&before.text, &section.text)));
            }
            Some(_) => {}
        }
    }
    for section in earlier.sections.iter().filter(|one| find(later, &one.key).is_none()) {
        found.push(of(section, SectionChange::Removed, changed(&section.text, "")));
    }
    found
}

fn of(section: &Section, change: SectionChange, lines: Vec<DiffLine>) -> SectionDiff {
    SectionDiff { section: section.key.clone(), heading: section.heading.clone(), change, lines }
}

/// The lines that went and came, with those around them.
fn changed(earlier: &str, later: &str) -> Vec<DiffLine> {
    let all = compared(&earlier.lines().collect::<Vec<_>>(), &later.lines().collect::<Vec<_>>());
    let is_near = |at: usize| {
        let from = at.saturating_sub(AROUND);
        all.iter().skip(from).take(at + AROUND + 1 - from).any(|(op, _)| *op != DiffOp::Same)
    };
    let near: Vec<bool> = (0..all.len()).map(is_near).collect();
    let shown = all.iter().zip(near).filter(|(_, is_near)| *is_near);
    shown.map(|((op, text), _)| DiffLine { op: *op, text: (*text).to_owned() }).collect()
}

/// Every line of both with what became of it: a longest common subsequence stays.
fn compared<'a>(earlier: &[&'a str], later: &[&'a str]) -> Vec<(DiffOp, &'a str)> {
    let head = earlier.iter().zip(later).take_while(|(one, other)| one == other).count();
    let (old, new) = (earlier.get(head..).unwrap_or_default(), later.get(head..).unwrap_or_default());
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(one, other)| one == other).count();
    let (old, end) = old.split_at(old.len() - tail);
    let new = new.get(..new.len() - tail).unwrap_or_default();
    let mut lines: Vec<_> = earlier.iter().take(head).map(|line| (DiffOp::Same, *line)).collect();
    if old.len().saturating_mul(new.len()) > MOST {
        lines.extend(old.iter().map(|line| (DiffOp::Removed, *line)));
        lines.extend(new.iter().map(|line| (DiffOp::Added, *line)));
    } else {
        middle(old, new, &mut lines);
    }
    lines.extend(end.iter().map(|line| (DiffOp::Same, *line)));
    lines
}

fn middle<'a>(old: &[&'a str], new: &[&'a str], lines: &mut Vec<(DiffOp, &'a str)>) {
    let width = new.len() + 1;
    // Length of the longest common subsequence of what follows each pair of places.
    let mut common = vec![0_u32; (old.len() + 1) * width];
    let at =
        |common: &[u32], row: usize, column: usize| common.get(row * width + column).copied().unwrap_or(0);
    for (row, one) in old.iter().enumerate().rev() {
        for (column, other) in new.iter().enumerate().rev() {
            let best = if one == other {
                at(&common, row + 1, column + 1) + 1
            } else {
                at(&common, row + 1, column).max(at(&common, row, column + 1))
            };
            if let Some(place) = common.get_mut(row * width + column) {
                *place = best;
            }
        }
    }
    let (mut row, mut column) = (0, 0);
    loop {
        match (old.get(row), new.get(column)) {
            (Some(one), Some(other)) if one == other => {
                lines.push((DiffOp::Same, one));
                (row, column) = (row + 1, column + 1);
            }
            (Some(one), other)
                if other.is_none() || at(&common, row + 1, column) >= at(&common, row, column + 1) =>
            {
                lines.push((DiffOp::Removed, one));
                row += 1;
            }
            (_, Some(other)) => {
                lines.push((DiffOp::Added, other));
                column += 1;
            }
            (_, None) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn side(lines: &[(DiffOp, &str)], gone: DiffOp) -> Vec<String> {
        lines.iter().filter(|(op, _)| *op != gone).map(|(_, line)| (*line).to_owned()).collect()
    }

    #[test]
    fn a_changed_line_is_shown_with_those_around_it() {
        let earlier = "a\nb\nc\nd\ne\nf\ng";
        let later = "a\nb\nc\nD\ne\nf\ng";
        let told: Vec<_> = changed(earlier, later).into_iter().map(|line| (line.op, line.text)).collect();
        let same = |text: &str| (DiffOp::Same, text.to_owned());
        assert_eq!(
            told,
            [
                same("b"),
                same("c"),
                (DiffOp::Removed, "d".to_owned()),
                (DiffOp::Added, "D".to_owned()),
                same("e"),
                same("f")
            ]
        );
    }

    proptest! {
        #[test]
        fn both_sides_can_be_read_from_a_difference(
            earlier in prop::collection::vec("[abc]", 0..12), later in prop::collection::vec("[abc]", 0..12),
        ) {
            let (old, new): (Vec<&str>, Vec<&str>) =
                (earlier.iter().map(String::as_str).collect(), later.iter().map(String::as_str).collect());
            let lines = compared(&old, &new);
            prop_assert_eq!(&side(&lines, DiffOp::Added), &earlier);
            prop_assert_eq!(&side(&lines, DiffOp::Removed), &later);
        }
    }
}
