//! The words of a text, for near-duplicates.

use unicode_normalization::char::is_combining_mark;

use crate::fold::fold_case;

/// The words of a text in their order, case-folded: runs of letters, digits and marks. Scripts without spaces between
/// words (Han, kana, Thai and Lao) give pairs of neighbouring characters instead.
pub fn words(text: &str) -> Vec<String> {
    let folded = fold_case(text);
    let belongs =
        |c: char| c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '\u{200c}' | '\u{200d}');
    let mut words = Vec::new();
    for run in folded.split(|c: char| !belongs(c)) {
        split_run(run, &mut words);
    }
    words
}

fn split_run(run: &str, words: &mut Vec<String>) {
    let mut rest = run;
    while let Some(first) = rest.chars().next() {
        let unspaced = is_unspaced(first);
        let end = rest.find(|c| is_unspaced(c) != unspaced && !is_combining_mark(c)).unwrap_or(rest.len());
        let (part, later) = rest.split_at(end);
        let chars: Vec<char> = part.chars().collect();
        if unspaced && chars.len() > 2 {
            words.extend(chars.windows(2).map(String::from_iter));
        } else {
            words.push(part.to_owned());
        }
        rest = later;
    }
}

fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0x0e00..=0x0eff | 0x3005..=0x3007 | 0x3040..=0x30ff | 0x31f0..=0x31ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff
        | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_are_folded_runs() {
        assert_eq!(words("Fix: the LOGIN-page (v2)!"), ["fix", "the", "login", "page", "v2"]);
        assert_eq!(words("  — \n"), Vec::<String>::new());
        assert_eq!(words("नमस्ते दुनिया").len(), 2);
    }

    #[test]
    fn scripts_without_spaces_give_pairs() {
        assert_eq!(words("v2支払画面"), ["v2", "支払", "払画", "画面"]);
    }
}
