//! Text from what a model said: cited, without marks of its own, with questions in the place of what no source holds.

use std::collections::{BTreeMap, BTreeSet};

use pm33_product::{
    DocumentTemplate, MadeBy, Section, SectionKind, Source, TemplateSection, entries, question_numbers,
    sentences,
};

use super::{
    super::{
        evidence::{Evidence, plain},
        skeleton::{OpenQuestion, Questions},
    },
    Bare,
    answer::{Answer, Goal, Requirement},
};

/// Entries of a section, and questions of the model's own.
const MOST: usize = 40;
const ASKED: usize = 8;
/// Words for how much a requirement matters.
const PRIORITIES: [&str; 8] = ["must", "should", "could", "won't", "critical", "high", "medium", "low"];

/// Sections as they are to be read.
pub(super) struct Rendered {
    pub(super) sections: Vec<Section>,
    pub(super) questions: Questions,
    /// What was not told as the model said it, and why; by section.
    pub(super) lost: BTreeMap<String, Vec<String>>,
}

/// The sections of a template from a model's answers; where one is missing, the bare evidence. `is_absent` knows keys of
/// items that are not there.
pub(super) fn sections(
    template: &DocumentTemplate,
    evidence: &Evidence,
    answers: &BTreeMap<String, Answer>,
    bare: Bare<'_>,
    is_absent: &dyn Fn(&str) -> bool,
) -> Rendered {
    let given = bare.kept.iter().flat_map(|one| entries(&one.text)).filter_map(|entry| entry.id);
    let mut renderer = Renderer {
        evidence,
        is_absent,
        questions: Questions::new(&evidence.owner),
        goals: Vec::new(),
        given: given.collect(),
        lost: BTreeMap::new(),
        key: String::new(),
    };
    let mut written = Vec::new();
    for section in template.sections.iter().filter(|one| one.holds != SectionKind::Questions) {
        let of = |all: &[Section]| all.iter().find(|one| one.key == section.key).cloned();
        renderer.key.clone_from(&section.key);
        let new = match (of(bare.kept), answers.get(&section.key)) {
            (Some(kept), _) => Some(kept),
            (None, Some(answer)) => {
                let text = renderer.section(section, answer);
                let (key, made) = (section.key.clone(), MadeBy::Model);
                (!text.is_empty()).then(|| Section::new(key, &section.heading, &text, made, bare.version))
            }
            (None, None) => of(bare.sections).map(|one| renderer.bare(one, bare.questions)),
        };
        if let Some(new) = new {
            if section.holds == SectionKind::Goals {
                renderer.goals.extend(entries(&new.text).into_iter().filter_map(|entry| entry.id));
            }
            written.push(new);
        }
    }
    let at = template.sections.iter().find(|one| one.holds == SectionKind::Questions);
    let (key, heading) =
        at.map_or(("open_questions", "Open questions"), |one| (one.key.as_str(), one.heading.as_str()));
    let text = if renderer.questions.all.is_empty() { "None.".to_owned() } else { renderer.questions.text() };
    written.push(Section::new(key, heading, &text, MadeBy::Model, bare.version));
    Rendered { sections: written, questions: renderer.questions, lost: renderer.lost }
}

/// A text of the model's without marks that it would begin a list, a heading or code with.
fn bare(text: &str, most: usize) -> String {
    let text = plain(text, most);
    let mut rest = text.as_str();
    loop {
        let trimmed =
            rest.trim_start_matches(|sign: char| sign.is_whitespace() || "#*+->`~_=".contains(sign));
        let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
        let ordinal = trimmed.get(digits..).filter(|_| digits > 0);
        let next = ordinal.and_then(|after| after.strip_prefix(". ").or_else(|| after.strip_prefix(") ")));
        match next {
            Some(after) => rest = after,
            None => return trimmed.to_owned(),
        }
    }
}

struct Renderer<'e> {
    evidence: &'e Evidence,
    is_absent: &'e dyn Fn(&str) -> bool,
    questions: Questions,
    goals: Vec<String>,
    /// Ids that are taken.
    given: BTreeSet<String>,
    lost: BTreeMap<String, Vec<String>>,
    /// The section at hand.
    key: String,
}

