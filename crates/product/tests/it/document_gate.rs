//! The rule gate: a whole document passes, and each thing that is taken out of it is found by its own rule.

use pm33_product::{
    DocumentTemplate, Finding, LintRule, Linted, MadeBy, Section, Severity, Source, SourceKind, groundedness,
    lint, question_numbers, section_key, shipped_templates,
};
use pm33_tenancy::Timestamp;
use proptest::prelude::*;

/// A goal and a requirement with all their parts, each of which can be left out.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each part is there or is not, whatever the others are")]
struct Parts {
    goal_id: bool,
    metric: bool,
    baseline: bool,
    target: bool,
    requirement_id: bool,
    priority: bool,
    acceptance: bool,
    serves: bool,
}

const WHOLE: Parts = Parts {
    goal_id: true,
    metric: true,
    baseline: true,
    target: true,
    requirement_id: true,
    priority: true,
    acceptance: true,
    serves: true,
};

fn template() -> DocumentTemplate {
    shipped_templates().remove(0)
}

fn source(id: &str, text: &str) -> Source {
    Source {
        id: id.to_owned(),
        kind: SourceKind::Item,
        uri: None,
        title: String::new(),
        text: text.to_owned(),
        as_of: Timestamp::from_micros(1_767_225_600_000_000),
    }
}

fn section(heading: &str, text: &str, made_by: MadeBy) -> Section {
    Section::new(section_key(heading), heading, text, made_by, 1)
}

fn document(parts: &Parts, made_by: MadeBy) -> Vec<Section> {
    let when = |is_there: bool, text: &str| if is_there { text.to_owned() } else { String::new() };
    let goal = format!(
        "- {}Merchants refund by themselves. {}{}{} [S1]",
        when(parts.goal_id, "**G1** "),
        when(parts.metric, "Metric: share of refunds; "),
        when(parts.baseline, "Baseline: 12 %; "),
        when(parts.target, "Target: 60 %."),
    );
    let requirement = format!(
        "- {}{}Refund a part of a payment. {}{} [S1]",
        when(parts.requirement_id, "**R1** "),
        when(parts.priority, "(must) "),
        when(parts.acceptance, "Acceptance: the buyer gets the part back. "),
        when(parts.serves, "Goal: G1"),
    );
    let prose = |heading: &str| section(heading, "Support refunds by hand today [S1].", made_by);
    vec![
        prose("Problem"),
        prose("Users"),
        section("Goals", &goal, made_by),
        prose("Non-goals"),
        section("Requirements", &requirement, made_by),
        prose("Delivery"),
        prose("Risks"),
    ]
}

fn look(sections: &[Section]) -> Vec<Finding> {
    let sources = [source("S1", "12 % of refunds are made by merchants; 60 % is the target")];
    lint(&Linted {
        sections,
        sources: &sources,
        template: &template(),
        prefix: "PAY",
        exists: &|number| number == 7,
    })
}

fn errors(sections: &[Section]) -> Vec<LintRule> {
    let mut rules: Vec<_> =
        look(sections).iter().filter(|one| one.severity == Severity::Error).map(|one| one.rule).collect();
    rules.dedup();
    rules
}

#[test]
fn a_whole_document_passes_whoever_made_it() {
    for made_by in [MadeBy::Person, MadeBy::Evidence, MadeBy::Model] {
        assert_eq!(look(&document(&WHOLE, made_by)), [], "{made_by:?}");
    }
}

#[test]
fn each_missing_section_is_named() {
    let whole = document(&WHOLE, MadeBy::Person);
    for place in 0..whole.len() {
        let (mut cut, mut empty) = (whole.clone(), whole.clone());
        let gone = cut.remove(place).key;
        empty[place].text = "—".to_owned();
        let missing = look(&cut);
        assert!(
            missing.iter().any(|one| one.rule == LintRule::MissingSection && one.section == gone),
            "{gone}: {missing:?}"
        );
        assert!(
            look(&empty).iter().any(|one| one.rule == LintRule::EmptySection && one.section == gone),
            "{gone}"
        );
    }
}

#[test]
fn vague_words_citations_marks_and_owners() {
    let with = |heading: &str, text: &str, made_by: MadeBy| {
        let mut sections = document(&WHOLE, MadeBy::Person);
        sections.retain(|one| one.heading != heading);
        sections.push(section(heading, text, made_by));
        look(&sections).into_iter().map(|one| (one.rule, one.subject)).collect::<Vec<_>>()
    };
    let some = |rule: LintRule, subject: &str| (rule, Some(subject.to_owned()));
    let entry = "- R1 (must): It must be fast. Acceptance: it is fast. Goal: G1";
    assert_eq!(with("Requirements", entry, MadeBy::Person), [some(LintRule::VagueWord, "fast")]);
    assert_eq!(
        with("Risks", "The import must be robust.", MadeBy::Person),
        [some(LintRule::VagueWord, "robust")]
    );
    assert_eq!(with("Risks", "It may be slow.", MadeBy::Person), [], "no demand");
    assert_eq!(
        with("Risks", "See [S2] and PAY-8, PAY-7 [S1].", MadeBy::Person),
        [some(LintRule::UnknownCitation, "S2"), some(LintRule::UnknownCitation, "PAY-8")]
    );
    assert_eq!(
        with("Risks", "By [ISO-27001] and [x](https://a.example) and `[S9]`[G1].", MadeBy::Person).len(),
        1
    );
    assert_eq!(with("Risks", "TBD", MadeBy::Person), [some(LintRule::Placeholder, "TBD")]);
    assert_eq!(with("Open questions", "- Q1: Who decides?", MadeBy::Person), [some(LintRule::Owner, "Q1")]);
    assert_eq!(with("Open questions", "- Q1: Who decides? Owner: Ada", MadeBy::Model), []);
    assert_eq!(with("Open questions", "None.", MadeBy::Model), []);
    assert_eq!(
        with("Risks", "It costs 40 a day [S1].", MadeBy::Person),
        [some(LintRule::UnsourcedNumber, "40")]
    );
    assert_eq!(with("Risks", "Buyers leave.", MadeBy::Model), [(LintRule::UnsourcedClaim, None)]);
    assert_eq!(with("Risks", "Buyers leave. Will they? These are known:", MadeBy::Person), []);
}

