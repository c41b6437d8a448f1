//! Markdown as lines and sentences, as far as documents need it.

/// The mark of a line that opens or closes a code fence.
fn fence(line: &str) -> Option<&'static str> {
    ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark))
}

/// The fence that is open after a line.
fn after(open: Option<&'static str>, line: &str) -> Option<&'static str> {
    match (open, fence(line)) {
        (None, mark) => mark,
        (Some(mark), found) => (found != Some(mark)).then_some(mark),
    }
}

/// Lines with whether each stands inside a code fence; the fences' own lines count as inside.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut open = None;
    text.lines().map(move |line| {
        let before = open;
        open = after(open, line);
        (line, before.is_some() || open.is_some())
    })
}

/// Level and words of a heading line (`## Words`); `None` for any other. A heading may have no words.
pub(super) fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let rest = line.get(level..)?;
    ((1..=6).contains(&level) && (rest.is_empty() || rest.starts_with([' ', '\t'])))
        .then(|| (level, words(rest)))
}

/// A heading's words without the closing marks that it may have; `C#` has none.
pub(super) fn words(heading: &str) -> &str {
    let words = heading.trim();
    let bare = words.trim_end_matches('#');
    if bare.is_empty() || bare.ends_with([' ', '\t']) { bare.trim_end() } else { words }
}

/// The text with its highest headings at the third level, no line of white space at its ends, line ends as LF.
pub(super) fn demoted(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for (line, is_code) in lines(text) {
        let line = line.trim_end();
        match heading(line) {
            Some((level, words)) if !is_code && level < 3 => {
                out.push(format!("### {words}").trim_end().to_owned());
            }
            _ => out.push(line.to_owned()),
        }
    }
    // A fence that nobody closed would take the following sections along.
    out.extend(text.lines().fold(None, after).map(str::to_owned));
    let start = out.iter().position(|line| !line.is_empty()).unwrap_or(out.len());
    let end = out.iter().rposition(|line| !line.is_empty()).map_or(start, |last| last + 1);
    out.get(start..end).unwrap_or_default().join("\n")
}

/// A line's words without the mark of a list, a quote or emphasis at its start; how far it is indented; whether it
/// begins a list item.
pub(super) fn bullet(line: &str) -> (usize, bool, &str) {
    let indent = line.len() - line.trim_start().len();
    let rest = line.trim_start();
    for mark in ["- ", "* ", "+ "] {
        if let Some(words) = rest.strip_prefix(mark) {
            let words = words.trim_start();
            let words =
                ["[ ] ", "[x] ", "[X] "].iter().find_map(|mark| words.strip_prefix(mark)).unwrap_or(words);
            return (indent, true, words);
        }
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=3).contains(&digits)
        && let Some(words) =
            rest.get(digits..).and_then(|rest| rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") ")))
    {
        return (indent, true, words.trim_start());
    }
    (indent, false, rest)
}

/// Words whose full stop ends no sentence.
const SHORT: [&str; 8] = ["e.g.", "i.e.", "etc.", "vs.", "cf.", "no.", "approx.", "ca."];

/// The sentences of a text: headings, rules of tables and code are none; marks of lists are taken off. Citations after a
/// full stop belong to the sentence before them.
pub fn sentences(text: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut goes_on = false;
    for (line, is_code) in lines(text) {
        let trimmed = line.trim();
        if is_code || trimmed.is_empty() || heading(line).is_some() || is_rule(trimmed) {
            goes_on = false;
            continue;
        }
        let (_, begins, words) = bullet(line);
        let is_row = trimmed.starts_with('|');
        match paragraphs.last_mut() {
            Some(last) if goes_on && !begins && !is_row => {
                last.push(' ');
                last.push_str(words);
            }
            _ => paragraphs.push(words.to_owned()),
        }
        goes_on = !is_row;
    }
    paragraphs.iter().flat_map(|paragraph| split(paragraph)).collect()
}

/// A table's rule, or a thematic break.
fn is_rule(line: &str) -> bool {
    line.bytes().all(|byte| b"|-:= *_".contains(&byte))
}

