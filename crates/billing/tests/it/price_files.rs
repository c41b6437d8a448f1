//! Price files: what is shipped, what is laid over it, and what is refused with its place.

use jiff::civil::date;
use pm33_billing::{PriceBook, PriceError, PriceKey};

fn file(text: &str) -> Result<PriceBook, PriceError> {
    PriceBook::default().with_file("own.toml", text)
}

const ROW: &str = "[[price]]\nprovider = \"local\"\nmodel = \"m\"\neffective = \"2026-01-10\"\ninput = \"1\"\n\
                   output = \"2\"\nsource = \"own\"\nnoted = \"2026-01-01\"\n";

#[test]
fn a_row_holds_from_its_day_until_the_next_begins() {
    let later = ROW.replace("2026-01-10", "2026-03-01").replace("\"1\"", "\"7\"");
    let book = file(&format!("{ROW}{later}")).unwrap();
    let key = PriceKey::standard("local", "m");
    let input = |day| book.price(&key, day).map(|price| price.rates.input.to_string());
    assert_eq!(input(date(2026, 1, 10)).unwrap(), "1");
    assert_eq!(input(date(2026, 2, 28)).unwrap(), "1");
    assert_eq!(input(date(2026, 3, 1)).unwrap(), "7");
    let early = input(date(2026, 1, 9)).unwrap_err();
    assert!(matches!(early, PriceError::Unknown { when: Some(_), .. }), "{early:?}");
}

#[test]
fn unknown_and_retired_models_are_refused_and_name_what_there_is() {
    let book = PriceBook::shipped().unwrap();
    let unknown = book.price(&PriceKey::standard("anthropic", "claude-x"), date(2026, 11, 25)).unwrap_err();
    assert!(unknown.to_string().contains("claude-opus-5-5"), "{unknown}");
    let key = PriceKey::standard("anthropic", "claude-sonnet-4-5");
    assert!(book.price(&key, date(2026, 11, 30)).is_ok());
    let retired = book.price(&key, date(2026, 12, 1)).unwrap_err();
    assert!(matches!(retired, PriceError::Retired { .. }), "{retired:?}");
    assert!(!book.models("anthropic", date(2026, 12, 1)).contains(&"claude-sonnet-4-5".to_owned()));
    let other_tier = PriceKey { tier: "priority".to_owned(), ..key };
    assert!(book.price(&other_tier, date(2026, 11, 25)).is_err(), "a tier is never priced as another");
}

#[test]
fn an_alias_is_resolved_to_a_model_that_has_a_price() {
    let book = PriceBook::shipped().unwrap();
    assert_eq!(book.resolve("anthropic", "opus"), "claude-opus-5-5");
    assert_eq!(book.resolve("openai", "opus"), "opus");
    let dangling = file("[[alias]]\nprovider = \"local\"\nalias = \"a\"\nmodel = \"gone\"\n").unwrap_err();
    assert!(dangling.to_string().contains("gone"), "{dangling}");
}

#[test]
fn a_file_of_ones_own_replaces_a_row_and_gives_it_another_name() {
    let first = file(ROW).unwrap();
    let again = first.clone().with_file("more.toml", &ROW.replace("\"2\"", "\"3\"")).unwrap();
    let key = PriceKey::standard("local", "m");
    let [old, new] = [&first, &again].map(|book| book.price(&key, date(2026, 2, 1)).unwrap());
    assert_eq!(new.rates.output.to_string(), "3");
    assert_ne!(old.id, new.id, "what was settled under the old row can still be told apart");
    assert!(old.id.starts_with("local/m@2026-01-10#"), "{}", old.id);
}

#[test]
fn what_cannot_be_used_is_refused_with_its_place() {
    for (text, word) in [
        (ROW.replace("\"1\"", "\"1.0000001\""), "six decimals"),
        (ROW.replace("\"1\"", "\"-1\""), "below zero"),
        (ROW.replace("\"1\"", "1.5"), "string"),
        (ROW.replace("source = \"own\"", "source = \" \""), "source"),
        (ROW.replace("output", "outptu"), "outptu"),
        (ROW.replace("\"local\"", "\"\""), "empty"),
        (format!("{ROW}{ROW}"), "two rows"),
        (ROW.replace("2026-01-10", "2026-13-10"), "2026-13-10"),
        (format!("{ROW}[price.long_context]\nabove = 5\ninput = \"1\"\n"), "output"),
        (format!("{ROW}[price.long_context]\nabove = -5\ninput = \"1\"\noutput = \"1\"\n"), "above"),
        ("price = 3".to_owned(), "price"),
    ] {
        let refused = file(&text).unwrap_err().to_string();
        assert!(refused.contains("own.toml") && refused.contains(word), "{word}: {refused}");
    }
}

#[test]
fn every_shipped_row_says_where_it_is_from() {
    let book = PriceBook::shipped().unwrap();
    assert!(book.rows().count() >= 15);
    for price in book.rows() {
        assert!(!price.source.is_empty() && price.noted <= date(2026, 11, 25), "{}", price.id);
        assert!(price.rates.input.micros() > 0 && price.rates.output > price.rates.input, "{}", price.id);
    }
}
