//! What the recognisers know never leaves, honest numbers do, and every value comes back whole, at whatever place a stream
//! is cut.

use pm33_ai::Redactor;
use proptest::prelude::*;

use crate::any_prompt;

const SECRETS: &[&str] = &[
    "ada@example.org",
    "o'neil+x@mail.example.co.uk",
    "jürgen@müller.example",
    "GB82 WEST 1234 5698 7654 32",
    "DE89370400440532013000",
    "CH93 0076 2011 6238 5295 7",
    "4111 1111 1111 1111",
    "5500-0000-0000-0004",
    "378282246310005",
    "203.0.113.9",
    "2001:db8::8a2e:370:7334",
    "078-05-1120",
    "+44 20 7946 0958",
    "+1 (415) 555-0132",
    "(415) 555-0132",
    "0049 30 901820",
    "0044 20 7946 0958",
    "pm33_live_abcdefghijkl0123456789ABCDEFGHIJ",
    "sk-ant-api03-abcdefghijklmnopqrst",
    "ghp_0123456789abcdefghij0123456789abcdef",
    "AKIAIOSFODNN7EXAMPLE",
    "xoxb-123456789012-abcdefghijkl",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijklmnop",
    "postgres://user:hunter2@db.example/prod",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----",
];

const HONEST: &[&str] = &[
    "PAY-142 blocks PAY-7",
    "Cut 1,234,567 rows in 2026-11-25T09:30:00Z",
    "ratio 3:1, time 12:30:45, version 1.2.3.4567",
    "raise NPS from 31 to 45 by Q3 2026",
    "1234 5678 9012 3456",
    "GB82 WEST 1234 5698 7654 33",
    "localhost 127.0.0.1:8080",
    "see @ada and #142, 99.9 % of 20,000 calls",
    "0193f0aa-7b3c-7def-8123-456789abcdef",
    "tokens: 128000, cost 0.000001",
    "v1.30.4, std::time::Duration, a[[b]]",
];

#[test]
fn what_is_known_never_leaves_and_comes_back() {
    for secret in SECRETS {
        for text in
            [(*secret).to_owned(), format!("Ask ({secret}) today."), format!("a {secret}, b {secret}\n")]
        {
            let mut redactor = Redactor::default();
            let sent = redactor.redact(&text);
            assert!(!sent.contains(secret), "{secret}: {sent}");
            assert_eq!(redactor.redacted().values, 1, "{text}: {sent}");
            assert_eq!(redactor.restore(&sent).text, text);
        }
    }
}

#[test]
fn a_number_before_another_does_not_hide_it() {
    const CARD: &str = "4111 1111 1111 1111";
    for before in ["+1", "1", "1234", "12-34", "0049", "+49 30 901820,", "GB82 WEST", "1234 5678 9012"] {
        let mut redactor = Redactor::default();
        let text = format!("{before} {CARD} and 1.2");
        let sent = redactor.redact(&text);
        assert!(!sent.contains(CARD) && !sent.contains("1111 1111 1111"), "{text}: {sent}");
        assert_eq!(redactor.restore(&sent).text, text);
    }
}

#[test]
fn honest_texts_are_left_alone() {
    for text in HONEST {
        assert_eq!(Redactor::default().redact(text), *text);
    }
}

#[test]
fn one_value_has_one_placeholder_in_the_whole_call() {
    let mut redactor = Redactor::default();
    let first = redactor.redact("ada@example.org and bob@example.org");
    assert_eq!(first, "[[EMAIL_1]] and [[EMAIL_2]]");
    assert_eq!(redactor.redact("bob@example.org"), "[[EMAIL_2]]");
}

#[test]
fn a_text_that_looks_like_a_placeholder_comes_back_as_it_was_and_an_invented_one_is_flagged() {
    let mut redactor = Redactor::default();
    let text = "write [[EMAIL_1]] for ada@example.org";
    let sent = redactor.redact(text);
    assert_eq!(sent, "write [[LITERAL_1]] for [[EMAIL_1]]");
    assert_eq!(redactor.restore(&sent).text, text);
    let restored = redactor.restore("[[EMAIL_9]] and [[EMAIL_1]] and [[a link]]");
    assert_eq!((&*restored.text, restored.unknown), ("[[EMAIL_9]] and ada@example.org and [[a link]]", 1));
}

#[test]
fn a_stream_may_be_cut_anywhere() {
    let mut redactor = Redactor::default();
    let sent = redactor.redact("[[x]] ada@example.org [[[bob@example.org]]] [ [[ é ]] +44 20 7946 0958 [[");
    let whole = redactor.restore(&sent).text;
    let places: Vec<_> = sent.char_indices().map(|(place, _)| place).collect();
    for first in &places {
        for second in places.iter().filter(|second| *second >= first) {
            let mut restorer = redactor.restorer();
            let parts = [&sent[..*first], &sent[*first..*second], &sent[*second..]];
            let mut told: String = parts.into_iter().map(|part| restorer.push(part)).collect();
            told.push_str(&restorer.finish());
            assert_eq!(told, whole);
        }
    }
}

#[test]
fn what_the_fuzzer_begins_with_holds() {
    for seed in any_prompt::seeds() {
        any_prompt::hold(&seed);
    }
}

proptest! {
    #[test]
    fn known_values_never_leave(text in "(\\[\\[|\\]\\]|[A-Z]{2,5}_[0-9]| ada@example\\.org | 4111 1111 1111 1111 |[ -~]){0,24}") {
        let sent = Redactor::default().redact(&text);
        prop_assert!(!sent.contains("ada@example.org") && !sent.contains("4111 1111 1111 1111"), "{}", sent);
        any_prompt::hold(text.as_bytes());
    }

    #[test]
    fn any_bytes_hold(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        any_prompt::hold(&bytes);
    }
}
