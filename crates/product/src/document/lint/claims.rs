//! Statements and what they cite.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{MadeBy, Section, SectionKind, prose},
    Findings, Ids, Linted, Rule,
    entries::{entries, ids_in},
    kind_of,
};

/// How far statements rest on sources.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Groundedness {
    /// Statements: sentences of prose, goals, requirements. Questions, and what refers to an open question, are none.
    pub claims: u32,
    /// Those that cite at least one source, and none that is not there.
    pub grounded: u32,
    /// Their share, 0 to 1; absent when nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
}

pub(super) fn groundedness(document: &Linted<'_>, ids: &Ids) -> Groundedness {
    let (mut claims, mut grounded) = (0_u32, 0_u32);
    for section in document.sections {
        for claim in statements(section, kind_of(document.template, section), ids) {
            claims += 1;
            grounded += u32::from(rests(document, &claim));
        }
    }
    let share = (claims > 0).then(|| f64::from(grounded) / f64::from(claims));
    Groundedness { claims, grounded, share }
}

/// Cited ids that are not there, and statements of made sections that rest on nothing.
pub(super) fn check(
    document: &Linted<'_>,
    section: &Section,
    kind: SectionKind,
    ids: &Ids,
    findings: &mut Findings,
) {
    for id in unknown(document, &section.text, kind, ids) {
        let message =
            format!("{id} is cited and not there; cite a source of the document or an item of the workspace");
        findings.error(Rule::UnknownCitation, &section.key, Some(&id), message);
    }
    if section.made_by == MadeBy::Person {
        return;
    }
    for claim in statements(section, kind, ids).into_iter().filter(|claim| !rests(document, claim)) {
        let start: String = claim.chars().take(80).collect();
        let message =
            format!("{start:?} cites no source that is there; cite one, or ask it as an open question");
        findings.error(Rule::UnsourcedClaim, &section.key, None, message);
    }
}

/// What a section states.
fn statements(section: &Section, kind: SectionKind, ids: &Ids) -> Vec<String> {
    let refers_to_question = |text: &str| ids_in(text).any(|id| ids.questions.contains(id));
    match kind {
        SectionKind::Questions => Vec::new(),
        SectionKind::Goals | SectionKind::Requirements => {
            entries(&section.text).into_iter().map(|entry| entry.text).collect()
        }
        SectionKind::Prose => {
            let is_statement = |one: &String| {
                let bare = one.trim_end_matches(['*', '_', ' ']);
                !bare.ends_with('?') && !bare.ends_with(':') && !refers_to_question(one)
            };
            prose::sentences(&section.text).into_iter().filter(is_statement).collect()
        }
    }
}

/// Whether a statement cites a source, and none that is not there.
fn rests(document: &Linted<'_>, claim: &str) -> bool {
    let cited: Vec<&str> = citations(claim).filter(|id| is_source_id(id)).collect();
    let is_there = |id: &&str| document.sources.iter().any(|source| source.id == *id);
    if !cited.iter().all(is_there) {
        return false;
    }
    !cited.is_empty() || keys(document, claim).any(|(_, is_there)| is_there)
}

fn is_source_id(id: &str) -> bool {
    id.strip_prefix('S').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Ids in square brackets; links are none.
fn citations(text: &str) -> impl Iterator<Item = &str> {
    let groups = text.match_indices('[').filter_map(move |(at, _)| {
        let inside = text.get(at + 1..)?;
        let end = inside.find(']')?;
        let after = inside.get(end + 1..)?;
        if after.starts_with('(') { None } else { prose::cited(inside.get(..end)?) }
    });
    groups.flatten()
}

/// Item keys of this workspace in a text, and whether each is there.
fn keys<'t>(document: &'t Linted<'_>, text: &'t str) -> impl Iterator<Item = (&'t str, bool)> {
    ids_in(text).filter_map(|word| {
        let (prefix, number) = word.rsplit_once('-')?;
        let number = number.parse().ok().filter(|_| prefix == document.prefix)?;
        Some((word, (document.exists)(number)))
    })
}

/// Ids that are cited and not there. Words that only look like ids (`[ISO-27001]`) are left alone: what counts is `S1`,
/// the workspace's keys, and letters that the document itself gives ids with.
fn unknown(document: &Linted<'_>, text: &str, kind: SectionKind, ids: &Ids) -> Vec<String> {
    let is_missing = |id: &&str| {
        if is_source_id(id) {
            return !document.sources.iter().any(|source| source.id == **id) && !ids.defines(id);
        }
        let letters = id.trim_end_matches(|sign: char| sign.is_ascii_digit());
        ids.uses_letters(letters) && !ids.defines(id) && letters.trim_end_matches('-') != document.prefix
    };
    let prose: Vec<&str> = prose::lines(text).filter(|(_, is_code)| !is_code).map(|(line, _)| line).collect();
    let mut found: Vec<String> = Vec::new();
    for line in prose {
        found.extend(citations(line).filter(is_missing).map(str::to_owned));
        found.extend(keys(document, line).filter(|(_, is_there)| !is_there).map(|(key, _)| key.to_owned()));
        if kind != SectionKind::Requirements {
            continue;
        }
        let goals = super::Entry { id: None, text: line.to_owned() }.field(&["goals", "goal", "serves"]);
        let goals = goals.unwrap_or_default();
        let wrong = ids_in(&goals).filter(|id| !ids.defines(id) && !is_source_id(id) && !id.contains('-'));
        found.extend(wrong.map(str::to_owned));
    }
    found.dedup();
    found
}
