//! Near-duplicates: items whose titles say most of what a text says, with a slip or another ending here and there.

mod titles;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use roaring::RoaringBitmap;

pub(super) use self::titles::TitleWords;
use self::titles::words;
use super::Snapshot;
use crate::WorkItem;

/// A near-duplicate.
#[derive(Clone, Debug)]
pub struct Similar {
    /// The item.
    pub item: Arc<WorkItem>,
    /// 0 to 1; 1 is the same text.
    pub score: f64,
    /// The words of the title that the text has too, or nearly.
    pub words: Vec<String>,
}

/// A word of the text that is looked for.
struct Wanted {
    /// How much it tells.
    weight: f64,
    /// Words of titles that are this one or nearly, and how like it they are.
    like: Vec<(Arc<str>, f64)>,
}

impl Snapshot {
    /// Items whose title shares most of its words with a text, best first: Dice's coefficient over words, each word
    /// weighted by its rarity among the titles (half the inverse document frequency). Words that are nearly the same
    /// count by how like they are. 1 is the same set of words.
    pub fn similar(&self, text: &str, least: f64, most: usize) -> Vec<Similar> {
        let wanted: Vec<_> = words(text).iter().map(|word| self.wanted(word)).collect();
        let sum: f64 = wanted.iter().map(|word| word.weight).sum();
        let mut like: BTreeMap<&str, Vec<(usize, f64)>> = BTreeMap::new();
        for (place, word) in wanted.iter().enumerate() {
            for (other, alike) in &word.like {
                like.entry(other).or_default().push((place, *alike));
            }
        }
        let mut found: Vec<_> = self
            .candidates(&wanted, least, sum)
            .iter()
            .filter_map(|number| self.by_number(number))
            .filter_map(|item| {
                let own = words(&item.title);
                let own_sum: f64 = own.iter().map(|word| self.weight(word)).sum();
                let (shared, words) = self.shared(&own, &wanted, &like);
                let score = 2.0 * shared / (own_sum + sum);
                let is_near = score >= least && !words.is_empty();
                is_near.then(|| Similar { item: Arc::clone(item), score, words })
            })
            .collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.item.number.cmp(&b.item.number)));
        found.truncate(most);
        found
    }

    /// How much a word tells: the rarer the more, but not so much that one that is left out hides a duplicate.
    #[expect(clippy::cast_precision_loss, reason = "a count of items")]
    fn weight(&self, word: &str) -> f64 {
        let having = self.words.having(word).map_or(0, RoaringBitmap::len).max(1) as f64;
        1.0 + (self.len().max(1) as f64 / having).ln().max(0.0) / 2.0
    }

    fn wanted(&self, word: &str) -> Wanted {
        let like = self.words.like(word);
        // What no title has is most likely the word that it is like.
        let best = like.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        Wanted { weight: best.map_or_else(|| self.weight(word), |(best, _)| self.weight(best)), like }
    }

    /// What a title and the text share, in weight and in words of the title; each word of either counts once.
    fn shared(
        &self,
        own: &BTreeSet<String>,
        wanted: &[Wanted],
        like: &BTreeMap<&str, Vec<(usize, f64)>>,
    ) -> (f64, Vec<String>) {
        let mut pairs: Vec<(f64, &String, usize)> = Vec::new();
        for word in own {
            pairs.extend(
                like.get(word.as_str()).into_iter().flatten().map(|(place, alike)| (*alike, word, *place)),
            );
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let (mut sum, mut words, mut places) = (0.0, BTreeSet::new(), BTreeSet::new());
        for (alike, word, place) in pairs {
            if words.contains(word) || places.contains(&place) {
                continue;
            }
            sum += alike * self.weight(word).min(wanted[place].weight);
            words.insert(word.clone());
            places.insert(place);
        }
        (sum, words.into_iter().collect())
    }

    /// Titles that can reach the least score. With S the shared weight, W the wanted and O the title's own, a score of
    /// 2S / (W + O) and O >= S ask for S >= W * least / (2 - least): common words may be put aside as long as they weigh
    /// less than that together, for a title with nothing but them falls short.
    fn candidates(&self, wanted: &[Wanted], least: f64, sum: f64) -> RoaringBitmap {
        let mut by_weight: Vec<_> = wanted.iter().collect();
        by_weight.sort_by(|one, other| one.weight.total_cmp(&other.weight));
        let needed = sum * least / (2.0 - least).max(1.0);
        let mut aside = 0.0;
        let mut all = RoaringBitmap::new();
        for word in by_weight {
            aside += word.weight;
            if aside < needed - 1e-9 {
                continue;
            }
            for numbers in word.like.iter().filter_map(|(other, _)| self.words.having(other)) {
                all |= numbers;
            }
        }
        all
    }
}
