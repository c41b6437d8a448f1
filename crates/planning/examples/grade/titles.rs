//! Real titles, and what people make of a title that they file again: edited, in another order, shortened.

use std::path::Path;

use pm33_planning::Seed;
use rand_core::Rng;

/// How a title was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// One to three edits: a slip in a word, another ending, a word more, a word of another title in its place.
    Edited,
    /// Its words in another order.
    Reordered,
    /// A third to a half of its words left out.
    Shortened,
}

impl Change {
    pub(crate) const ALL: [Self; 3] = [Self::Edited, Self::Reordered, Self::Shortened];
}

/// The column `title` of a CSV file; what has fewer than three words can be nobody's duplicate and is left out.
pub(crate) fn read(path: &Path) -> Result<Vec<String>, String> {
    let told = |error: csv::Error| format!("{}: {error}", path.display());
    let mut reader = csv::Reader::from_path(path).map_err(told)?;
    let header = reader.headers().map_err(told)?;
    let column = header.iter().position(|name| name == "title").ok_or("no column title")?;
    let mut titles = Vec::new();
    for record in reader.records() {
        let record = record.map_err(told)?;
        let title = record.get(column).unwrap_or_default();
        if title.split_whitespace().count() >= 3 {
            titles.push(title.to_owned());
        }
    }
    Ok(titles)
}

/// Random numbers below a bound.
pub(crate) struct Dice(Box<dyn FnMut() -> u64>);

impl Dice {
    pub(crate) fn new(seed: Seed) -> Self {
        let mut stream = seed.stream();
        Self(Box::new(move || stream.next_u64()))
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.0() % bound.max(1) as u64) as usize
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }
}

/// A title after a change; words that come in are taken from `others`.
pub(crate) fn changed(title: &str, change: Change, others: &[String], dice: &mut Dice) -> String {
    let mut words: Vec<String> = title.split_whitespace().map(str::to_owned).collect();
    match change {
        Change::Reordered => dice.shuffle(&mut words),
        Change::Shortened => {
            let gone = words.len() / 3 + dice.below(words.len() / 2 - words.len() / 3 + 1);
            for _ in 0..gone.max(1) {
                words.remove(dice.below(words.len()));
            }
        }
        Change::Edited => {
            for _ in 0..=dice.below(3) {
                edit(&mut words, others, dice);
            }
        }
    }
    words.join(" ")
}

fn edit(words: &mut Vec<String>, others: &[String], dice: &mut Dice) {
    let place = dice.below(words.len());
    let from = &others[dice.below(others.len())];
    let mut foreign: Vec<&str> = from.split_whitespace().collect();
    dice.shuffle(&mut foreign);
    let foreign = foreign.first().copied().unwrap_or_default().to_owned();
    match dice.below(4) {
        0 => words[place] = slip(&words[place], dice),
        1 => words[place].push_str(["s", "ed", "ing", "er"][dice.below(4)]),
        2 => words.insert(place, foreign),
        _ => words[place] = foreign,
    }
}

/// A slip of the fingers: a letter left out, doubled, or changed places with the next.
fn slip(word: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let place = dice.below(letters.len());
    match dice.below(3) {
        0 if letters.len() > 1 => drop(letters.remove(place)),
        1 if place + 1 < letters.len() => letters.swap(place, place + 1),
        _ => letters.insert(place, letters[place]),
    }
    letters.into_iter().collect()
}
