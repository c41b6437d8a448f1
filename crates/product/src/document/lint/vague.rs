//! Words that nobody can check.

use super::numbers;

/// Words, and what to write instead.
const WORDS: &[(&str, &str)] = &[
    ("fast", TIME),
    ("quickly", TIME),
    ("quick", TIME),
    ("slow", TIME),
    ("real-time", TIME),
    ("responsive", TIME),
    ("promptly", TIME),
    ("soon", TIME),
    ("immediately", TIME),
    ("timely", TIME),
    ("as soon as possible", TIME),
    ("easy", TASK),
    ("easily", TASK),
    ("simple", TASK),
    ("simply", TASK),
    ("intuitive", TASK),
    ("user-friendly", TASK),
    ("user friendly", TASK),
    ("seamless", TASK),
    ("seamlessly", TASK),
    ("convenient", TASK),
    ("effortless", TASK),
    ("robust", FAULT),
    ("reliable", FAULT),
    ("stable", FAULT),
    ("secure", FAULT),
    ("safe", FAULT),
    ("gracefully", FAULT),
    ("scalable", LOAD),
    ("performant", LOAD),
    ("efficient", LOAD),
    ("efficiently", LOAD),
    ("high-performance", LOAD),
    ("flexible", CASES),
    ("appropriate", CASES),
    ("appropriately", CASES),
    ("adequate", CASES),
    ("sufficient", CASES),
    ("reasonable", CASES),
    ("relevant", CASES),
    ("suitable", CASES),
    ("proper", CASES),
    ("properly", CASES),
    ("as needed", CASES),
    ("if necessary", CASES),
    ("where possible", CASES),
    ("etc", CASES),
    ("and so on", CASES),
    ("various", COUNT),
    ("several", COUNT),
    ("some", COUNT),
    ("many", COUNT),
    ("few", COUNT),
    ("most", COUNT),
    ("minimal", COUNT),
    ("significant", COUNT),
    ("significantly", COUNT),
    ("large", COUNT),
    ("optimal", COUNT),
    ("best", COUNT),
    ("better", COUNT),
    ("improved", COUNT),
    ("state-of-the-art", COUNT),
    ("world-class", COUNT),
    ("modern", CASES),
    ("nice", TASK),
    ("good", TASK),
];

const TIME: &str = "say within what time, for how many of a hundred cases";
const TASK: &str = "say who does what in how many steps or minutes";
const FAULT: &str = "say against what, and what happens then";
const LOAD: &str = "say how much of what, and within what time";
const CASES: &str = "name the cases";
const COUNT: &str = "say how many, or against what it is measured";

/// Vague words of a text with what to write instead; a sentence that says a number is spared.
pub(super) fn vague(text: &str) -> Vec<(String, &'static str)> {
    let mut found: Vec<(String, &'static str)> = Vec::new();
    for sentence in super::super::prose::sentences(text) {
        if !numbers::numbers(&sentence, numbers::Words::Not).is_empty() {
            continue;
        }
        let lower = sentence.to_lowercase();
        for (word, instead) in WORDS {
            let is_found = lower.match_indices(word).any(|(at, _)| {
                let before = lower.get(..at).and_then(|text| text.chars().next_back());
                let after = lower.get(at + word.len()..).and_then(|text| text.chars().next());
                let joins =
                    |sign: Option<char>| sign.is_some_and(|sign| sign.is_alphanumeric() || sign == '-');
                !joins(before) && !joins(after)
            });
            if is_found && !found.iter().any(|(known, _)| known == word) {
                found.push(((*word).to_owned(), instead));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::vague;

    #[test]
    fn a_number_makes_a_word_checkable() {
        let words = |text: &str| vague(text).into_iter().map(|(word, _)| word).collect::<Vec<_>>();
        assert_eq!(words("The list loads fast and is user-friendly."), ["fast", "user-friendly"]);
        assert_eq!(words("The list loads fast, within 200 ms."), [""; 0]);
        assert_eq!(words("R1: breakfast is steadfast"), [""; 0]);
        assert_eq!(words("R1: Export as soon as possible. R2: In 3 s."), ["soon", "as soon as possible"]);
    }
}
