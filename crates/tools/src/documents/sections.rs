//! Sections from what callers send: Markdown, or a section at a time.

use std::collections::BTreeMap;

use pm33_product::{
    DocumentTemplate, MadeBy, Parsed, Section, Source, SourceKind, parse_markdown, section_key,
};
use pm33_tenancy::Timestamp;

/// What was read of a text.
pub(super) struct Read {
    pub(super) title: Option<String>,
    pub(super) sections: Vec<Section>,
    pub(super) sources: Vec<Source>,
}

/// Reads Markdown into sections whose keys are those of the template where the headings fit, and are given once.
pub(super) fn read(markdown: &str, template: &DocumentTemplate, version: u32, now: Timestamp) -> Read {
    let Parsed { title, sections, sources } = parse_markdown(markdown);
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let section = |(heading, text): (String, String)| {
        let key = key_of(&heading, template);
        let count = taken.entry(key.clone()).or_default();
        *count += 1;
        let key = if *count == 1 { key } else { format!("{key}_{count}") };
        Section::new(key, &heading, &text, MadeBy::Person, version)
    };
    let sections = sections.into_iter().map(section).collect();
    let source = |(id, text): (String, String)| Source {
        kind: SourceKind::of_line(&text).unwrap_or(SourceKind::Reference),
        uri: None,
        title: String::new(),
        id,
        text,
        as_of: now,
    };
    Read { title, sections, sources: sources.into_iter().map(source).collect() }
}

/// The key of a heading: numbering before it does not count.
fn key_of(heading: &str, template: &DocumentTemplate) -> String {
    let bare = heading.trim_start_matches(|sign: char| sign.is_ascii_digit() || ".) ".contains(sign));
    let key = section_key(bare);
    if template.section(&key).is_some() { key } else { section_key(heading) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_find_their_section_and_no_key_is_given_twice() {
        let template = pm33_product::shipped_templates().remove(0);
        let text = "# Plan\n## 1. Problem\na\n## Notes\nb\n## Notes\nc\n## Sources\n- S1: item: x\n- S2: y";
        let read = read(text, &template, 3, Timestamp::from_micros(0));
        let keys: Vec<_> = read.sections.iter().map(|one| one.key.as_str()).collect();
        assert_eq!(keys, ["problem", "notes", "notes_2"]);
        let kinds: Vec<_> = read.sources.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [SourceKind::Item, SourceKind::Reference]);
        assert_eq!(read.title.as_deref(), Some("Plan"));
    }
}
