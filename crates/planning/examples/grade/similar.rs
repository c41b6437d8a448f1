//! Grades the search for near-duplicates against plain token overlap, on titles that were filed twice in other words.
//!
//! Three quarters of the titles are the workspace. Each is asked for edited, reordered and shortened; the last quarter is
//! asked for as it is and has nothing to find. Each method's threshold is chosen on one half of the questions and judged
//! on the other: the overlap's where its F1 is best, ours where it finds most at no less than the overlap's precision.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use pm33_planning::Seed;

use crate::{
    place,
    table::Table,
    titles::{self, Change, Dice},
};

const FILE: &str = "storypoints_bamboo.csv";
const SUBJECT: &str = "near-duplicates";
/// From where on `pm33_find_similar` shows an item, and `pm33_create_work_item` takes a title for one that is there.
const FIND: f64 = 0.4;
const CREATE: f64 = 0.6;

/// A question: what somebody is about to file, and which items say the same already.
struct Question {
    change: Option<Change>,
    text: String,
    right: BTreeSet<u32>,
    /// Which half it is of: chosen on, or judged on.
    is_judged: bool,
}

/// Scores of the items that a method finds for each question.
type Answers = Vec<Vec<(u32, f64)>>;

/// Workspaces and questions that are drawn from the titles: with one the luck of the draw would be graded.
const ROUNDS: u64 = 5;

/// The questions of all rounds, with what either method finds.
#[derive(Default)]
struct Rounds {
    questions: Vec<Question>,
    ours: Answers,
    plain: Answers,
}

impl Rounds {
    /// Draws a workspace and asks it; whether one could be made.
    fn ask(&mut self, mut titles: Vec<String>, round: u64) -> bool {
        let mut dice = Dice::new(Seed::from_u64(33).part(round));
        dice.shuffle(&mut titles);
        let strangers = titles.split_off(titles.len() * 3 / 4);
        let Some(snapshot) = place::workspace_of(&titles) else { return false };
        for question in questions(&titles, &strangers, &mut dice) {
            let found = snapshot.similar(&question.text, 0.1, usize::MAX);
            self.ours.push(found.into_iter().map(|one| (one.item.number, one.score)).collect());
            self.plain.push(overlap(&question.text, &titles));
            self.questions.push(question);
        }
        true
    }
}

/// Grades; says so when there is no data.
pub(crate) fn grade(folder: &Path, table: &mut Table) {
    let path = folder.join(FILE);
    if !path.is_file() {
        return table.absent(SUBJECT, "no storypoints_bamboo.csv in the data folder");
    }
    match titles::read(&path) {
        Ok(titles) if titles.len() >= 100 => judge(&titles, table),
        Ok(_) => table.judge(SUBJECT, "readable", "too few titles", "100 titles", false),
        Err(why) => table.judge(SUBJECT, "readable", why, "it can be read", false),
    }
}

