//! Rules over phrases and marks that no sentence between people has.

use super::Detection;

/// Marks that end a model's data and begin its orders.
const MARKS: &[&str] = &[
    "<|im_start|>",
    "<|im_end|>",
    "<|system|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|assistant|>",
    "<|user|>",
    "[inst]",
    "[/inst]",
    "<<sys>>",
    "</system>",
    "<system>",
    "[system]",
    "### system",
    "###system",
    "### instruction",
    "### new instruction",
    "</untrusted>",
    "</document>",
    "</context>",
    "</data>",
    "</user_input>",
    "<end_of_turn>",
    "begin_of_text",
    "[end of document]",
    "end of user input",
    "--- end of data ---",
    "=== end of context",
    "end of untrusted",
    "</item>\nsystem",
    "<important>",
    "[system message]",
    "[admin]:",
    "[developer]:",
    "system override",
    "admin override",
    "begin system",
    "end system prompt",
    "system notice to ai",
];

/// Phrases that are one by themselves.
const PHRASES: &[(&str, &str, u32)] = &[
    ("jailbreak", "jailbreak", 30),
    ("do anything now", "jailbreak", 60),
    ("no longer bound by", "role", 50),
    ("you have no restrictions", "role", 55),
    ("your true self", "role", 30),
    ("your system prompt", "reveal_weak", 30),
    ("your initial instructions", "reveal_weak", 35),
    ("your instructions are", "new_task", 30),
    ("text above this line", "reveal", 50),
    ("words above", "reveal_weak", 20),
    ("everything above this", "reveal_weak", 25),
    ("starting with \"you are", "reveal", 55),
    ("starting with 'you are", "reveal", 55),
    ("without any filters", "role", 40),
    ("hypothetical response without", "role", 30),
    ("as an ai language model", "to_the_model", 20),
    ("if you are an ai", "to_the_model", 45),
    ("if you're an ai", "to_the_model", 45),
    ("if you are a language model", "to_the_model", 45),
    ("if you are an llm", "to_the_model", 45),
    ("ai assistants reading", "to_the_model", 45),
    ("instructions for the ai", "to_the_model", 45),
    ("instructions for ai", "to_the_model", 40),
    ("instruction to the ai", "to_the_model", 45),
    ("note to ai", "to_the_model", 45),
    ("note to the ai", "to_the_model", 45),
    ("message to the ai", "to_the_model", 45),
    ("when summarizing this", "to_the_model", 30),
    ("when summarising this", "to_the_model", 30),
    ("when you summarize", "to_the_model", 30),
    ("when asked about this", "to_the_model", 20),
    ("in your response", "to_the_model", 15),
    ("in your answer", "to_the_model", 15),
    ("in your summary", "to_the_model", 20),
    ("you must comply", "order", 35),
    ("you must obey", "order", 45),
    ("this overrides", "override_weak", 25),
    ("takes precedence over", "override_weak", 15),
    ("highest priority instruction", "override_weak", 40),
    ("safety guidelines", "override_weak", 10),
    ("content policy", "override_weak", 10),
    ("ethical guidelines", "override_weak", 20),
    ("decode the following", "encoded", 25),
    ("decode this", "encoded", 25),
    ("base64", "encoded", 10),
    ("rot13", "encoded", 15),
    ("and follow it", "encoded", 20),
    ("and follow them", "encoded", 20),
    ("then follow the", "encoded", 15),
    ("and execute it", "encoded", 25),
];

/// Looks at a folded text.
pub(super) fn look(folded: &str, found: &mut Detection) {
    for mark in MARKS {
        if folded.contains(mark) {
            found.add("mark", 55);
            break;
        }
    }
    for (phrase, rule, weight) in PHRASES {
        if folded.contains(phrase) {
            found.add(rule, *weight);
        }
    }
    if has_turn(folded) {
        found.add("turn", 40);
    }
    if has_leaking_image(folded) {
        found.add("leaking_link", 55);
    }
}

/// Lines that play the other side of a conversation.
fn has_turn(folded: &str) -> bool {
    let begins = |line: &str, name: &str| {
        line.trim_start().strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(':'))
    };
    let mut assistant = false;
    for line in folded.lines() {
        if begins(line, "system") && line.len() > 20 {
            return true;
        }
        assistant |= begins(line, "assistant") || begins(line, "ai");
        if assistant && (begins(line, "user") || begins(line, "human")) {
            return true;
        }
    }
    false
}

/// An image or link that would carry something out in its address.
fn has_leaking_image(folded: &str) -> bool {
    let mut rest = folded;
    while let Some(at) = rest.find("](http") {
        rest = &rest[at + 2..];
        let target = rest.split([')', ' ', '\n']).next().unwrap_or_default();
        let Some((_, query)) = target.split_once('?') else { continue };
        let is_placeholder = ["{", "[", "%7b", "<", "$"].iter().any(|mark| query.contains(mark))
            || ["=data", "=secret", "=conversation", "=prompt", "=context", "=key", "=contents"]
                .iter()
                .any(|end| query.contains(end));
        if is_placeholder {
            return true;
        }
    }
    false
}

/// The phrases that are looked for without anything between their letters.
const DESPACED: &[&str] = &[
    "ignoreallprevious",
    "ignorepreviousinstruction",
    "ignoretheaboveinstruction",
    "ignoreallinstructions",
    "ignoreyourinstructions",
    "ignorepriorinstruction",
    "disregardallprevious",
    "disregardpreviousinstruction",
    "disregardtheabove",
    "forgetallprevious",
    "forgetyourinstructions",
    "forgeteverythingabove",
    "revealyoursystemprompt",
    "printyoursystemprompt",
    "showmeyoursystemprompt",
    "repeatyoursystemprompt",
    "overrideyourinstructions",
    "ignoreyourguidelines",
    "bypassyourguidelines",
    "youarenowdan",
];

/// Looks at a text without what stood between its letters. Found there and not among its words, it was spread out.
pub(super) fn look_despaced(despaced: &str, words: &[&str], found: &mut Detection) {
    let is_spread = words.iter().filter(|word| word.chars().count() == 1).count() * 2 > words.len();
    for phrase in DESPACED {
        if despaced.contains(phrase) {
            found.add("spread_out", if is_spread { 70 } else { 55 });
            return;
        }
    }
}