fn split(paragraph: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut signs = paragraph.chars().peekable();
    while let Some(sign) = signs.next() {
        current.push(sign);
        let ends = matches!(sign, '.' | '!' | '?') && signs.peek().is_none_or(|next| next.is_whitespace());
        let last = current.split_whitespace().next_back().unwrap_or_default().to_lowercase();
        if ends && !SHORT.contains(&last.trim_start_matches('(')) {
            found.push(std::mem::take(&mut current));
        }
    }
    found.push(current);
    let mut sentences: Vec<String> = Vec::new();
    for part in found {
        let mut rest = part.trim();
        // Citations that follow a full stop.
        while let Some(end) = leading_citation(rest) {
            let (citation, after) = rest.split_at(end);
            match sentences.last_mut() {
                Some(last) => {
                    last.push(' ');
                    last.push_str(citation);
                    rest = after.trim_start();
                }
                None => break,
            }
        }
        if rest.chars().any(char::is_alphanumeric) {
            sentences.push(rest.to_owned());
        }
    }
    sentences
}

/// Where a citation at the start of a text ends.
fn leading_citation(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('[')?;
    let end = inside.find(']')?;
    let group = inside.get(..end)?;
    let after = inside.get(end + 1..)?;
    (!after.starts_with('(') && cited(group).is_some()).then_some(end + 2)
}

/// The ids of a group in square brackets, when it holds nothing else: `S1, S2` or `PAY-142`.
pub(super) fn cited(group: &str) -> Option<Vec<&str>> {
    let ids: Vec<&str> = group.split([',', ';', ' ']).filter(|part| !part.is_empty()).collect();
    (!ids.is_empty() && ids.iter().all(|id| is_id(id))).then_some(ids)
}

/// Whether a word has the form of an id: one to ten capitals (digits after the first), perhaps a dash, a number.
pub(super) fn is_id(word: &str) -> bool {
    let digits = word.bytes().rev().take_while(u8::is_ascii_digit).count();
    let Some(head) = word.get(..word.len() - digits) else { return false };
    let (letters, is_key) = head.strip_suffix('-').map_or((head, false), |letters| (letters, true));
    let most = if is_key { 10 } else { 4 };
    (1..=6).contains(&digits)
        && (1..=most).contains(&letters.len())
        && letters.starts_with(|first: char| first.is_ascii_uppercase())
        && letters.bytes().all(|byte| byte.is_ascii_uppercase() || (is_key && byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sentences_are_found_in_paragraphs_and_lists() {
        let text = "# Head\nOne is here. Two, e.g. this, is\nlonger [S1]. [S2] Three? \n\n- four\n- **five**. [S3]\n\n| a | b |\n|---|---|\n| c | 3 |\n```\ncode.\n```";
        assert_eq!(
            sentences(text),
            [
                "One is here.",
                "Two, e.g. this, is longer [S1]. [S2]",
                "Three?",
                "four",
                "**five**. [S3]",
                "| a | b |",
                "| c | 3 |"
            ]
        );
    }

    #[test]
    fn ids_are_told_from_words() {
        for id in ["S1", "R12", "FR-1", "NFR-2", "PAY-142", "Q3", "A1B-4"] {
            assert!(is_id(id), "{id}");
        }
        for word in ["s1", "S", "12", "SOMETHING1", "S-", "R1a", "Über-1", "1-2", "S1234567"] {
            assert!(!is_id(word), "{word}");
        }
    }

    #[test]
    fn headings_go_down_and_fences_are_closed() {
        assert_eq!(demoted("\n# A\r\ntext\n## B ##\n#### C\n\n"), "### A\ntext\n### B\n#### C");
        assert_eq!(demoted("# #\n##\n####"), "###\n###\n####");
        assert_eq!(demoted("```\n# no heading\n```"), "```\n# no heading\n```");
        assert_eq!(demoted("```\nopen"), "```\nopen\n```");
        assert_eq!(demoted("~~~\n```\nopen"), "~~~\n```\nopen\n~~~");
    }

    proptest! {
        #[test]
        fn form_is_kept_once_it_is_made(text in "([#`~a. \n]{0,3}(```|~~~|# a|\n|x|- )){0,12}") {
            let once = demoted(&text);
            prop_assert_eq!(demoted(&once), once.clone());
            prop_assert!(lines(&once).all(|(line, is_code)| is_code || heading(line).is_none_or(|(level, _)| level > 2)));
            // What follows the text is not inside a fence.
            let after = format!("{once}\n## next");
            prop_assert!(lines(&after).last().is_some_and(|(_, is_code)| !is_code), "{:?}", once);
        }
    }
}
