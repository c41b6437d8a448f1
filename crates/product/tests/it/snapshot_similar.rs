//! Near-duplicates are found through the word index exactly as a scan of all titles would find them.

use std::{collections::BTreeSet, sync::Arc};

use pm33_product::{Changes, Snapshot};
use proptest::prelude::*;

use crate::place::{backlog, here};

fn words(text: &str) -> BTreeSet<&str> {
    text.split(' ').collect()
}

proptest! {
    #[test]
    fn no_title_above_the_least_score_is_missed(
        items in backlog(80),
        text in prop::collection::vec(proptest::sample::select(&["pay", "bank", "the", "a", "card", "new"][..]), 1..5),
        least in 0.05_f64..1.0,
    ) {
        let text = text.join(" ");
        let all: Vec<_> = items.iter().cloned().map(Arc::new).collect();
        let snapshot = Snapshot::empty(here(), "HERE").with(1, &Changes { items: all, ..Changes::default() });
        let shown: Vec<_> = snapshot.items().filter(|item| item.archived.is_none()).collect();
        #[expect(clippy::cast_precision_loss, reason = "small counts")]
        let weight = |word: &&str| {
            let having = shown.iter().filter(|item| words(&item.title).contains(word)).count().max(1);
            1.0 + (snapshot.len() as f64 / having as f64).ln().max(0.0)
        };
        let sum = |words: &BTreeSet<&str>| words.iter().map(weight).sum::<f64>();
        let wanted = words(&text);
        let score = |title: &str| {
            let own = words(title);
            2.0 * sum(&own.intersection(&wanted).copied().collect()) / (sum(&own) + sum(&wanted))
        };
        // Scores at the very edge may fall either way by rounding.
        let sure: BTreeSet<_> = shown.iter().filter(|item| score(&item.title) >= least + 1e-9).map(|item| item.number).collect();
        let may: BTreeSet<_> = shown.iter().filter(|item| score(&item.title) >= least - 1e-9).map(|item| item.number).collect();
        let found: BTreeSet<_> = snapshot.similar(&text, least, 1_000).iter().map(|one| one.item.number).collect();
        prop_assert!(sure.is_subset(&found), "{:?} of {:?}", found, sure);
        prop_assert!(found.is_subset(&may), "{:?} of {:?}", found, may);
    }
}
