//! Near-duplicates are found through the word index exactly as a scan of all titles would find them, and what people
//! write differently does not hide them.

use std::{collections::BTreeSet, sync::Arc};

use pm33_product::{Changes, Snapshot};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use crate::place::{backlog, here, item};

fn words(text: &str) -> BTreeSet<&str> {
    text.split(' ').collect()
}

/// How like two words of this test are.
fn alike(one: &str, other: &str) -> f64 {
    match (one.min(other), one.max(other)) {
        (one, other) if one == other => 1.0,
        ("ledger", "ledgers") => 6.0 / 7.0,
        ("ledger", "legder") | ("refnud", "refund") => 5.0 / 6.0,
        _ => 0.0,
    }
}

/// Words of a title paired with words of a text, likest first, each once; the weight that they share.
fn shared(
    own: &BTreeSet<&str>,
    wanted: &BTreeSet<&str>,
    weight: impl Fn(&str) -> f64,
    known: impl Fn(&str) -> f64,
) -> f64 {
    let pairs =
        own.iter().flat_map(|own| wanted.iter().map(move |wanted| (alike(own, wanted), *own, *wanted)));
    let mut pairs: Vec<_> = pairs.filter(|(alike, ..)| *alike > 0.0).collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut sum, mut owns, mut wanteds) = (0.0, BTreeSet::new(), BTreeSet::new());
    for (alike, own, wanted) in pairs {
        if !owns.contains(own) && !wanteds.contains(wanted) {
            sum += alike * weight(own).min(known(wanted));
            owns.insert(own);
            wanteds.insert(wanted);
        }
    }
    sum
}

proptest! {
    #[test]
    fn no_title_above_the_least_score_is_missed(
        items in backlog(80),
        text in prop::collection::vec(
            proptest::sample::select(&["pay", "bank", "the", "a", "card", "new", "ledgers", "legder", "refnud"][..]),
            1..5,
        ),
        least in 0.05_f64..1.0,
    ) {
        let text = text.join(" ");
        let all: Vec<_> = items.iter().cloned().map(Arc::new).collect();
        let snapshot = Snapshot::empty(here(), "HERE").with(1, &Changes { items: all, ..Changes::default() });
        let shown: Vec<_> = snapshot.items().filter(|item| item.archived.is_none()).collect();
        let having = |word: &str| shown.iter().filter(|item| words(&item.title).contains(word)).count();
        #[expect(clippy::cast_precision_loss, reason = "small counts")]
        let weight = |word: &str| {
            1.0 + (snapshot.len() as f64 / having(word).max(1) as f64).ln().max(0.0) / 2.0
        };
        // A word that no title has weighs as much as the one that it is like.
        let known = |word: &str| {
            let like = ["ledger", "refund"].into_iter().find(|other| alike(word, other) > 0.0 && having(other) > 0);
            like.filter(|_| having(word) == 0).map_or_else(|| weight(word), weight)
        };
        let wanted = words(&text);
        let wanted_sum: f64 = wanted.iter().map(|word| known(word)).sum();
        let score = |title: &str| {
            let own = words(title);
            let own_sum: f64 = own.iter().map(|word| weight(word)).sum();
            2.0 * shared(&own, &wanted, weight, known) / (own_sum + wanted_sum)
        };
        // Scores at the very edge may fall either way by rounding.
        let scored = |edge: f64| {
            let above = shown.iter().filter(|item| score(&item.title) >= (least + edge).max(1e-12));
            above.map(|item| item.number).collect::<BTreeSet<_>>()
        };
        let (sure, may) = (scored(1e-9), scored(-1e-9));
        let found: BTreeSet<_> = snapshot.similar(&text, least, 1_000).iter().map(|one| one.item.number).collect();
        prop_assert!(sure.is_subset(&found), "{:?} of {:?}", found, sure);
        prop_assert!(found.is_subset(&may), "{:?} of {:?}", found, may);
    }
}

/// A workspace with these titles, numbered from 1.
fn titled(titles: &[&str]) -> Snapshot {
    let mut runner = TestRunner::deterministic();
    let mut items = Vec::new();
    for (number, title) in (1..).zip(titles) {
        let mut one = item(number).new_tree(&mut runner).unwrap().current();
        one.title = (*title).into();
        one.archived = None;
        items.push(Arc::new(one));
    }
    Snapshot::empty(here(), "HERE").with(1, &Changes { items, ..Changes::default() })
}

#[test]
fn slips_endings_and_scripts_without_spaces_hide_no_duplicate() {
    let snapshot = titled(&[
        "Statement import reads the same file twice",
        "银行转账失败后自动重试",
        "決済画面で通貨を選べるようにする",
        "Export invoices as a table",
        "Lock the period",
    ]);
    for (text, number) in [
        ("Statment imports read the same file twcie", 1),
        ("自动重试失败的银行转账", 2),
        ("決済画面で通貨を選択できる", 3),
        ("exporting invoice tables", 4),
    ] {
        let found = snapshot.similar(text, 0.5, 5);
        assert_eq!(found.first().map(|one| one.item.number), Some(number), "{text}: {found:?}");
        assert_eq!(found.len(), 1, "{text}: {found:?}");
    }
    assert!(snapshot.similar("Unlock a card", 0.4, 5).is_empty());
    let exact = snapshot.similar("同じ file twice", 0.1, 5);
    assert_eq!(exact[0].words, ["file", "twice"], "what is shared is named");
}

#[test]
fn a_title_that_changed_or_was_put_away_is_found_no_more() {
    let snapshot = titled(&["Refund instant payments", "Lock the period"]);
    let old = snapshot.by_number(1).expect("an item");
    let mut new = (**old).clone();
    new.title = "Offer wallets".into();
    let next = snapshot.with(2, &Changes { items: vec![Arc::new(new)], ..Changes::default() });
    assert!(next.similar("Refnud instant payment", 0.3, 5).is_empty());
    assert_eq!(next.similar("Offer walets", 0.3, 5).len(), 1);
    assert_eq!(snapshot.similar("Refnud instant payment", 0.3, 5).len(), 1, "the older picture is as it was");
}