fn judge(titles: &[String], table: &mut Table) {
    let mut rounds = Rounds::default();
    for round in 0..ROUNDS {
        if !rounds.ask(titles.to_vec(), round) {
            return table.judge(SUBJECT, "workspace", "none", "one can be made", false);
        }
    }
    let Rounds { questions, ours, plain } = rounds;

    let thresholds = || (10..100).map(|step| f64::from(step) / 100.0);
    let chosen = |answers: &Answers, least: f64| measure(&questions, answers, least, |one| !one.is_judged);
    let plain_least = thresholds()
        .max_by(|a, b| chosen(&plain, *a).f1().total_cmp(&chosen(&plain, *b).f1()))
        .unwrap_or_default();
    let wanted = chosen(&plain, plain_least).precision();
    let our_least = thresholds()
        .filter(|least| chosen(&ours, *least).precision() >= wanted)
        .max_by(|a, b| chosen(&ours, *a).recall().total_cmp(&chosen(&ours, *b).recall()))
        .unwrap_or(1.0);

    let judged = |answers: &Answers, least| measure(&questions, answers, least, |one| one.is_judged);
    let (us, base) = (judged(&ours, our_least), judged(&plain, plain_least));
    let count = questions.iter().filter(|one| one.is_judged).count();
    table.tell(SUBJECT, "questions, titles", format!("{count}, {}", titles.len()));
    let base_words = format!("{}, from {plain_least:.2}", base.words());
    table.tell(SUBJECT, "word overlap: recall, precision", base_words);
    let bar = |value: f64| format!("word overlap's {:.1} %", value * 100.0);
    let value = |value: f64| format!("{:.1} %, from {our_least:.2}", value * 100.0);
    table.judge(SUBJECT, "recall", value(us.recall()), &bar(base.recall()), us.recall() >= base.recall());
    let precise = us.precision() >= base.precision();
    table.judge(SUBJECT, "precision", value(us.precision()), &bar(base.precision()), precise);
    for change in Change::ALL {
        let of = |answers: &Answers, least| {
            measure(&questions, answers, least, |one| one.is_judged && one.change == Some(change)).words()
        };
        let words = format!("{}; overlap {}", of(&ours, our_least), of(&plain, plain_least));
        table.tell(SUBJECT, format!("{change:?}: recall, precision").to_lowercase(), words);
    }
    let found = judged(&ours, FIND).words();
    table.tell(SUBJECT, format!("pm33_find_similar (from {FIND}): recall, precision"), found);
    let created = judged(&ours, CREATE);
    let holds = created.recall() >= base.recall() && created.precision() >= base.precision();
    let bar = format!("word overlap's {}", base.words());
    let name = format!("pm33_create_work_item (from {CREATE}): recall, precision");
    table.judge(SUBJECT, &name, created.words(), &bar, holds);
    let edited =
        measure(&questions, &ours, CREATE, |one| one.is_judged && one.change == Some(Change::Edited));
    table.tell(SUBJECT, format!("pm33_create_work_item (from {CREATE}): edited titles"), edited.words());
}

fn questions(titles: &[String], strangers: &[String], dice: &mut Dice) -> Vec<Question> {
    let mut same: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for (number, title) in (1..).zip(titles) {
        same.entry(title.to_lowercase()).or_default().insert(number);
    }
    let mut questions = Vec::new();
    for (index, title) in titles.iter().enumerate() {
        for change in Change::ALL {
            questions.push(Question {
                change: Some(change),
                text: titles::changed(title, change, strangers, dice),
                right: same[&title.to_lowercase()].clone(),
                is_judged: index % 2 == 1,
            });
        }
    }
    for (index, title) in strangers.iter().enumerate() {
        questions.push(Question {
            change: None,
            text: title.clone(),
            right: same.get(&title.to_lowercase()).cloned().unwrap_or_default(),
            is_judged: index % 2 == 1,
        });
    }
    questions
}

/// Plain token overlap: words that both have over words that either has (Jaccard).
fn overlap(text: &str, titles: &[String]) -> Vec<(u32, f64)> {
    let words = |text: &str| -> BTreeSet<String> {
        let parts = text.split(|letter: char| !letter.is_alphanumeric());
        parts.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let wanted = words(text);
    let scored = (1..).zip(titles).map(|(number, title)| {
        let own = words(title);
        let both = own.intersection(&wanted).count();
        (number, both as f64 / (own.len() + wanted.len() - both).max(1) as f64)
    });
    scored.filter(|(_, score)| *score > 0.0).collect()
}

/// Counts over questions.
#[derive(Default)]
struct Counts {
    found: usize,
    right: usize,
    wanted: usize,
}

impl Counts {
    fn recall(&self) -> f64 {
        self.right as f64 / self.wanted.max(1) as f64
    }

    /// Of what is shown, the share that is right; nothing shown is nothing wrong.
    fn precision(&self) -> f64 {
        if self.found == 0 { 1.0 } else { self.right as f64 / self.found as f64 }
    }

    fn f1(&self) -> f64 {
        2.0 * self.right as f64 / (self.found + self.wanted).max(1) as f64
    }

    fn words(&self) -> String {
        format!("{:.1} %, {:.1} %", self.recall() * 100.0, self.precision() * 100.0)
    }
}

fn measure(questions: &[Question], answers: &Answers, least: f64, of: impl Fn(&Question) -> bool) -> Counts {
    let mut counts = Counts::default();
    for (question, answer) in questions.iter().zip(answers).filter(|(question, _)| of(question)) {
        let shown = answer.iter().filter(|(_, score)| *score >= least);
        counts.wanted += question.right.len();
        for (number, _) in shown {
            counts.found += 1;
            counts.right += usize::from(question.right.contains(number));
        }
    }
    counts
}
