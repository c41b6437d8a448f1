//! Detection keeps its bars on texts that it was not made with, and changes no honest text.

use pm33_text::{clean, detect};

use crate::corpus::{HELD_OUT, TUNED, grade, read};

#[test]
fn the_bars_hold_on_texts_that_the_rules_were_not_made_with() {
    let held = grade(&read(HELD_OUT));
    assert!(held.found() >= 47.0, "{:.1} % of attacks", held.found());
    assert!(held.plain_found() >= 90.0, "{:.1} % of override and hidden", held.plain_found());
    assert!(held.accused() <= 1.0, "{:.1} % of honest texts", held.accused());
    assert!(held.lookalikes() >= 40 && held.lookalikes_accused() <= 2, "{}", held.lookalikes_accused());
    assert!(held.by_kind().count() >= 11);
}

#[test]
fn the_two_files_share_no_text() {
    let (tuned, held) = (read(TUNED), read(HELD_OUT));
    assert!(tuned.len() > 100 && held.len() > 200);
    for one in &tuned {
        assert!(held.iter().all(|other| other.text != one.text), "{}", one.text);
    }
}

#[test]
fn what_hides_is_gone_and_honest_texts_are_as_they_were() {
    for sample in read(HELD_OUT).iter().chain(&read(TUNED)) {
        let cleaned = clean(&sample.text);
        match sample.kind.as_str() {
            "benign" | "lookalike" => assert_eq!(cleaned.text, sample.text),
            "hidden" => assert!(cleaned.text.is_ascii() && cleaned.removed.total() > 0, "{:?}", cleaned.text),
            _ => {}
        }
    }
}

#[test]
fn looking_changes_nothing_and_is_the_same_each_time() {
    for sample in read(TUNED) {
        assert_eq!(detect(&sample.text), detect(&sample.text.clone()));
    }
}