impl Renderer<'_> {
    fn section(&mut self, section: &TemplateSection, answer: &Answer) -> String {
        let mut lines: Vec<String> = match section.holds {
            SectionKind::Goals => answer.goals.iter().take(MOST).filter_map(|one| self.goal(one)).collect(),
            SectionKind::Requirements => {
                answer.requirements.iter().take(MOST).filter_map(|one| self.requirement(one)).collect()
            }
            _ => {
                let said = answer.statements.iter().take(MOST);
                said.filter_map(|one| self.statement(&one.text, &one.sources))
                    .map(|text| format!("- {text}"))
                    .collect()
            }
        };
        let asked: Vec<_> = answer
            .questions
            .iter()
            .map(|one| plain(one, 500))
            .filter(|one| !one.is_empty())
            .take(ASKED)
            .collect();
        let ids: Vec<_> = asked.iter().map(|question| self.ask(question)).collect();
        if lines.is_empty() && section.mandatory {
            let ids =
                if ids.is_empty() {
                    vec![self.ask(&format!(
                        "What belongs under \u{201c}{}\u{201d}?",
                        plain(&section.heading, 200)
                    ))]
                } else {
                    ids
                };
            lines.push(format!("No source says it; see {}.", ids.join(", ")));
        }
        lines.join("\n")
    }

    /// The bare evidence of a section, with its questions under new ids.
    fn bare(&mut self, section: Section, asked: &[OpenQuestion]) -> Section {
        let mut ids: BTreeMap<&str, String> = BTreeMap::new();
        let mut text = String::new();
        let is_word = |sign: char| sign.is_ascii_alphanumeric();
        for part in section.text.split_inclusive(|sign| !is_word(sign)) {
            let word = part.trim_end_matches(|sign| !is_word(sign));
            match asked.iter().find(|one| one.id == word) {
                None => text.push_str(part),
                Some(one) => {
                    let new = ids.entry(one.id.as_str()).or_insert_with(|| self.ask(&one.question));
                    text.push_str(new);
                    text.push_str(part.get(word.len()..).unwrap_or_default());
                }
            }
        }
        self.given.extend(entries(&text).into_iter().filter_map(|entry| entry.id));
        Section { text, ..section }
    }

    /// The next id that nothing has yet.
    fn id(&mut self, letter: char) -> String {
        let mut number = 1;
        loop {
            let id = format!("{letter}{number}");
            if self.given.insert(id.clone()) {
                return id;
            }
            number += 1;
        }
    }

    /// Notes what is not told as the model said it.
    fn lose(&mut self, why: String) {
        self.lost.entry(self.key.clone()).or_default().push(why);
    }

    /// The sources of these ids that are there.
    fn there(&self, ids: &[String]) -> Vec<Source> {
        let mut found: Vec<Source> = Vec::new();
        for id in ids {
            let id = id.trim_matches(|sign: char| !sign.is_ascii_alphanumeric());
            if let Some(source) = self.evidence.sources.iter().find(|one| one.id == id)
                && !found.iter().any(|one| one.id == source.id)
            {
                found.push(source.clone());
            }
        }
        found
    }

    /// A statement, each sentence cited; a question instead when nothing that is there says it.
    fn statement(&mut self, text: &str, ids: &[String]) -> Option<String> {
        let sources = self.there(ids);
        let text = bare(text, 2_000);
        if !text.chars().any(char::is_alphanumeric) {
            return None;
        }
        if sources.is_empty() || self.names_absent(&text) {
            self.unsaid(&text);
            return None;
        }
        let text = self.known(&text, &sources);
        let cited: Vec<_> = sources.iter().map(|one| one.id.as_str()).collect();
        let cited = cited.join(", ");
        let each = sentences(&text).into_iter().map(|one| {
            let bare = one.trim_end().trim_end_matches(['.', '!', '?']).to_owned();
            format!("{bare} [{cited}].")
        });
        Some(each.collect::<Vec<_>>().join(" "))
    }

    /// Whether it names an item that is not there.
    fn names_absent(&self, text: &str) -> bool {
        text.split(|sign: char| !(sign.is_alphanumeric() || sign == '-')).any(|word| (self.is_absent)(word))
    }

    /// Asks, once; the question's id. Items that are not there are not named.
    fn ask(&mut self, question: &str) -> String {
        let is_word = |sign: char| sign.is_alphanumeric() || sign == '-';
        let mut text = String::new();
        for part in question.split_inclusive(|sign| !is_word(sign)) {
            let word = part.trim_end_matches(|sign| !is_word(sign));
            let shown = if (self.is_absent)(word) { "(no such item)" } else { word };
            text.push_str(shown);
            text.push_str(part.get(word.len()..).unwrap_or_default());
        }
        let asked = self.questions.all.iter().find(|one| one.question == text).map(|one| one.id.clone());
        asked.unwrap_or_else(|| self.questions.ask(text))
    }

    fn unsaid(&mut self, text: &str) {
        let short = plain(text, 200);
        self.lose(format!("{short:?} names no fact that is there, or an item that is not"));
        self.ask(&format!("Is it so, and who says it: {}?", short.trim_end_matches(['.', '!', '?'])));
    }

    /// A text with a question in the place of each number that these sources do not hold.
    fn known(&mut self, text: &str, sources: &[Source]) -> String {
        let mut text = text.to_owned();
        // What stood right behind a number can be one when that is gone: `12three`.
        loop {
            let asked = question_numbers(&text, sources, |number| {
                self.lose(format!("the number {number} is in no fact that is cited for it"));
                let question =
                    format!("Which number is right? {number} is in no source that was cited for it.");
                format!("[open question {}]", self.ask(&question))
            });
            if asked == text {
                return text;
            }
            text = asked;
        }
    }

    /// A part of an entry; a question when it is empty.
    fn part(&mut self, text: &str, sources: &[Source], what: &str, of: &str) -> String {
        let text = bare(text, 500);
        if !text.chars().any(char::is_alphanumeric) || self.names_absent(&text) {
            let id = self.ask(&format!("What is the {what} of {of}?"));
            return format!("open question {id}");
        }
        // A label inside would end the part.
        let text = text.replace(':', " -");
        self.known(&text, sources).trim_end_matches('.').to_owned()
    }

    fn goal(&mut self, one: &Goal) -> Option<String> {
        let sources = self.there(&one.sources);
        let name = bare(&one.name, 300).replace(':', " -");
        if sources.is_empty() || name.is_empty() || self.names_absent(&name) {
            self.unsaid(&one.name);
            return None;
        }
        let id = self.id('G');
        let name = self.known(&name, &sources);
        let metric = self.part(&one.metric, &sources, "metric", &id);
        let baseline = self.part(&one.baseline, &sources, "baseline", &id);
        let target = self.part(&one.target, &sources, "target", &id);
        let cited: Vec<_> = sources.iter().map(|one| one.id.as_str()).collect();
        Some(format!(
            "- **{id}** {}. Metric: {metric}. Baseline: {baseline}. Target: {target}. [{}]",
            name.trim_end_matches('.'),
            cited.join(", ")
        ))
    }

    fn requirement(&mut self, one: &Requirement) -> Option<String> {
        let sources = self.there(&one.sources);
        let name = bare(&one.name, 500).replace(':', " -");
        if sources.is_empty() || name.is_empty() || self.names_absent(&name) {
            self.unsaid(&one.name);
            return None;
        }
        let id = self.id('R');
        let name = self.known(&name, &sources);
        let priority = one.priority.trim().to_lowercase();
        let priority = if PRIORITIES.contains(&priority.as_str()) {
            priority
        } else {
            self.part("", &sources, "priority", &id)
        };
        let acceptance = self.part(&one.acceptance, &sources, "acceptance criterion", &id);
        let goals: Vec<_> = self
            .goals
            .iter()
            .filter(|goal| one.goals.iter().any(|named| named.trim() == goal.as_str()))
            .cloned()
            .collect();
        let goals = if goals.is_empty() { self.part("", &sources, "goal", &id) } else { goals.join(", ") };
        let cited: Vec<_> = sources.iter().map(|one| one.id.as_str()).collect();
        Some(format!(
            "- **{id}** {}. Priority: {priority}. Acceptance: {acceptance}. Goal: {goals}. [{}]",
            name.trim_end_matches('.'),
            cited.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use pm33_product::{LintRule, Linted, Severity, SourceKind, groundedness, lint, shipped_templates};
    use pm33_tenancy::Timestamp;
    use proptest::prelude::*;

    use super::{super::answer::Statement, *};

    fn evidence() -> Evidence {
        let source = |id: &str, text: &str| Source {
            id: id.to_owned(),
            kind: SourceKind::Item,
            uri: None,
            title: String::new(),
            text: text.to_owned(),
            as_of: Timestamp::from_micros(1_767_225_600_000_000),
        };
        let sources = vec![source("S1", "12 refunds a day"), source("S2", "40 % of them by hand")];
        Evidence { sources, owner: "Ada".to_owned(), ..Evidence::default() }
    }

    fn is_absent(word: &str) -> bool {
        word.starts_with("PAY-") && word != "PAY-7"
    }

    fn written(answers: &BTreeMap<String, Answer>) -> (Vec<Section>, Questions) {
        let bare = Bare { version: 1, ..Bare::default() };
        let written = sections(&shipped_templates()[0], &evidence(), answers, bare, &is_absent);
        (written.sections, written.questions)
    }

    fn prose(text: &str, sources: &[&str]) -> Answer {
        let sources = sources.iter().map(|id| (*id).to_owned()).collect();
        Answer { statements: vec![Statement { text: text.to_owned(), sources }], ..Answer::default() }
    }

    fn problem(text: &str, sources: &[&str]) -> (String, usize) {
        let (sections, questions) = written(&[("problem".to_owned(), prose(text, sources))].into());
        let found = sections.iter().find(|one| one.key == "problem");
        (found.map(|one| one.text.clone()).unwrap_or_default(), questions.all.len())
    }

    #[test]
    fn what_no_source_says_is_asked_and_not_told() {
        assert_eq!(problem("There are 12 a day.", &["S1"]), ("- There are 12 a day [S1].".to_owned(), 0));
        assert_eq!(
            problem("There are 13 a day.", &["S1"]),
            ("- There are [open question Q1] a day [S1].".to_owned(), 1)
        );
        // A number of another source is not the one that is cited.
        assert_eq!(problem("There are 40 a day.", &["S1"]).1, 1);
        for (text, sources) in
            [("All is well.", &["S9"] as &[&str]), ("All is well.", &[]), ("See PAY-99.", &["S1"])]
        {
            let (text, asked) = problem(text, sources);
            assert!(text.starts_with("No source says it; see Q"), "{text}");
            assert!(asked >= 1);
        }
    }

    #[test]
    fn questions_are_asked_once_and_name_nothing_that_is_not_there() {
        let one =
            Answer { questions: vec!["Who signs PAY-9 off?".to_owned()], ..prose("PAY-9 is done.", &["S1"]) };
        let (_, questions) =
            written(&[("problem".to_owned(), one.clone()), ("users".to_owned(), one)].into());
        let asked: Vec<_> = questions.all.iter().map(|one| one.question.as_str()).collect();
        let signs = asked.iter().filter(|one| **one == "Who signs (no such item) off?").count();
        assert!(signs == 1 && asked.iter().all(|one| !one.contains("PAY-9")), "{asked:?}");
    }

    #[test]
    fn bare_evidence_keeps_its_questions_and_what_a_person_wrote_its_ids() {
        let template = &shipped_templates()[0];
        let section = |key: &str, text: &str, made| Section::new(key.to_owned(), key, text, made, 1);
        let kept =
            [section("goals", "- **G1** Fewer tickets. Metric: m. Baseline: b. Target: t.", MadeBy::Person)];
        let skeleton = [section("users", "See Q3, and Q3 [S1].", MadeBy::Evidence)];
        let asked = |id: &str, question: &str| OpenQuestion {
            id: id.to_owned(),
            question: question.to_owned(),
            owner: "Ada".to_owned(),
        };
        let questions = [asked("Q3", "Who uses it?")];
        let bare = Bare { sections: &skeleton, questions: &questions, kept: &kept, version: 2 };
        let requirement = Requirement {
            name: "A merchant refunds".to_owned(),
            goals: vec!["G1".to_owned()],
            sources: vec!["S1".to_owned()],
            ..Requirement::default()
        };
        let answer = Answer { requirements: vec![requirement], ..Answer::default() };
        let written =
            sections(template, &evidence(), &[("requirements".to_owned(), answer)].into(), bare, &is_absent);
        let text = |key: &str| written.sections.iter().find(|one| one.key == key).map(|one| one.text.clone());
        assert_eq!(text("goals").as_deref(), Some(kept[0].text.as_str()));
        assert_eq!(text("users").as_deref(), Some("See Q1, and Q1 [S1]."));
        assert_eq!(written.questions.all[0].question, "Who uses it?");
        assert!(
            text("requirements")
                .is_some_and(|text| text.starts_with("- **R1**") && text.contains("Goal: G1"))
        );
    }

    #[test]
    fn marks_of_the_models_own_are_none() {
        let (text, _) = problem("## Goals\n- **G9** x [S2](https://evil.example) [S77] | a", &["S1"]);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(!text.contains("[S2]") && !text.contains("[S77]") && !text.contains("]("), "{text}");
        assert!(text.ends_with("[S1]."), "{text}");
    }

    fn words() -> impl Strategy<Value = String> {
        "([a-z]{1,6} |12|40|7 |PAY-7 |PAY-9 |\\[S1\\]|\\[S9\\]|R1|G1|Q1|\\. |: |Goal: |# |- |\\| |```|three |\n){0,12}"
    }

    fn ids() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec(
            prop_oneof![Just("S1"), Just("S2"), Just("S9"), Just("x")].prop_map(str::to_owned),
            0..3,
        )
    }

    fn answer() -> impl Strategy<Value = Answer> {
        let statement = (words(), ids()).prop_map(|(text, sources)| Statement { text, sources });
        let goal = (words(), words(), words(), words(), ids()).prop_map(
            |(name, metric, baseline, target, sources)| Goal { name, metric, baseline, target, sources },
        );
        let requirement =
            (words(), words(), words(), ids()).prop_map(|(name, priority, acceptance, sources)| {
                Requirement { name, priority, acceptance, goals: vec!["G1".to_owned()], sources }
            });
        (
            prop::collection::vec(statement, 0..4),
            prop::collection::vec(goal, 0..3),
            prop::collection::vec(requirement, 0..3),
            prop::collection::vec(words(), 0..2),
        )
            .prop_map(|(statements, goals, requirements, questions)| Answer {
                statements,
                goals,
                requirements,
                questions,
            })
    }

    proptest! {
        #[test]
        fn whatever_a_model_says_nothing_is_told_without_a_source(answers in prop::collection::vec(answer(), 9)) {
            let template = &shipped_templates()[0];
            let keys = template.sections.iter().map(|one| one.key.clone());
            let answers = keys.zip(answers).collect();
            let (sections, _) = written(&answers);
            let sources = evidence().sources;
            let exists = |number: u32| number == 7;
            let linted = Linted { sections: &sections, sources: &sources, template, prefix: "PAY", exists: &exists };
            let wrong: Vec<_> = lint(&linted).into_iter().filter(|one| one.severity == Severity::Error).collect();
            for rule in [
                LintRule::UnsourcedNumber, LintRule::UnsourcedClaim, LintRule::UnknownCitation, LintRule::Id,
                LintRule::DuplicateId, LintRule::Priority, LintRule::Acceptance, LintRule::Metric,
            ] {
                prop_assert!(wrong.iter().all(|one| one.rule != rule), "{:?} {:?}", wrong, sections);
            }
            let counted = groundedness(&linted);
            prop_assert_eq!(counted.claims, counted.grounded);
        }
    }
}
