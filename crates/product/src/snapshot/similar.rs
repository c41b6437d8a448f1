//! Near-duplicates: items whose titles share most of their words with a text.

use std::{collections::BTreeSet, sync::Arc};

use imbl::HashMap;
use roaring::RoaringBitmap;

use super::Snapshot;
use crate::WorkItem;

/// A near-duplicate.
#[derive(Clone, Debug)]
pub struct Similar {
    /// The item.
    pub item: Arc<WorkItem>,
    /// 0 to 1; 1 is the same text.
    pub score: f64,
    /// The words that both share.
    pub words: Vec<String>,
}

/// Which titles have a word; archived items are not in it.
#[derive(Clone, Debug, Default)]
pub(super) struct TitleWords(HashMap<Arc<str>, Arc<RoaringBitmap>>);

impl TitleWords {
    /// Notes an item's title and forgets what it was.
    pub(super) fn place(&mut self, old: Option<&WorkItem>, new: &WorkItem) {
        let shown = |item: &WorkItem| match item.archived {
            None => words(&item.title),
            Some(_) => BTreeSet::new(),
        };
        if old.is_some_and(|old| old.title == new.title && old.archived.is_some() == new.archived.is_some()) {
            return;
        }
        let before = old.map(shown).unwrap_or_default();
        let after = shown(new);
        for gone in before.difference(&after) {
            if let Some(numbers) = self.0.get_mut(gone.as_str()) {
                Arc::make_mut(numbers).remove(new.number);
            }
        }
        for come in after.difference(&before) {
            match self.0.get_mut(come.as_str()) {
                Some(numbers) => _ = Arc::make_mut(numbers).insert(new.number),
                None => _ = self.0.insert(come.as_str().into(), Arc::new(RoaringBitmap::from([new.number]))),
            }
        }
    }
}

impl Snapshot {
    /// Items whose title shares most of its words with a text, best first: Dice's coefficient over words, each word
    /// weighted by its rarity among the titles (inverse document frequency). 1 is the same set of words.
    pub fn similar(&self, text: &str, least: f64, most: usize) -> Vec<Similar> {
        let wanted = words(text);
        #[expect(clippy::cast_precision_loss, reason = "a count of items")]
        let weight = |word: &String| {
            let having = self.words.0.get(word.as_str()).map_or(0, |numbers| numbers.len()).max(1) as f64;
            1.0 + (self.len().max(1) as f64 / having).ln().max(0.0)
        };
        let sum = |words: &BTreeSet<String>| words.iter().map(weight).sum::<f64>();
        let wanted_sum = sum(&wanted);
        let mut found: Vec<_> = self
            .candidates(&wanted, least, wanted_sum, weight)
            .iter()
            .filter_map(|number| self.by_number(number))
            .filter_map(|item| {
                let words = words(&item.title);
                let shared: BTreeSet<_> = words.intersection(&wanted).cloned().collect();
                let score = 2.0 * sum(&shared) / (sum(&words) + wanted_sum);
                (score >= least && !shared.is_empty()).then(|| Similar {
                    item: Arc::clone(item),
                    score,
                    words: shared.into_iter().collect(),
                })
            })
            .collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.item.number.cmp(&b.item.number)));
        found.truncate(most);
        found
    }

    /// Titles that can reach the least score. With S the shared weight, W the wanted and O the title's own, a score of
    /// 2S / (W + O) and O >= S ask for S >= W * least / (2 - least): common words may be put aside as long as they weigh
    /// less than that together, for a title with nothing but them falls short.
    fn candidates(
        &self,
        wanted: &BTreeSet<String>,
        least: f64,
        wanted_sum: f64,
        weight: impl Fn(&String) -> f64,
    ) -> RoaringBitmap {
        let mut by_weight: Vec<(f64, &String)> = wanted.iter().map(|word| (weight(word), word)).collect();
        by_weight.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(other.1)));
        let needed = wanted_sum * least / (2.0 - least).max(1.0);
        let mut aside = 0.0;
        let mut all = RoaringBitmap::new();
        for (weight, word) in by_weight {
            aside += weight;
            if aside < needed - 1e-9 {
                continue;
            }
            if let Some(numbers) = self.words.0.get(word.as_str()) {
                all |= &**numbers;
            }
        }
        all
    }
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}
