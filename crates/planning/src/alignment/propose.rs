//! Proposals: the objectives whose words an item shares, by BM25 (Robertson and Zaragoza 2009) with weighted fields. What is
//! linked to an objective already says what it is about, so its words count as the objective's own. A proposal is no
//! score: a person or an agent links it, or not.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::stem::stems;

/// Weight of a word of a title against one of a text.
const TITLE: f64 = 3.0;
/// Weight of a word in the beginning of a text; what follows says less of what it is about.
const HEAD: f64 = 1.0;
/// Weight of a word after the beginning.
const REST: f64 = 0.2;
/// Weight of a word in an objective's statement: it is short, and each word was chosen.
const STATEMENT: f64 = 2.0;
/// Characters of a text's beginning.
const HEAD_CHARS: usize = 500;
/// Weight of a word in the title of a linked item, and in the beginning of its text.
const LINKED: (f64, f64) = (1.0, 0.5);
/// A word of the item counts this much at most, however often it comes.
const MOST: f64 = 3.0;
/// BM25's saturation.
const K1: f64 = 1.2;
/// BM25's normalisation by length.
const B: f64 = 0.75;
/// Words that are named with a proposal.
const NAMED: usize = 6;

/// A title with its text.
#[derive(Clone, Debug, Default)]
pub struct Text {
    /// Title.
    pub title: String,
    /// Description or statement; may be empty.
    pub body: String,
}

/// An objective as it is looked for.
#[derive(Clone, Debug, Default)]
pub struct Aim {
    /// Its title, and its statement with its key results.
    pub own: Text,
    /// Items that are linked to it.
    pub linked: Vec<Text>,
}

/// An objective that an item may serve.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Its place in the list of aims.
    pub aim: usize,
    /// How much it shares with the item; comparable for one item only.
    pub score: f64,
    /// The item's words that speak for it, most telling first.
    pub words: Vec<String>,
}

/// Finds proposals among some objectives.
#[derive(Clone, Debug)]
pub struct Proposer {
    aims: Vec<BTreeMap<String, f64>>,
    lengths: Vec<f64>,
    average: f64,
    having: HashMap<String, usize>,
    documents: usize,
}

impl Proposer {
    /// Over these objectives; `others` are texts of the workspace, which tell how common a word is there.
    #[expect(clippy::cast_precision_loss, reason = "a count of objectives")]
    pub fn new<'a>(aims: &[Aim], others: impl Iterator<Item = &'a str>) -> Self {
        let aims: Vec<_> = aims.iter().map(words_of_aim).collect();
        let mut having: HashMap<String, usize> = HashMap::new();
        let mut documents = aims.len();
        for aim in &aims {
            for stem in aim.keys() {
                *having.entry(stem.clone()).or_default() += 1;
            }
        }
        for other in others {
            documents += 1;
            let distinct: BTreeSet<String> = stems(other).into_iter().map(|(stem, _)| stem).collect();
            for stem in distinct {
                *having.entry(stem).or_default() += 1;
            }
        }
        let lengths: Vec<f64> = aims.iter().map(|aim| aim.values().sum()).collect();
        let average = lengths.iter().sum::<f64>() / lengths.len().max(1) as f64;
        Self { aims, lengths, average: average.max(f64::MIN_POSITIVE), having, documents }
    }

    /// The objectives that share most with an item, best first; those that share nothing are left out.
    pub fn propose(&self, item: &Text, most: usize) -> Vec<Proposal> {
        let mut asked: BTreeMap<String, (f64, String)> = BTreeMap::new();
        let (head, rest) = halves(&item.body);
        for (text, weight) in [(item.title.as_str(), TITLE), (head, HEAD), (rest, REST)] {
            for (stem, word) in stems(text) {
                let entry = asked.entry(stem).or_insert((0.0, word));
                entry.0 = (entry.0 + weight).min(MOST);
            }
        }
        let mut found: Vec<_> = (0..self.aims.len()).filter_map(|aim| self.proposal(aim, &asked)).collect();
        found.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.aim.cmp(&other.aim)));
        found.truncate(most);
        found
    }

    fn proposal(&self, aim: usize, asked: &BTreeMap<String, (f64, String)>) -> Option<Proposal> {
        let (own, length) = (self.aims.get(aim)?, self.lengths.get(aim)?);
        let slack = K1 * (1.0 - B + B * length / self.average);
        let mut parts: Vec<(f64, &str)> = asked
            .iter()
            .filter_map(|(stem, (weight, word))| {
                let often = own.get(stem)?;
                Some((weight * self.rarity(stem) * often * (K1 + 1.0) / (often + slack), word.as_str()))
            })
            .collect();
        parts.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(other.1)));
        let score = parts.iter().map(|(part, _)| part).sum();
        let words = parts.iter().take(NAMED).map(|(_, word)| (*word).to_owned()).collect();
        (!parts.is_empty()).then_some(Proposal { aim, score, words })
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of texts")]
    fn rarity(&self, stem: &str) -> f64 {
        let having = self.having.get(stem).copied().unwrap_or(0) as f64;
        (1.0 + (self.documents as f64 - having + 0.5) / (having + 0.5)).ln()
    }
}

