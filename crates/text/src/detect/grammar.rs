//! Rules over words: a verb, near it what it is aimed at.

use std::{collections::HashMap, sync::LazyLock};

use super::Detection;

/// Kinds that a word can be of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Sets something aside.
    Aside,
    /// What a model was told.
    Told,
    /// Tells out.
    Tell,
    /// Sends away.
    Send,
    /// Secrets and what a model was told in secret.
    Secret,
}

/// The words of a folded text: letters, digits and apostrophes.
pub(super) fn words(folded: &str) -> Vec<&str> {
    folded.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).collect()
}

/// Words of each kind.
const KINDS: [(Kind, &str); 5] = [
    (
        Kind::Aside,
        "ignore ignores ignoring disregard disregarding forget override overrides bypass discard neglect \
     skip void cancel drop abandon overrule supersede supersedes unfollow erase",
    ),
    (
        Kind::Told,
        "instruction instructions prompt prompts guideline guidelines directive directives directions \
     commands programming safeguards guardrails restrictions constraints orders training",
    ),
    (
        Kind::Tell,
        "reveal print show repeat output display leak dump disclose expose recite echo reproduce return \
     give tell list paste include append write quote",
    ),
    (
        Kind::Send,
        "send post upload forward email mail exfiltrate transmit submit deliver leak fetch curl request \
     call",
    ),
    (
        Kind::Secret,
        "secrets secret credentials passwords password tokens token keys key conversation context \
     transcript history backlog data contents prompt instructions messages",
    ),
];

/// The kinds of each word, a bit each.
static WORDS: LazyLock<HashMap<&'static str, u8>> = LazyLock::new(|| {
    let mut words = HashMap::new();
    for (kind, list) in KINDS {
        for word in list.split(' ') {
            *words.entry(word).or_default() |= 1 << kind as u8;
        }
    }
    words
});

fn is(kind: Kind, word: &str) -> bool {
    WORDS.get(word).is_some_and(|kinds| kinds >> kind as u8 & 1 == 1)
}

/// Whether one of the words within reach after a place is of a kind.
fn near(words: &[&str], from: usize, reach: usize, kind: Kind) -> Option<usize> {
    (from + 1..words.len().min(from + 1 + reach)).find(|at| is(kind, words[*at]))
}

fn any(words: &[&str], from: usize, reach: usize, list: &str) -> bool {
    let end = words.len().min(from + reach);
    words.get(from..end).is_some_and(|part| part.iter().any(|word| list.split(' ').any(|one| one == *word)))
}

/// Looks at the words.
pub(super) fn look(words: &[&str], found: &mut Detection) {
    for at in 0..words.len() {
        override_at(words, at, found);
        reveal_at(words, at, found);
        send_at(words, at, found);
        role_at(words, at, found);
        quiet_at(words, at, found);
        verdict_at(words, at, found);
    }
}

/// "Ignore all previous instructions", "do not follow your guidelines".
fn override_at(words: &[&str], at: usize, found: &mut Detection) {
    let word = words[at];
    let is_aside = is(Kind::Aside, word)
        || (matches!(word, "follow" | "obey" | "heed" | "listen" | "observe" | "comply" | "apply")
            && at > 0
            && any(words, at.saturating_sub(3), 3, "not don't dont never stop longer cease"))
        || (matches!(word, "attention" | "account") && any(words, at.saturating_sub(4), 4, "no not don't"));
    if !is_aside {
        return;
    }
    // "the rules of the game" are anybody's; what was told before is a model's.
    let told = near(words, at, 7, Kind::Told);
    let named = told.is_some_and(|told| {
        any(words, at, told - at + 1, BEFORE_WORDS)
            || any(words, told, 6, "above before earlier previously given received")
    });
    if named {
        found.add("override", 60);
        return;
    }
    let everything = any(words, at + 1, 4, "everything anything all whatever")
        && any(words, at + 1, 8, "above before told said earlier previously instructed prior")
        && any(words, at + 1, 10, "you your above instead prompt");
    if everything && any(words, at.saturating_sub(12), 40, "you your assistant prompt ai") {
        found.add("override", 55);
    } else if told.is_some() && any(words, at + 1, 3, "all any these those") {
        found.add("override_weak", 30);
    }
}

