//! Texts that are nearly right: seeds with bytes changed, taken out, put in and cut off, as a fuzzer makes them.

use proptest::{collection, prelude::*, sample::Index};

/// One change of a seed.
#[derive(Clone, Debug)]
enum Edit {
    Change(Index, u8),
    Remove(Index),
    Insert(Index, u8),
    Cut(Index),
    Double(Index, Index),
}

/// Seeds after up to six changes.
pub(crate) fn mutated(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let byte = || prop_oneof![any::<u8>(), proptest::sample::select(&b"\"\\{}[],:u0dD8-_. \n"[..])];
    let edit = prop_oneof![
        (any::<Index>(), byte()).prop_map(|(at, byte)| Edit::Change(at, byte)),
        any::<Index>().prop_map(Edit::Remove),
        (any::<Index>(), byte()).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        any::<Index>().prop_map(Edit::Cut),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Edit::Double(from, to)),
    ];
    (proptest::sample::select(seeds), collection::vec(edit, 0..6)).prop_map(|(mut text, edits)| {
        for edit in edits {
            if text.is_empty() {
                break;
            }
            let place = |at: Index| at.index(text.len());
            match edit {
                Edit::Change(at, byte) => {
                    let at = place(at);
                    text[at] = byte;
                }
                Edit::Remove(at) => {
                    let at = place(at);
                    text.remove(at);
                }
                Edit::Insert(at, byte) => {
                    let at = place(at);
                    text.insert(at, byte);
                }
                Edit::Cut(at) => {
                    let at = place(at);
                    text.truncate(at);
                }
                Edit::Double(from, to) => {
                    let (from, to) = (place(from), place(to));
                    let part = text[from.min(to)..from.max(to)].to_vec();
                    text.extend(part);
                }
            }
        }
        text
    })
}