fn words_of_aim(aim: &Aim) -> BTreeMap<String, f64> {
    let mut words: BTreeMap<String, f64> = BTreeMap::new();
    for (text, weight) in [(&aim.own.title, TITLE), (&aim.own.body, STATEMENT)] {
        for (stem, _) in stems(text) {
            *words.entry(stem).or_default() += weight;
        }
    }
    for item in &aim.linked {
        // However long an item is, a word of it counts once.
        for (text, weight) in [(item.title.as_str(), LINKED.0), (halves(&item.body).0, LINKED.1)] {
            let distinct: BTreeSet<String> = stems(text).into_iter().map(|(stem, _)| stem).collect();
            for stem in distinct {
                *words.entry(stem).or_default() += weight;
            }
        }
    }
    words
}

fn halves(text: &str) -> (&str, &str) {
    let end = text.char_indices().nth(HEAD_CHARS).map_or(text.len(), |(end, _)| end);
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(title: &str, body: &str) -> Text {
        Text { title: title.to_owned(), body: body.to_owned() }
    }

    fn aims() -> Vec<Aim> {
        let aim = |title: &str, body: &str| Aim { own: text(title, body), linked: Vec::new() };
        vec![
            aim("Refunds without a phone call", "Customers refund orders by themselves."),
            aim("Faster checkout", "Half the time from basket to payment."),
            aim("Quiet nights for the on-call", "Fewer pages at night."),
        ]
    }

    #[test]
    fn other_forms_of_a_word_are_found_and_strangers_are_not() {
        let proposer = Proposer::new(&aims(), std::iter::empty());
        let found = proposer.propose(&text("Refunding an order from the app", ""), 3);
        assert_eq!((found[0].aim, found.len()), (0, 1), "{found:?}");
        assert_eq!(found[0].words, ["Refunding", "order"]);
        assert!(proposer.propose(&text("Über größere Ärmel", ""), 3).is_empty());
        assert!(Proposer::new(&[], std::iter::empty()).propose(&text("Refund", ""), 3).is_empty());
    }

    #[test]
    fn what_is_linked_says_what_an_objective_is_about() {
        let mut all = aims();
        let item = text("Rotate the pager between teams", "");
        assert!(Proposer::new(&all, std::iter::empty()).propose(&item, 1).is_empty());
        all[2].linked.push(text("Alerts of the pager go to one team", ""));
        assert_eq!(Proposer::new(&all, std::iter::empty()).propose(&item, 1)[0].aim, 2);
    }

    #[test]
    fn a_word_that_everything_has_tells_little() {
        let common = vec!["refund of something"; 50];
        let item = text("Refund pages", "");
        let rare = Proposer::new(&aims(), common.into_iter());
        assert_eq!(rare.propose(&item, 1)[0].aim, 2, "pages is rarer than refund there");
        assert_eq!(rare.propose(&item, 3).len(), 2);
    }
}