const BEFORE_WORDS: &str = "previous prior above earlier preceding foregoing former existing past initial original your system developer hidden current safety";

/// "Reveal your system prompt".
fn reveal_at(words: &[&str], at: usize, found: &mut Detection) {
    if !is(Kind::Tell, words[at]) && words[at] != "what" {
        return;
    }
    let window = words.get(at + 1..words.len().min(at + 11)).unwrap_or_default();
    for (offset, word) in window.iter().enumerate() {
        let before = offset.checked_sub(1).and_then(|one| window.get(one)).copied().unwrap_or_default();
        let is_prompt = matches!(
            *word,
            "prompt" | "instructions" | "message" | "prompts" | "directives" | "configuration"
        ) && matches!(
            before,
            "system"
                | "hidden"
                | "initial"
                | "secret"
                | "original"
                | "developer"
                | "internal"
                | "full"
                | "your"
        );
        let is_yours = any(window, 0, offset + 1, "your you");
        if is_prompt
            && (is_yours
                || any(window, offset, 7, "verbatim you above word")
                || any(words, at.saturating_sub(6), 6, "you assistant"))
        {
            found.add("reveal", 60);
        } else if is_yours && is_secret_of_a_model(word, before) {
            found.add("reveal", 55);
        }
    }
}

fn is_secret_of_a_model(word: &str, before: &str) -> bool {
    matches!(
        (before, word),
        ("api", "key" | "keys") | ("access", "token" | "tokens") | ("environment", "variables")
    ) || matches!(word, "guidelines" | "programming" | "credentials")
}

/// "Send the conversation to https://…".
fn send_at(words: &[&str], at: usize, found: &mut Detection) {
    if !is(Kind::Send, words[at]) {
        return;
    }
    let Some(what) = near(words, at, 9, Kind::Secret) else { return };
    let goes_out = any(words, what, 9, "http https webhook attacker evil ngrok pastebin burpcollaborator");
    let is_all = any(words, at, what - at + 1, "all entire whole full every this conversation your");
    if goes_out && is_all {
        found.add("exfiltrate", 60);
    }
}

/// "You are now …", "from now on you …", "act as …".
fn role_at(words: &[&str], at: usize, found: &mut Detection) {
    let rest = words.get(at..).unwrap_or_default();
    match rest {
        ["you", "are", "now", ..] | ["you're", "now", ..] => {
            if any(
                rest,
                2,
                10,
                "dan unrestricted jailbroken evil free developer root admin administrator assistant ai model bot chatbot agent mode hacker unfiltered uncensored system operator",
            ) {
                found.add("role", 55);
            } else {
                found.add("role_weak", 25);
            }
        }
        ["from", "now", "on", ..] if any(rest, 3, 3, "you your") => found.add("role", 50),
        ["act" | "behave" | "respond" | "operate" | "roleplay", "as" | "like", ..]
            if any(
                rest,
                2,
                7,
                "dan unrestricted jailbroken root unfiltered uncensored evil hacker llm ai",
            ) || (any(rest, 2, 8, "no without")
                && any(rest, 2, 10, "restrictions limits rules filters guardrails")) =>
        {
            found.add("role", 55);
        }
        ["pretend", ..] if any(rest, 1, 3, "you you're to") => {
            let weight =
                if any(rest, 1, 14, "restrictions rules guidelines ai model admin administrator system") {
                    50
                } else {
                    20
                };
            found.add("role_pretend", weight);
        }
        ["developer" | "debug" | "god" | "dan" | "jailbreak" | "maintenance" | "sudo", "mode", ..]
            if any(
                words,
                at.saturating_sub(6),
                16,
                "you enter enable enabled activate activated unlock unlocked",
            ) =>
        {
            found.add("role_mode", if any(words, at.saturating_sub(6), 18, "you your") { 50 } else { 20 });
        }
        [
            "new" | "updated" | "real" | "actual",
            "instructions" | "instruction" | "directive" | "directives" | "task",
            ..,
        ] if any(words, at.saturating_sub(4), 4, "your the these here") || at == 0 => {
            found.add("new_task", if any(words, at.saturating_sub(3), 3, "your") { 55 } else { 25 });
        }
        ["your", "new", "role" | "goal" | "objective" | "purpose" | "job" | "persona", ..] => {
            found.add("new_task", 45);
        }
        _ => {}
    }
}

