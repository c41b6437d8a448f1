//! Grades the proposals of objectives against plain keywords, on goals of the Rust project that name the objective they
//! serve. Each goal is asked for as a new item; the other labelled goals are linked already. Both methods read the same
//! text of a goal. The interval is of the paired difference, by 10,000 resamples of the goals.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use pm33_planning::{
    Seed,
    alignment::{Aim, Proposer, Text},
};
use serde_json::Value;

use crate::{table::Table, titles::Dice};

const SUBJECT: &str = "proposed objectives";
const RESAMPLES: usize = 10_000;
/// Words that plain keywords leave out too.
const SILENT: &[&str] = &[
    "a", "all", "an", "and", "are", "as", "at", "be", "by", "can", "for", "from", "has", "have", "in", "is",
    "it", "its", "more", "not", "of", "on", "or", "our", "so", "such", "that", "the", "their", "these",
    "they", "this", "to", "use", "used", "using", "was", "we", "which", "will", "with", "you", "your",
];

struct Goal {
    text: Text,
    label: Option<String>,
}

struct Objective {
    name: String,
    text: Text,
}

/// Grades; says so when there is no data.
pub(crate) fn grade(folder: &Path, table: &mut Table) {
    let Some(path) = file(folder) else {
        return table.absent(SUBJECT, "no rust_goals*.json in the data folder");
    };
    let read = std::fs::read_to_string(&path).map_err(|error| error.to_string());
    match read.and_then(|text| serde_json::from_str::<Value>(&text).map_err(|error| error.to_string())) {
        Ok(data) => judge(&objectives(&data), &goals(&data), table),
        Err(why) => table.judge(SUBJECT, "readable", why, "it can be read", false),
    }
}

fn file(folder: &Path) -> Option<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with("rust_goals") && path.extension().is_some_and(|ending| ending == "json")
        })
        .collect();
    // The longest is the fullest.
    found.sort_by_key(|path| std::fs::metadata(path).map_or(0, |data| data.len()));
    found.pop()
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

/// Titles are written with and without code marks and capitals.
fn name(title: &str) -> String {
    title.to_lowercase().chars().filter(|sign| sign.is_alphanumeric() || "& ".contains(*sign)).collect()
}

fn objectives(data: &Value) -> Vec<Objective> {
    let mut all: Vec<Objective> = Vec::new();
    for one in data["objectives"].as_array().into_iter().flatten() {
        let (title, body) = (text(one, "title"), text(one, "summary"));
        let name = name(&title);
        match all.iter_mut().find(|before| before.name == name) {
            // The same objective of another period, with a statement.
            Some(before) if before.text.body.is_empty() => before.text = Text { title, body },
            Some(_) => {}
            None => all.push(Objective { name, text: Text { title, body } }),
        }
    }
    all
}

fn goals(data: &Value) -> Vec<Goal> {
    let goal = |one: &Value| Goal {
        text: Text {
            title: text(one, "title"),
            body: format!("{}\n\n{}", text(one, "summary"), text(one, "motivation")),
        },
        label: one["objective_label"].as_str().map(name),
    };
    data["goals"].as_array().into_iter().flatten().map(goal).collect()
}

fn judge(objectives: &[Objective], goals: &[Goal], table: &mut Table) {
    let is_known = |label: &str| objectives.iter().any(|one| one.name == label);
    let labelled: Vec<_> = goals
        .iter()
        .enumerate()
        .filter_map(|(place, goal)| Some((place, goal.label.as_deref().filter(|label| is_known(label))?)))
        .collect();
    if labelled.len() < 10 {
        return table.absent(SUBJECT, "fewer than ten labelled goals in the data");
    }
    let (mut ours, mut plain, mut plainest) = (Vec::new(), Vec::new(), Vec::new());
    for (place, label) in &labelled {
        let rank = |found: Vec<usize>| found.iter().position(|one| objectives[*one].name == *label);
        ours.push(rank(proposed(objectives, goals, *place)));
        plain.push(rank(keywords(objectives, &goals[*place].text, SILENT)));
        plainest.push(rank(keywords(objectives, &goals[*place].text, &[])));
    }
    let hits = |ranks: &[Option<usize>], most: usize| {
        ranks.iter().filter(|rank| rank.is_some_and(|rank| rank < most)).count()
    };
    let count = labelled.len();
    table.tell(SUBJECT, "labelled goals, objectives", format!("{count}, {}", objectives.len()));
    for most in [1, 3] {
        let words = |ranks: &[Option<usize>]| {
            let hits = hits(ranks, most);
            format!("{:.1} % ({hits} of {count})", 100.0 * hits as f64 / count as f64)
        };
        let both = format!("{}; with every word {}", words(&plain), words(&plainest));
        table.tell(SUBJECT, format!("keywords: right in the first {most}"), both);
        let (least, greatest) = interval(&ours, &plain, most);
        let shown = format!("{}; gain {:.1} to {:.1} points", words(&ours), 100.0 * least, 100.0 * greatest);
        if most == 3 {
            table.judge(
                SUBJECT,
                "right in the first 3",
                shown,
                "95 % interval of the gain above 0",
                least > 0.0,
            );
        } else {
            table.tell(SUBJECT, "right in the first", shown);
        }
    }
}

fn proposed(objectives: &[Objective], goals: &[Goal], asked: usize) -> Vec<usize> {
    let linked = |name: &str| {
        let others = goals.iter().enumerate().filter(|(place, _)| *place != asked);
        let linked = others.filter(|(_, goal)| goal.label.as_deref() == Some(name));
        linked.map(|(_, goal)| goal.text.clone()).collect()
    };
    let aims: Vec<_> =
        objectives.iter().map(|one| Aim { own: one.text.clone(), linked: linked(&one.name) }).collect();
    let proposer = Proposer::new(&aims, goals.iter().map(|goal| goal.text.title.as_str()));
    proposer.propose(&goals[asked].text, 3).into_iter().map(|one| one.aim).collect()
}

/// Objectives by how many different words they share with the item, silent ones left out.
fn keywords(objectives: &[Objective], item: &Text, silent: &[&str]) -> Vec<usize> {
    let words = |text: &Text| -> BTreeSet<String> {
        let text = format!("{} {}", text.title, text.body).to_lowercase();
        let parts = text.split(|sign: char| !sign.is_alphanumeric()).map(str::to_owned);
        parts.filter(|word| !word.is_empty() && !silent.contains(&word.as_str())).collect()
    };
    let own = words(item);
    let mut ranked: Vec<_> = objectives
        .iter()
        .enumerate()
        .map(|(place, one)| (words(&one.text).intersection(&own).count(), place))
        .filter(|(shared, _)| *shared > 0)
        .collect();
    ranked.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    ranked.into_iter().take(3).map(|(_, place)| place).collect()
}

/// The middle 95 % of the mean paired difference under resampling.
fn interval(ours: &[Option<usize>], plain: &[Option<usize>], most: usize) -> (f64, f64) {
    let hit = |rank: &Option<usize>| i32::from(rank.is_some_and(|rank| rank < most));
    let gains: Vec<i32> = ours.iter().zip(plain).map(|(one, other)| hit(one) - hit(other)).collect();
    let mut dice = Dice::new(Seed::from_u64(33).part(most as u64));
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let sum: i32 = (0..gains.len()).map(|_| gains[dice.below(gains.len())]).sum();
            f64::from(sum) / gains.len() as f64
        })
        .collect();
    means.sort_by(f64::total_cmp);
    (means[RESAMPLES / 40], means[RESAMPLES - 1 - RESAMPLES / 40])
}
