//! A document as Markdown, both ways.

use std::fmt::Write;

use super::{Document, SOURCES, Source, SourceKind, prose, section_key};

/// What was read from Markdown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The title: the only heading of the first level.
    pub title: Option<String>,
    /// Headings with what stands under them, in order.
    pub sections: Vec<(String, String)>,
    /// Sources that the text lists under `Sources`, by id: what each line says.
    pub sources: Vec<(String, String)>,
}

/// Writes a document. `about` is the key of the item that it is about.
pub fn write(document: &Document, about: Option<&str>) -> String {
    let mut out = String::new();
    let about = about.map(|key| format!(" · about {key}")).unwrap_or_default();
    let model = document.provenance.model.as_deref().map(|model| format!(" ({model})")).unwrap_or_default();
    // Writing to a string does not fail.
    let _ = write!(
        out,
        "# {}\n\n> {} · version {} · {}{about} · {}{model} · {}\n",
        document.title,
        document.kind,
        document.version,
        document.status,
        document.provenance.made_by.describe(),
        document.updated
    );
    for section in &document.sections {
        let _ = write!(out, "\n## {}\n", section.heading);
        if !section.text.is_empty() {
            let _ = write!(out, "\n{}\n", section.text);
        }
    }
    if !document.sources.is_empty() {
        out.push_str("\n## Sources\n\n");
        for source in &document.sources {
            out.push_str(&line(source));
            out.push('\n');
        }
    }
    out
}

/// A source as a line of a list.
fn line(source: &Source) -> String {
    let joined = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let title = joined(&source.title).replace(['[', ']'], "");
    let named = match &source.uri {
        Some(uri) => format!("[{title}]({uri})"),
        None => title,
    };
    format!(
        "- **{}** {}: {named}, as of {}: {}",
        source.id,
        source.kind.as_str(),
        source.as_of,
        joined(&source.text)
    )
}

/// Reads Markdown. Sections begin at headings of the second level, or of the first where that is given more than once or
/// no second one is there.
pub fn parse(text: &str) -> Parsed {
    let text = text.trim_start_matches('\u{feff}');
    let levels = |wanted: usize| {
        let found = prose::lines(text).filter(|(line, is_code)| {
            !is_code && prose::heading(line).is_some_and(|(level, _)| level == wanted)
        });
        found.count()
    };
    let (first, second) = (levels(1), levels(2));
    let level = if first > 1 || (second == 0 && first == 0) { 1 } else { 2 };
    let mut parsed = Parsed::default();
    let mut bodies: Vec<(String, Vec<&str>)> = vec![("Text".to_owned(), Vec::new())];
    for (line, is_code) in prose::lines(text) {
        match prose::heading(line).filter(|_| !is_code) {
            Some((1, words)) if level == 2 => parsed.title = Some(words.to_owned()),
            Some((found, words)) if found == level => bodies.push((words.to_owned(), Vec::new())),
            _ => {
                if let Some((_, body)) = bodies.last_mut() {
                    body.push(line);
                }
            }
        }
    }
    for (place, (heading, lines)) in bodies.into_iter().enumerate() {
        // What this program writes of a document under its title is not a part of it.
        let is_ours = |line: &&&str| place == 0 && line.starts_with("> ") && line.contains(" · version ");
        let lines: Vec<&str> = lines.iter().filter(|line| !is_ours(line)).copied().collect();
        let body = prose::demoted(&lines.join("\n"));
        if section_key(&heading) == SOURCES {
            parsed.sources.extend(lines.iter().filter_map(|line| listed(line)));
        } else if place > 0 || !body.is_empty() {
            parsed.sections.push((heading, body));
        }
    }
    parsed
}

/// A source of a list: `- **S1** item: …`, `[S1]: …`, `S1 …`.
fn listed(line: &str) -> Option<(String, String)> {
    let (_, _, words) = prose::bullet(line);
    let words = words.trim_start_matches(['*', '[', '_', '`']);
    let end = words.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '-').unwrap_or(words.len());
    let (id, rest) = words.split_at(end);
    let rest = rest.trim_start_matches(['*', ']', '_', '`', ':', '.', ')', ' ']).trim();
    (prose::is_id(id) && !rest.is_empty()).then(|| (id.to_owned(), rest.to_owned()))
}

impl SourceKind {
    /// The sort that a source's line begins with, where it begins with one.
    pub fn of_line(line: &str) -> Option<Self> {
        let word = line.split(':').next()?.trim();
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use pm33_tenancy::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::{DocumentId, DocumentKind, DocumentStatus, MadeBy, Provenance, Section};

    fn document(sections: Vec<Section>) -> Document {
        let now = Timestamp::from_micros(1_767_225_600_000_000);
        Document {
            id: DocumentId::new(now),
            version: 2,
            kind: DocumentKind::Prd,
            template: "prd".to_owned(),
            title: "Refunds".to_owned(),
            status: DocumentStatus::Draft,
            about: None,
            sections,
            sources: vec![Source {
                id: "S1".to_owned(),
                kind: SourceKind::Item,
                uri: Some("pm33://item/main/PAY-1".to_owned()),
                title: "PAY-1".to_owned(),
                text: "Refund\nin part".to_owned(),
                as_of: now,
            }],
            provenance: Provenance::person(None),
            author: None,
            created: now,
            updated: now,
        }
    }

    #[test]
    fn headings_of_either_level_make_sections() {
        let parsed = parse(
            "# Plan\n\nIntro.\n\n## Problem\nIt is slow.\n\n### More\nYes.\n\n## Sources\n- **S1** a note\n[S2]: another\n",
        );
        assert_eq!(parsed.title.as_deref(), Some("Plan"));
        let section = |heading: &str, text: &str| (heading.to_owned(), text.to_owned());
        assert_eq!(
            parsed.sections,
            [section("Text", "Intro."), section("Problem", "It is slow.\n\n### More\nYes.")]
        );
        assert_eq!(parsed.sources, [section("S1", "a note"), section("S2", "another")]);
        let flat = parse("# Problem\na\n# Goals\n## G1\nb");
        assert_eq!(flat.sections, [section("Problem", "a"), section("Goals", "### G1\nb")]);
        assert_eq!(parse("no heading at all").sections, [section("Text", "no heading at all")]);
        assert_eq!(parse("# Only a title\ntext").title.as_deref(), Some("Only a title"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(texts in prop::collection::vec(("[A-Za-z][A-Za-z ]{0,20}", "([#`~a. \n>·]|```|~~~|\n# a|\n## b|\n\\[S1\\]|- )*"), 1..5)) {
            let sections: Vec<_> = texts.iter().enumerate()
                .map(|(place, (heading, text))| Section::new(format!("s{place}"), &format!("{heading} {place}"), text, MadeBy::Person, 1))
                .collect();
            let whole = document(sections.clone());
            let parsed = parse(&write(&whole, Some("PAY-1")));
            prop_assert_eq!(parsed.title.as_deref(), Some("Refunds"));
            let told: Vec<_> = sections.iter().map(|one| (one.heading.clone(), one.text.clone())).collect();
            prop_assert_eq!(parsed.sections, told);
            prop_assert_eq!(parsed.sources.len(), 1);
            prop_assert_eq!(SourceKind::of_line(&parsed.sources[0].1), Some(SourceKind::Item));
        }
    }
}
