//! The questions that a document is made of: constant instructions, and in fences what a section needs and no more.

use pm33_ai::{Prompt, Template, Untrusted};
use pm33_product::{DocumentTemplate, SectionKind, Source, TemplateSection};

use super::answer;
use crate::Planned;

const OUTLINE: Template = Template {
    name: "prd/outline",
    system: "You plan a product document for a product manager. Blocks of kind `template` name its sections and what \
        belongs in each; the other blocks are facts, each with its id (S1, S2, …). For each section say in at most five short \
        points what it should tell, and list the ids of the facts that it needs, most important first. Use only facts that are \
        there. Do not judge, decide or promise anything. Answer in the JSON form that is asked for.",
};
const SECTION: Template = Template {
    name: "prd/section",
    system: "You write one section of a product document for a product manager. The block of kind `template` names the section \
        and what belongs in it. Blocks of kind `outline` are a plan, blocks of kind `goal` are goals that are written already, \
        blocks of kind `finding` say what is wrong with an earlier draft, which is in the block of kind `draft`; all other \
        blocks are facts, each with its id (S1, S2, …). Write plain sentences that state only what the facts say, each with \
        the ids of the facts that say it. Never state a number, a date, a name or a promise that no fact holds. What the section \
        needs and no fact says is a question: put it among the questions. For a section of goals write each goal with metric, \
        baseline and target as the facts give them; for a section of requirements write each requirement with a priority, an \
        acceptance criterion that can be tried, and the ids of the goals it serves; leave a field empty when no fact says it. \
        No headings, links, images or ids in the sentences. Answer in the JSON form that is asked for.",
};

/// Bytes that data may fill in one question, as they are sent.
const ROOM: u64 = 32_000;
/// Bytes of one fact; of one fact where all are told; of a plan, a draft, goals or findings.
const FACT: usize = 6_000;
const GLANCE: usize = 400;
const BESIDE: usize = 6_000;
/// Limits of output, in tokens.
const OUTLINE_TOKENS: u32 = 2_000;
const SECTION_TOKENS: u32 = 2_500;

/// Hash of all that is constant in the questions.
pub(super) fn instructions() -> String {
    format!("{}-{}", OUTLINE.version(), SECTION.version())
}

/// What is planned at most: an outline, and each section with one repair.
pub(super) fn plan(template: &DocumentTemplate, wanted: &[&TemplateSection]) -> [Planned; 2] {
    let most = |bare: u64, max_output_tokens, times| Planned { bytes: bare + ROOM, max_output_tokens, times };
    let bare = |one: &&TemplateSection| size(&Data::default().section(one));
    let longest = wanted.iter().map(bare).max().unwrap_or(0);
    let times = u32::try_from(wanted.len()).unwrap_or(u32::MAX).saturating_mul(2);
    [most(size(&outline_of(template, &[])), OUTLINE_TOKENS, 1), most(longest, SECTION_TOKENS, times)]
}

/// Asks for a plan of the whole document, from a glance at every fact.
pub(super) fn outline(template: &DocumentTemplate, sources: &[Source]) -> Prompt {
    let blocks: Vec<_> = sources.iter().map(|source| fact(source, GLANCE)).collect();
    fitting(&blocks, |blocks| outline_of(template, blocks))
}

fn outline_of(template: &DocumentTemplate, blocks: &[Untrusted]) -> Prompt {
    let sections = template.sections.iter().filter(|one| one.holds != SectionKind::Questions);
    let described = Prompt::new(OUTLINE, OUTLINE_TOKENS).answering_in(answer::outline_schema());
    let described = sections.fold(described, |prompt, section| prompt.with(about(section)));
    blocks.iter().cloned().fold(described, Prompt::with)
}

/// What a section is written from.
#[derive(Default)]
pub(super) struct Data<'d> {
    /// What the outline says of it.
    pub(super) points: &'d str,
    /// Goals that are written already.
    pub(super) goals: &'d str,
    /// An earlier draft, and what is wrong with it.
    pub(super) draft: &'d str,
    pub(super) findings: &'d str,
    /// Facts, most important first.
    pub(super) sources: Vec<&'d Source>,
}

