//! Requirements, goals and questions as people write them: lists, tables, or headings with an id.

use super::super::prose;

/// One requirement, goal or question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id, which it begins with.
    pub id: Option<String>,
    /// All that belongs to it.
    pub text: String,
}

/// Words before a colon that name a part of an entry, longer ones first.
const LABELS: [&str; 15] = [
    "acceptance criteria",
    "acceptance criterion",
    "acceptance",
    "measured by",
    "priority",
    "baseline",
    "measure",
    "metric",
    "target",
    "serves",
    "source",
    "goals",
    "owner",
    "goal",
    "due",
];

/// Words for how much a requirement matters.
const PRIORITIES: [&str; 16] = [
    "must have",
    "must",
    "should have",
    "should",
    "could have",
    "could",
    "won't have",
    "won't",
    "critical",
    "high",
    "medium",
    "low",
    "p0",
    "p1",
    "p2",
    "p3",
];

impl Entry {
    fn new(text: &str) -> Self {
        Self { id: leading_id(text).map(str::to_owned), text: text.to_owned() }
    }

    /// Its first words.
    pub(super) fn start(&self) -> String {
        self.text.split_whitespace().take(6).collect::<Vec<_>>().join(" ")
    }

    /// What stands behind one of these labels and its colon.
    pub fn field(&self, labels: &[&str]) -> Option<String> {
        let found = self.labels();
        let (place, (_, _, start)) =
            found.iter().enumerate().find(|(_, (label, _, _))| labels.contains(label))?;
        let end = found.get(place + 1).map_or(self.text.len(), |(_, begin, _)| *begin);
        let value = self.text.get(*start..end)?;
        Some(value.trim_matches(|sign: char| sign.is_whitespace() || "*_;,.|-".contains(sign)).to_owned())
    }

    /// Labels with where each begins and where its value begins.
    fn labels(&self) -> Vec<(&'static str, usize, usize)> {
        let lower = self.text.to_ascii_lowercase();
        let mut found: Vec<(&'static str, usize, usize)> = Vec::new();
        for label in LABELS {
            for (at, _) in lower.match_indices(label) {
                let before = lower.get(..at).and_then(|text| text.chars().next_back());
                let rest = lower.get(at + label.len()..).unwrap_or_default();
                let bare = rest.trim_start_matches(['*', '_', ' ']);
                let taken = found.iter().any(|(known, start, _)| (*start..start + known.len()).contains(&at));
                if !before.is_some_and(char::is_alphanumeric) && bare.starts_with(':') && !taken {
                    let value = at + label.len() + (rest.len() - bare.len()) + 1;
                    found.push((label, at, value));
                }
            }
        }
        found.sort_by_key(|(_, at, _)| *at);
        found
    }

    /// Its priority: labelled, or in brackets.
    pub(super) fn priority(&self) -> Option<String> {
        if let Some(value) = self.field(&["priority"]) {
            let lower = value.to_lowercase();
            let is_known =
                PRIORITIES.iter().any(|word| lower.starts_with(word)) || ids_in(&value).next().is_some();
            return is_known.then_some(value);
        }
        let groups = self.text.split(['(', '[']).skip(1).filter_map(|group| group.split([')', ']']).next());
        groups.map(|group| group.trim().to_lowercase()).find(|group| PRIORITIES.contains(&group.as_str()))
    }

    /// Its acceptance criterion: labelled, or as given, when, then.
    pub(super) fn acceptance(&self) -> Option<String> {
        let labelled = self.field(&["acceptance criteria", "acceptance criterion", "acceptance"]);
        let lower = self.text.to_lowercase();
        let has = |word: &str| lower.split(|sign: char| !sign.is_alphanumeric()).any(|one| one == word);
        labelled.or_else(|| (has("given") && has("when") && has("then")).then(|| self.text.clone()))
    }

    /// Ids that it mentions besides its own.
    pub(super) fn mentioned(&self) -> impl Iterator<Item = &str> {
        ids_in(&self.text).filter(|id| self.id.as_deref() != Some(*id))
    }
}

/// Whether a value says that there is none.
pub(super) fn is_blank(value: &str) -> bool {
    let lower = value.trim().to_lowercase();
    !lower.chars().any(char::is_alphanumeric)
        || [
            "tbd",
            "todo",
            "unknown",
            "n/a",
            "na",
            "none",
            "to be decided",
            "to be defined",
            "not known",
            "open",
        ]
        .contains(&lower.as_str())
}

/// Words of a text that have the form of an id.
pub(super) fn ids_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|sign: char| !(sign.is_alphanumeric() || sign == '-')).filter(|word| prose::is_id(word))
}

/// The id that a text begins with.
fn leading_id(text: &str) -> Option<&str> {
    let words = text.trim_start_matches(['*', '_', '[', '(', '`', ' ']);
    let end = words.find(|sign: char| !(sign.is_alphanumeric() || sign == '-')).unwrap_or(words.len());
    let (id, rest) = words.split_at(end);
    let goes_on =
        rest.is_empty() || rest.starts_with(['*', '_', ']', ')', '`', ':', '.', ' ', '|', ',', ';', '\n']);
    (prose::is_id(id) && goes_on).then_some(id)
}

/// The entries of a section.
pub fn entries(text: &str) -> Vec<Entry> {
    let mut reader = Reader::default();
    for (line, is_code) in prose::lines(text) {
        if is_code { reader.code(line) } else { reader.line(line) }
    }
    reader.end();
    reader.found.iter().map(|text| Entry::new(text)).collect()
}

