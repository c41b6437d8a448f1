//! Costs are exact: three hundred cases that were computed apart with fractions, and any usage against an oracle that
//! counts another way.

use jiff::civil::date;
use pm33_billing::{Price, PriceBook, PriceKey, Rates, TokenClass, Tokens, cost};
use proptest::prelude::*;

/// Computed from the vendors' published prices with exact fractions, not from this crate's price file or code.
const TABLE: &str = include_str!("../data/costs.csv");

fn price(book: &PriceBook, provider: &str, model: &str) -> Price {
    book.price(&PriceKey::standard(provider, model), date(2026, 11, 25)).unwrap().clone()
}

#[test]
fn three_hundred_cases_cost_what_was_computed_apart() {
    let book = PriceBook::shipped().unwrap();
    let mut cases = 0;
    for line in TABLE.lines().skip(1) {
        let fields: Vec<_> = line.split(',').collect();
        let [provider, model, numbers @ ..] = &*fields else { panic!("{line}") };
        let numbers: Vec<u64> = numbers.iter().map(|number| number.parse().unwrap()).collect();
        let [
            input,
            cached_read,
            cache_write_5m,
            cache_write_30m,
            cache_write_1h,
            output,
            reasoning,
            expected,
        ] = *numbers
        else {
            panic!("{line}")
        };
        let used =
            Tokens { input, cached_read, cache_write_5m, cache_write_30m, cache_write_1h, output, reasoning };
        let found = cost(&price(&book, provider, model), &used).unwrap();
        assert_eq!(found.amount.micros(), i64::try_from(expected).unwrap(), "{line}");
        cases += 1;
    }
    assert_eq!(cases, 300);
}

/// Spends token by token of money: whole micro-credits and a remainder in millionths, class by class.
fn oracle(rates: &Rates, used: &Tokens) -> i128 {
    let (mut whole, mut millionths) = (0_i128, 0_i128);
    for class in TokenClass::ALL {
        let rate = rates.of(class).unwrap_or_else(|| rates.dearest_read()).micros();
        // tokens * rate / 1e6, split so that nothing is divided before its remainder is kept.
        let (tokens, rate) = (i128::from(used.of(class)), i128::from(rate));
        whole += tokens / 1_000_000 * rate;
        millionths += tokens % 1_000_000 * rate;
    }
    whole += millionths / 1_000_000;
    whole + i128::from(millionths % 1_000_000 != 0)
}

prop_compose! {
    pub(crate) fn any_tokens(most: u64)(
        input in 0..most, cached_read in 0..most, cache_write_5m in 0..most, cache_write_30m in 0..most,
        cache_write_1h in 0..most, output in 0..most, share in 0..=100_u64,
    ) -> Tokens {
        let reasoning = output * share / 100;
        Tokens { input, cached_read, cache_write_5m, cache_write_30m, cache_write_1h, output, reasoning }
    }
}

pub(crate) fn any_price() -> impl Strategy<Value = Price> {
    let rows: Vec<_> = PriceBook::shipped().unwrap().rows().cloned().collect();
    proptest::sample::select(rows)
}

proptest! {
    #[test]
    fn any_usage_costs_what_the_oracle_says(price in any_price(), used in any_tokens(2_000_000)) {
        let found = cost(&price, &used).unwrap();
        prop_assert_eq!(i128::from(found.amount.micros()), oracle(price.rates_for(used.read()), &used));
    }

    #[test]
    fn one_call_is_rounded_once_and_never_down(price in any_price(), used in any_tokens(50_000), more in any_tokens(50_000)) {
        let [first, second, both] = [used, more, used.plus(&more)].map(|used| cost(&price, &used).unwrap().amount.micros());
        // Within one tier, two calls cost what one does, or one micro-credit more for the second rounding.
        if price.long.is_none_or(|long| used.plus(&more).read() <= long.above) {
            prop_assert!(first + second == both || first + second == both + 1, "{} {} {}", first, second, both);
        }
        prop_assert!(first > 0 || used.total() == 0);
    }
}

#[test]
fn a_class_that_has_no_price_is_never_free() {
    let book = PriceBook::shipped().unwrap();
    let price = price(&book, "openai", "gpt-6.2-sol");
    let used = Tokens { cached_read: 1_000_000, cache_write_1h: 1_000_000, ..Tokens::default() };
    let found = cost(&price, &used).unwrap();
    assert_eq!(found.amount.to_string(), "4");
    assert_eq!(found.unpriced, [TokenClass::CachedRead, TokenClass::CacheWrite1h]);
}

#[test]
fn what_cannot_be_counted_is_an_error() {
    let book = PriceBook::shipped().unwrap();
    let price = price(&book, "anthropic", "claude-fable-5-2");
    let used = Tokens { output: u64::MAX, ..Tokens::default() };
    assert!(cost(&price, &used).is_err());
}