impl Data<'_> {
    /// Asks for the section.
    pub(super) fn section(&self, section: &TemplateSection) -> Prompt {
        let beside = [
            ("finding", self.findings),
            ("goal", self.goals),
            ("outline", self.points),
            ("draft", self.draft),
        ];
        let beside = beside.into_iter().filter(|(_, text)| !text.is_empty());
        let mut blocks: Vec<_> = beside
            .map(|(kind, text)| Untrusted::new(kind, &section.key, "text", cut(text, BESIDE)))
            .collect();
        blocks.extend(self.sources.iter().map(|source| fact(source, FACT)));
        fitting(&blocks, |blocks| {
            let schema = match section.holds {
                SectionKind::Goals => answer::goals_schema(),
                SectionKind::Requirements => answer::requirements_schema(),
                SectionKind::Prose | SectionKind::Questions => answer::prose_schema(),
            };
            let prompt = Prompt::new(SECTION, SECTION_TOKENS).answering_in(schema).with(about(section));
            blocks.iter().cloned().fold(prompt, Prompt::with)
        })
    }
}

/// A question with as many of the blocks, from the first on, as there is room for: what was planned is never exceeded,
/// whatever placeholders make of a text.
fn fitting(blocks: &[Untrusted], make: impl Fn(&[Untrusted]) -> Prompt) -> Prompt {
    let most = size(&make(&[])) + ROOM;
    let mut raw = 0;
    let is_room = |block: &&Untrusted| {
        raw += block.text().len() as u64;
        raw <= ROOM
    };
    let mut kept = blocks.get(..blocks.iter().take_while(is_room).count()).unwrap_or_default();
    loop {
        let prompt = make(kept);
        match kept.split_last() {
            Some((_, fewer)) if size(&prompt) > most => kept = fewer,
            _ => return prompt,
        }
    }
}

fn size(prompt: &Prompt) -> u64 {
    Planned::of(prompt, 1).bytes
}

fn fact(source: &Source, most: usize) -> Untrusted {
    let text = format!("{}\n{}", source.title, cut(&source.text, most));
    Untrusted::new(source.kind.as_str(), &source.id, "fact", &text)
}

fn about(section: &TemplateSection) -> Untrusted {
    let text = format!("{}\n{}", cut(&section.heading, 500), cut(&section.about, 1_000));
    Untrusted::new("template", &section.key, "section", &text)
}

/// A prefix of a text of at most so many bytes.
fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use pm33_product::{SourceKind, shipped_templates};
    use pm33_tenancy::Timestamp;

    use super::*;

    fn source(number: usize, text: &str) -> Source {
        Source {
            id: format!("S{number}"),
            kind: SourceKind::Child,
            uri: None,
            title: "A fact".to_owned(),
            text: text.to_owned(),
            as_of: Timestamp::from_micros(1_767_225_600_000_000),
        }
    }

    #[test]
    fn no_question_exceeds_its_plan_whatever_the_texts_become() {
        // Each address is shorter than the placeholder that leaves in its place.
        let addresses = "a7@b.co ".repeat(800);
        let sources: Vec<_> = (0..12).map(|number| source(number, &addresses)).collect();
        let template = &shipped_templates()[0];
        let wanted: Vec<_> = template.sections.iter().collect();
        let [first, each] = plan(template, &wanted);
        assert!(size(&outline(template, &sources)) <= first.bytes);
        let data = Data {
            points: &addresses,
            goals: &addresses,
            draft: &addresses,
            findings: &addresses,
            sources: sources.iter().collect(),
        };
        for section in wanted {
            let asked = size(&data.section(section));
            assert!(asked <= each.bytes && asked > each.bytes / 2, "{asked} of {}", each.bytes);
        }
    }
}