#[derive(Default)]
struct Reader {
    found: Vec<String>,
    open: Option<String>,
    /// The level of the heading that the open entry began with.
    under: Option<usize>,
    /// The priority that a heading gives to all below it.
    group: Option<String>,
    after_blank: bool,
    /// Names of a table's columns.
    columns: Option<Vec<String>>,
}

impl Reader {
    /// A line of code is nothing but more of the open entry.
    fn code(&mut self, line: &str) {
        self.columns = None;
        if line.trim().is_empty() {
            self.after_blank = true;
        } else {
            self.more(line.trim());
        }
    }

    fn more(&mut self, words: &str) {
        if let Some(open) = &mut self.open {
            open.push('\n');
            open.push_str(words);
        }
        self.after_blank = false;
    }

    fn line(&mut self, line: &str) {
        let trimmed = line.trim();
        if trimmed.starts_with('|') {
            self.row(trimmed);
            return;
        }
        self.columns = None;
        if let Some((level, words)) = prose::heading(line) {
            self.end();
            self.group = None;
            if leading_id(words).is_some() {
                self.open = Some(words.to_owned());
                self.under = Some(level);
            } else {
                let lower = words.to_lowercase();
                self.group =
                    PRIORITIES.iter().find(|word| lower.starts_with(*word)).map(|word| (*word).to_owned());
            }
            return;
        }
        if trimmed.is_empty() {
            self.after_blank = true;
            return;
        }
        let (indent, begins, words) = prose::bullet(line);
        let is_new =
            self.under.is_none() && ((begins && indent <= 1) || (indent == 0 && leading_id(words).is_some()));
        if is_new {
            self.end();
            self.open = Some(words.to_owned());
        } else if self.under.is_none() && self.after_blank && indent == 0 {
            // A paragraph of its own.
            self.end();
        } else {
            self.more(trimmed);
        }
        self.after_blank = false;
    }

    fn row(&mut self, row: &str) {
        self.end();
        let cells: Vec<String> =
            row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        let is_rule =
            cells.iter().all(|cell| !cell.is_empty() && cell.bytes().all(|byte| b"-: ".contains(&byte)));
        let Some(columns) = &self.columns else {
            self.columns = Some(cells);
            return;
        };
        if is_rule || cells.iter().all(String::is_empty) {
            return;
        }
        let is_id =
            |name: &str| ["id", "#", "no", "nr", "key"].contains(&name.to_lowercase().trim_end_matches('.'));
        let id = columns.iter().position(|name| is_id(name)).and_then(|place| cells.get(place));
        let rest = columns.iter().zip(&cells).filter(|(name, _)| !is_id(name));
        let rest: Vec<_> = rest.map(|(name, cell)| format!("{name}: {cell}")).collect();
        let id = id.map(|id| format!("{id}: ")).unwrap_or_default();
        self.found.push(format!("{id}{}", rest.join("; ")));
    }

    fn end(&mut self) {
        self.under = None;
        let Some(mut open) = self.open.take() else { return };
        if let Some(group) = &self.group {
            open.push_str("\nPriority: ");
            open.push_str(group);
        }
        self.found.push(open);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Entry {
        let mut all = entries(text);
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    #[test]
    fn lists_headings_and_tables_read_alike() {
        for text in [
            "- **R1** (must): Refund in part. Acceptance: half comes back; Goal: G1",
            "* R1. Refund in part\n  - Priority: must\n  - **Acceptance criteria**: half comes back\n  - Serves: G1",
            "### R1: Refund in part\nPriority: must\n\nAcceptance:\n- half comes back\n\nGoal: G1",
            "| ID | Requirement | Priority | Acceptance | Goal |\n|---|---|---|---|---|\n| R1 | Refund in part | must | half comes back | G1 |",
            "### Must have\n\n1. R1: Refund in part. Acceptance criterion: half comes back. Goal: G1.",
        ] {
            let entry = one(text);
            assert_eq!(entry.id.as_deref(), Some("R1"), "{text}");
            assert!(
                entry.priority().is_some_and(|word| word.starts_with("must")),
                "{text}: {:?}",
                entry.priority()
            );
            assert_eq!(entry.acceptance().as_deref(), Some("half comes back"), "{text}");
            assert_eq!(entry.mentioned().collect::<Vec<_>>(), ["G1"], "{text}");
        }
    }

    #[test]
    fn each_list_item_is_one_and_paragraphs_are_none() {
        let all =
            entries("Some words before.\n\n- R1: one\n  more of one\n- two\n\nWords after.\n- R3: three");
        let ids: Vec<_> = all.iter().map(|entry| entry.id.as_deref()).collect();
        assert_eq!(ids, [Some("R1"), None, Some("R3")]);
        assert!(all[0].text.contains("more of one") && !all[1].text.contains("Words after"));
    }

    #[test]
    fn given_when_then_is_a_criterion() {
        assert!(
            one("- R1: Given a payment, when it is refunded, then money comes back").acceptance().is_some()
        );
        assert_eq!(one("- R1: when it rains").acceptance(), None);
        assert_eq!(one("- R1: Priority: someday").priority(), None);
        for blank in ["", "  ", "TBD", "n/a", "--"] {
            assert!(is_blank(blank), "{blank:?}");
        }
    }
}