#[test]
fn an_open_question_stands_in_for_what_is_not_known() {
    let mut sections = document(&WHOLE, MadeBy::Model);
    sections.retain(|one| one.key != "requirements");
    let text = "- R1 (must): Refund a part. Acceptance: open question Q1; Goal: G1 [S1]";
    sections.push(section("Requirements", text, MadeBy::Model));
    sections.push(section("Open questions", "- Q1: When is R1 done? Owner: Ada", MadeBy::Model));
    let found = look(&sections);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].rule, found[0].severity), (LintRule::Acceptance, Severity::Warning));
    // A question that is not asked is no answer.
    sections.pop();
    assert_eq!(errors(&sections), [LintRule::Acceptance]);
}

#[test]
fn statements_are_counted_with_what_they_cite() {
    let sections = [
        section("Problem", "It is slow [S1]. It is dear. Is it? See PAY-7.", MadeBy::Model),
        section("Risks", "Known [S1, S9].", MadeBy::Model),
    ];
    let sources = [source("S1", "slow")];
    let found = groundedness(&Linted {
        sections: &sections,
        sources: &sources,
        template: &template(),
        prefix: "PAY",
        exists: &|number| number == 7,
    });
    assert_eq!((found.claims, found.grounded, found.share), (4, 2, Some(0.5)));
}

proptest! {
    #[test]
    fn what_is_left_out_is_found_and_nothing_else(
        flags in prop::array::uniform8(prop::bool::weighted(0.7)), made_by in prop_oneof![Just(MadeBy::Person), Just(MadeBy::Model)],
    ) {
        let [goal_id, metric, baseline, target, requirement_id, priority, acceptance, serves] = flags;
        let parts = Parts { goal_id, metric, baseline, target, requirement_id, priority, acceptance, serves };
        let found = errors(&document(&parts, made_by));
        let has = |rule: LintRule| found.contains(&rule);
        prop_assert_eq!(has(LintRule::Metric), !metric);
        prop_assert_eq!(has(LintRule::Baseline), !baseline);
        prop_assert_eq!(has(LintRule::Target), !target);
        prop_assert_eq!(has(LintRule::Priority), !priority);
        prop_assert_eq!(has(LintRule::Acceptance), !acceptance);
        prop_assert_eq!(has(LintRule::Id), !goal_id || !requirement_id);
        // Of entries without an id nobody can say what serves what.
        let is_orphan = (goal_id || requirement_id) && !(goal_id && requirement_id && serves);
        prop_assert_eq!(has(LintRule::Orphan), is_orphan, "{:?}", found);
        let is_dangling = serves && !goal_id;
        prop_assert_eq!(has(LintRule::UnknownCitation), is_dangling, "{:?}", found);
        prop_assert!(!has(LintRule::UnsourcedNumber) && !has(LintRule::UnsourcedClaim), "{:?}", found);
    }

    #[test]
    fn a_number_passes_only_with_a_source(known in 3_u32..100_000, stated in 3_u32..100_000, words in "[a-z ]{0,20}") {
        let sources = [source("S1", &format!("there are {known} of them"))];
        let text = format!("We count {stated} {words} [S1].");
        let sections = [section("Problem", &text, MadeBy::Model)];
        let found = lint(&Linted { sections: &sections, sources: &sources, template: &template(), prefix: "PAY", exists: &|_| false });
        let is_flagged = found.iter().any(|one| one.rule == LintRule::UnsourcedNumber && one.subject == Some(stated.to_string()));
        prop_assert_eq!(is_flagged, known != stated);
        let mut asked = Vec::new();
        let open = question_numbers(&text, &sources, |number| {
            asked.push(number.to_owned());
            format!("[open question Q{}]", asked.len())
        });
        prop_assert_eq!(open.contains(&stated.to_string()) , known == stated || format!("Q{stated}") == "Q1");
        let again = question_numbers(&open, &sources, |_| "?".to_owned());
        prop_assert_eq!(again, open);
    }

    #[test]
    fn no_text_breaks_the_gate(texts in prop::collection::vec("\\PC{0,60}|([|\\-#*`\\[\\]() SGRQ0-9:\n]{0,40})", 7)) {
        let mut sections = document(&WHOLE, MadeBy::Model);
        for (section, text) in sections.iter_mut().zip(&texts) {
            *section = Section::new(section.key.clone(), &section.heading, text, MadeBy::Model, 1);
        }
        let found = look(&sections);
        prop_assert!(found.iter().all(|one| !one.message.is_empty()));
        let sources = [source("S1", "x")];
        let counted = groundedness(&Linted { sections: &sections, sources: &sources, template: &template(), prefix: "PAY", exists: &|_| true });
        prop_assert!(counted.grounded <= counted.claims);
    }
}
