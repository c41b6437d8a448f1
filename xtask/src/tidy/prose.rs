//! Rules of prose that no lint knows: names that say nothing, parameters that are yes or no.

use super::Finding;

/// Names for rooms into which anything goes.
const NAMELESS: [&str; 7] = ["core", "common", "util", "utils", "helper", "helpers", "misc"];

/// A file or folder whose name says nothing.
pub(super) fn name(path: &str) -> Option<Finding> {
    let mut stems = path.split('/').map(|part| part.strip_suffix(".rs").unwrap_or(part));
    let found = stems.rfind(|stem| NAMELESS.contains(stem))?;
    Some(Finding::new(path, format!("the name {found} says nothing; name what it holds")))
}

/// Functions with a parameter that is only yes or no.
pub(super) fn parameters(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("fn ") {
        let starts_a_word =
            rest[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric() && before != '_');
        rest = &rest[at + 3..];
        let name: String = rest.chars().take_while(|one| one.is_alphanumeric() || *one == '_').collect();
        if !starts_a_word || name.is_empty() {
            continue;
        }
        let Some(list) = parameter_list(&rest[name.len()..]) else { continue };
        if list.split(',').any(is_bool) {
            let words = format!(
                "fn {name} takes a bool: use two functions, or an enum whose words say which is which"
            );
            findings.push(Finding::new(path, words));
        }
    }
    findings
}

fn is_bool(parameter: &str) -> bool {
    parameter
        .rsplit_once(": ")
        .is_some_and(|(_, kind)| matches!(kind.trim(), "bool" | "&bool" | "Option<bool>"))
}

/// What stands between a function's parentheses, after its generics.
fn parameter_list(after_name: &str) -> Option<&str> {
    let mut depth = 0_usize;
    let mut begun = None;
    let mut before = ' ';
    for (at, letter) in after_name.char_indices() {
        match letter {
            '<' => depth += 1,
            // An arrow is no bracket.
            '>' if before != '-' && before != '=' => depth = depth.saturating_sub(1),
            '(' if depth == 0 && begun.is_none() => begun = Some((at + 1, 1)),
            '(' => begun = begun.map(|(start, open)| (start, open + 1)),
            ')' => match begun {
                Some((start, 1)) => return after_name.get(start..at),
                _ => begun = begun.map(|(start, open)| (start, open - 1)),
            },
            '{' | ';' if begun.is_none() => return None,
            _ => {}
        }
        before = letter;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{name, parameters};

    #[test]
    fn names_that_say_nothing_are_found() {
        assert!(name("crates/app/src/settings/load.rs").is_none());
        assert!(name("crates/tools/src/helpers.rs").is_some());
        assert!(name("crates/core/src/lib.rs").is_some());
        assert!(name("crates/app/src/score.rs").is_none());
    }

    #[test]
    fn parameters_that_are_yes_or_no_are_found() {
        let of = |text: &str| parameters("a.rs", text).len();
        assert_eq!(of("fn a(x: u8) -> bool {}"), 0);
        assert_eq!(of("pub fn a(&self, is_new: bool) {}"), 1);
        assert_eq!(of("fn a<F: Fn(u8) -> bool>(\n    f: F,\n    dry: bool,\n) {}"), 1);
        assert_eq!(of("fn a(f: impl Fn(bool) -> u8) {}"), 0);
        assert_eq!(of("struct A { fine: bool }\nfn b(x: &bool, y: u8);"), 1);
        assert_eq!(of("fn a() {}\nfn b(x: Option<bool>) {}\nlet fine: bool = c(d);"), 1);
    }
}
