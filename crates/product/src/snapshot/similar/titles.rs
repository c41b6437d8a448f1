//! Which titles have a word, and which words of titles are nearly another.

use std::{collections::BTreeSet, ops::Bound, sync::Arc};

use imbl::OrdMap;
use roaring::RoaringBitmap;

use crate::WorkItem;

/// Words shorter than this are like no other: a letter makes too much of them.
const SHORTEST: usize = 5;

/// The words of all titles, in order; archived items are not in it.
#[derive(Clone, Debug, Default)]
pub(in crate::snapshot) struct TitleWords {
    having: OrdMap<Arc<str>, Arc<RoaringBitmap>>,
    /// Words by their letters from the last to the first, so that those that end alike lie together.
    backwards: OrdMap<Arc<str>, Arc<str>>,
}

impl TitleWords {
    /// Notes an item's title and forgets what it was.
    pub(in crate::snapshot) fn place(&mut self, old: Option<&WorkItem>, new: &WorkItem) {
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
            self.forget(gone, new.number);
        }
        for come in after.difference(&before) {
            if let Some(numbers) = self.having.get_mut(come.as_str()) {
                Arc::make_mut(numbers).insert(new.number);
            } else {
                let word: Arc<str> = come.as_str().into();
                self.backwards.insert(backwards(come), Arc::clone(&word));
                self.having.insert(word, Arc::new(RoaringBitmap::from([new.number])));
            }
        }
    }

    fn forget(&mut self, word: &str, number: u32) {
        let Some(numbers) = self.having.get_mut(word) else { return };
        Arc::make_mut(numbers).remove(number);
        if numbers.is_empty() {
            self.having.remove(word);
            self.backwards.remove(&*backwards(word));
        }
    }

    /// The numbers of the items whose title has a word.
    pub(super) fn having(&self, word: &str) -> Option<&RoaringBitmap> {
        self.having.get(word).map(|numbers| &**numbers)
    }

    /// Words of titles that are this one, or nearly, with how like it they are: 1 is the word itself.
    pub(super) fn like(&self, word: &str) -> Vec<(Arc<str>, f64)> {
        let mut found: Vec<_> =
            self.having.get_key_value(word).map(|(key, _)| (Arc::clone(key), 1.0)).into_iter().collect();
        let letters = word.chars().count();
        if letters < SHORTEST {
            return found;
        }
        // One slip leaves the first half as it was, or the last.
        let half = (letters - 1) / 2;
        let head: String = word.chars().take(half).collect();
        let tail: String = word.chars().rev().take(half).collect();
        let beginning = from(&self.having, &head).map(|(other, _)| other);
        let ending =
            from(&self.backwards, &tail).map(|(_, other)| other).filter(|other| !other.starts_with(&head));
        for other in beginning.chain(ending) {
            let alike = likeness(word, other);
            if alike > 0.0 && **other != *word {
                found.push((Arc::clone(other), alike));
            }
        }
        found
    }
}

/// The entries whose key begins so.
fn from<'a, V>(map: &'a OrdMap<Arc<str>, V>, head: &'a str) -> impl Iterator<Item = (&'a Arc<str>, &'a V)> {
    map.range::<_, str>((Bound::Included(head), Bound::Unbounded))
        .take_while(move |(key, _)| key.starts_with(head))
}

fn backwards(word: &str) -> Arc<str> {
    word.chars().rev().collect::<String>().into()
}

/// How like two words are: one slip apart (a letter more, less, other, or two in each other's place), or of one stem.
/// Numbers are like nothing but themselves.
fn likeness(one: &str, other: &str) -> f64 {
    let (a, b) = (one.chars().count(), other.chars().count());
    if a.min(b) < SHORTEST || one.chars().chain(other.chars()).any(char::is_numeric) {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "letters of a word")]
    let share = |part: usize| part as f64 / a.max(b) as f64;
    if a.abs_diff(b) <= 1 && strsim::osa_distance(one, other) <= 1 {
        return share(a.max(b) - 1);
    }
    let stem = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    if stem >= SHORTEST - 1 && share(stem) >= STEM { share(stem) } else { 0.0 }
}

/// Share of the longer word that two words of one stem begin with.
const STEM: f64 = 0.6;

/// The words of a text, in lower case. Scripts that put no space between words give each pair of neighbouring letters.
pub(super) fn words(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for run in text.split(|letter: char| !letter.is_alphanumeric()) {
        let mut rest = run;
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|letter| is_unspaced(letter) != is_unspaced(first)).unwrap_or(rest.len());
            let (part, after) = rest.split_at(end);
            rest = after;
            let letters: Vec<char> = part.chars().collect();
            if is_unspaced(first) && letters.len() > 1 {
                found.extend(letters.windows(2).map(|pair| pair.iter().collect::<String>()));
            } else {
                found.insert(part.to_lowercase());
            }
        }
    }
    found
}

/// Whether a letter is of a script that is written without spaces, or with too few: Thai to Khmer, kana, Han, Hangul.
fn is_unspaced(letter: char) -> bool {
    matches!(letter,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::{likeness, words};

    #[test]
    fn a_slip_and_a_stem_are_nearly_the_word_and_other_words_are_not() {
        for (one, other) in [
            ("timeout", "tiemout"),
            ("timeout", "timeouts"),
            ("refund", "refnd"),
            ("payment", "qayment"),
            ("configure", "configured"),
            ("export", "exporting"),
        ] {
            assert!(likeness(one, other) >= 0.6, "{one} {other}: {}", likeness(one, other));
            assert!((likeness(one, other) - likeness(other, one)).abs() < 1e-9, "{one} {other}");
        }
        for (one, other) in [("card", "cart"), ("v1234", "v1235"), ("refund", "export"), ("plans", "trail")] {
            assert!(likeness(one, other) <= 0.0, "{one} {other}");
        }
    }

    #[test]
    fn scripts_without_spaces_give_pairs_of_letters() {
        let found = |text| words(text).into_iter().collect::<Vec<_>>();
        assert_eq!(found("Fix 即时转账 API"), ["api", "fix", "即时", "时转", "转账"]);
        assert_eq!(found("OAuth対応 v2"), ["oauth", "v2", "対応"]);
        assert_eq!(found("税"), ["税"]);
    }
}