/// "Do not tell the user", "without asking for confirmation".
fn quiet_at(words: &[&str], at: usize, found: &mut Detection) {
    let rest = words.get(at..).unwrap_or_default();
    match rest {
        [
            "not" | "don't" | "never" | "without",
            "tell" | "telling" | "inform" | "informing" | "mention" | "mentioning" | "notify" | "notifying"
            | "alert" | "reveal",
            ..,
        ] if any(rest, 2, 5, "user them human operator anyone this") => {
            found.add("conceal", if any(rest, 2, 5, "user human") { 35 } else { 20 });
        }
        [
            "without",
            "asking" | "confirmation" | "confirming" | "approval" | "permission" | "requesting",
            ..,
        ] if any(words, at.saturating_sub(14), 14, "tool tools function delete call execute run invoke") => {
            found.add("act_alone", 30);
        }
        ["call" | "invoke" | "use" | "execute" | "run" | "trigger", ..]
            if any(rest, 1, 6, "tool function tools")
                && any(
                    rest,
                    1,
                    16,
                    "delete drop transfer remove wipe silently immediately immediately archive secretly admin",
                ) =>
        {
            found.add("tool", 40);
        }
        _ => {}
    }
    if words[at].starts_with("pm33_") || matches!(rest, ["pm33", ..]) {
        let orders = any(words, at.saturating_sub(8), 8, "call invoke execute run use must immediately");
        if orders && any(words, at, 20, "all every delete archive without silently cancel cancelled") {
            found.add("tool", 50);
        }
    }
}

/// Words to the one who reads with a model, and what it is to judge.
fn verdict_at(words: &[&str], at: usize, found: &mut Detection) {
    let rest = words.get(at..).unwrap_or_default();
    let speaks = match rest {
        ["ai" | "llm" | "language" | "chatbot" | "gpt" | "claude" | "copilot", ..] => {
            any(
                words,
                at.saturating_sub(5),
                5,
                "note attention dear hey message instruction instructions if important any hello",
            ) && any(
                rest,
                0,
                14,
                "must should shall read reading reads processing summarizing summarising please assistant model agents agent following",
            )
        }
        ["assistant" | "model", ..] => {
            any(words, at.saturating_sub(4), 4, "note attention dear hey hello")
                && any(rest, 0, 12, "must should shall please ignore respond")
        }
        _ => false,
    };
    if speaks {
        found.add("to_the_model", 35);
        if any(
            words,
            at,
            25,
            "always must ignore score rank rate output reply respond approve say include recommend mark",
        ) {
            found.add("order_to_the_model", 25);
        }
    }
    if matches!(
        words[at],
        "score" | "rate" | "rank" | "mark" | "grade" | "classify" | "prioritize" | "prioritise" | "approve"
    ) && any(rest, 1, 14, "regardless irrespective matter unconditionally")
        && any(
            rest,
            1,
            20,
            "100 10 highest maximum perfect top critical p0 approved first evidence objectives",
        )
    {
        found.add("verdict", 40);
        if any(words, at.saturating_sub(12), 30, "you your assistant model ai always") {
            found.add("verdict_order", 20);
        }
    }
    if matches!(rest, ["respond" | "reply" | "answer", "only" | "with" | "exactly", ..])
        && any(words, at.saturating_sub(10), 10, "must always you only instead now")
    {
        found.add("answer_order", if any(rest, 1, 8, "only exactly") { 35 } else { 20 });
    }
}
