//! The bound of a planned call is never beaten by what the call then uses, and no looser than its parts.

use pm33_billing::{
    BillingError, CachePlan, MicroCredits, PlannedCall, PriceBook, PriceError, PriceKey, TokenClass, Tokens,
    cost, most,
};
use proptest::prelude::*;

use crate::costs::any_price;

/// Splits tokens over the classes of input.
fn split(read: u64, parts: [u64; 4]) -> Tokens {
    let mut left = read;
    let mut take = |part: u64| {
        let taken = left * part / 100;
        left -= taken;
        taken
    };
    let [cached_read, cache_write_5m, cache_write_30m, cache_write_1h] = parts.map(&mut take);
    Tokens { input: left, cached_read, cache_write_5m, cache_write_30m, cache_write_1h, ..Tokens::default() }
}

proptest! {
    #[test]
    fn nothing_that_fits_the_plan_costs_more_than_its_bound(
        price in any_price(), bytes in 0..600_000_u64, framing in 0..2_000_u64, limit in 0..128_000_u64,
        times in 1..4_u32, used in 0..=100_u64, parts in prop::array::uniform4(0..=100_u64),
        written in 0..=100_u64, thought in 0..=100_u64,
    ) {
        let planned = PlannedCall {
            input_bytes: bytes, framing_tokens: framing, max_output_tokens: limit, times, cache: CachePlan::Unasked,
        };
        let bound = most(&price, &planned).unwrap();
        let output = limit * written / 100;
        let one = Tokens { output, reasoning: output * thought / 100, ..split((bytes + framing) * used / 100, parts) };
        let spent = cost(&price, &one).unwrap().amount.micros() * i64::from(times);
        prop_assert!(spent <= bound.micros(), "{} above {}", spent, bound.micros());
    }
}

#[test]
fn the_bound_is_the_dearest_class_of_the_dearer_tier() {
    let book = PriceBook::shipped().unwrap();
    let price = book
        .price(&PriceKey::standard("anthropic", "claude-haiku-5-5"), jiff::civil::date(2026, 11, 25))
        .unwrap();
    let planned = |input_bytes| PlannedCall {
        input_bytes,
        framing_tokens: 0,
        max_output_tokens: 1_000_000,
        times: 1,
        cache: CachePlan::Unasked,
    };
    // 100,000 tokens of an hour's cache write at 0.20 and a million of output at 0.50.
    assert_eq!(most(price, &planned(100_000)).unwrap().to_string(), "0.52");
    // One byte more and all of it is five times as dear, rounded up once: 100,001 tokens at 1 and output at 2.50.
    assert_eq!(most(price, &planned(100_001)).unwrap().to_string(), "2.600001");
    let twice = PlannedCall { times: 2, ..planned(100_000) };
    assert_eq!(most(price, &twice).unwrap(), MicroCredits::new(1_040_000));
}

#[test]
fn planning_a_class_without_a_price_is_refused_before_the_call() {
    let book = PriceBook::shipped().unwrap();
    let price =
        book.price(&PriceKey::standard("openai", "gpt-6.1-sol"), jiff::civil::date(2026, 11, 25)).unwrap();
    let planned = |class| PlannedCall {
        input_bytes: 1,
        framing_tokens: 0,
        max_output_tokens: 1,
        times: 1,
        cache: CachePlan::Writes(class),
    };
    assert!(most(price, &planned(TokenClass::CacheWrite30m)).is_ok());
    let refused = most(price, &planned(TokenClass::CacheWrite1h));
    assert!(
        matches!(refused, Err(BillingError::Price(PriceError::Unpriced { class: "cache_write_1h", .. }))),
        "{refused:?}"
    );
}
