//! The three hundred cases whose costs were computed apart, told over the wire: by a peer of our own in every class, and by
//! the foreign ones as far as they tell classes apart. What our adapters count costs what was computed.

use std::time::Duration;

use jiff::civil::date;
use pm33_ai::{Figures, Usage};
use pm33_ai_providers::Limits;
use pm33_billing::{PriceBook, PriceKey, Tokens, cost};
use pm33_testkit::Aimock;
use serde_json::{Value, json};

use crate::{
    counting_peer::{CountingPeer, TEXT},
    litellm::with_litellm,
    provider_surfaces::{DELIVERIES, Spoken, ask},
};

/// Computed from the vendors' published prices with exact fractions.
const TABLE: &str = include_str!("../../../billing/tests/data/costs.csv");
/// Where aimock passes all classes on, as a router does.
const ROUTER: &str = "/api/v1";

/// A row of the table.
#[derive(Clone, Copy)]
struct Case {
    provider: &'static str,
    model: &'static str,
    used: Tokens,
    micros: i64,
}

impl Case {
    fn all() -> Vec<Self> {
        let read = |line: &'static str| {
            let fields: Vec<&'static str> = line.split(',').collect();
            let number = |at: usize| fields[at].parse::<u64>().unwrap();
            let used = Tokens {
                input: number(2),
                cached_read: number(3),
                cache_write_5m: number(4),
                cache_write_30m: number(5),
                cache_write_1h: number(6),
                output: number(7),
                reasoning: number(8),
            };
            let micros = fields[9].parse().unwrap();
            Self { provider: fields[0], model: fields[1], used, micros }
        };
        let all: Vec<_> = TABLE.lines().skip(1).map(read).collect();
        assert_eq!(all.len(), 300);
        all
    }

    fn is_anthropic(&self) -> bool {
        self.provider == "anthropic"
    }

    fn written(&self) -> u64 {
        self.used.cache_write_5m + self.used.cache_write_30m + self.used.cache_write_1h
    }

    /// What the peers go by.
    fn name(&self) -> String {
        let Tokens { input, cached_read, cache_write_5m, cache_write_30m, cache_write_1h, output, reasoning } =
            self.used;
        format!(
            "used-{input}-{cached_read}-{cache_write_5m}-{cache_write_30m}-{cache_write_1h}-{output}-{reasoning}"
        )
    }

    /// Holds what was counted against the table; reasoning is part of the output and changes no price.
    fn check(&self, book: &PriceBook, usage: &Usage, how: &str) {
        let counted = Tokens {
            input: usage.input,
            cached_read: usage.cached_read,
            cache_write_5m: usage.cache_write_5m,
            cache_write_30m: usage.cache_write_30m,
            cache_write_1h: usage.cache_write_1h,
            output: usage.output,
            reasoning: self.used.reasoning,
        };
        assert_eq!((counted, usage.figures), (self.used, Figures::Final), "{how} {}", usage.raw);
        assert!(usage.reasoning == 0 || usage.reasoning == self.used.reasoning, "{how} {}", usage.raw);
        let key = PriceKey::standard(self.provider, self.model);
        let price = book.price(&key, date(2026, 11, 25)).unwrap();
        assert_eq!(cost(price, &counted).unwrap().amount.micros(), self.micros, "{how} {}", self.name());
    }
}

/// How often a case is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Times {
    /// On each surface, both ways.
    Each,
    /// Once, on the surfaces and ways in turn: for a peer that is slow.
    Once,
}

/// Asks for every case.
async fn all(cases: &[Case], surfaces: &[Spoken], url: &str, versioned: &str, times: Times) {
    let book = PriceBook::shipped().unwrap();
    let ways: Vec<_> = surfaces.iter().flat_map(|one| DELIVERIES.map(|way| (*one, way))).collect();
    for (turn, (spoken, delivery)) in ways.iter().copied().enumerate() {
        let limits = Limits { first_byte: Duration::from_secs(30), ..Limits::default() };
        let model = spoken.model(url, versioned, delivery, limits);
        let here = cases.iter().enumerate();
        for (_, case) in here.filter(|(number, _)| times == Times::Each || number % ways.len() == turn) {
            let how = format!("{spoken:?} {delivery:?} {}", case.name());
            let answer =
                ask(&*model, &case.name()).await.0.unwrap_or_else(|error| panic!("{how}: {error:?}"));
            assert_eq!(answer.text, TEXT, "{how}");
            case.check(&book, &answer.usage, &how);
        }
    }
}

#[tokio::test]
async fn three_hundred_cases_cost_what_was_computed_on_every_surface_both_ways() {
    let peer = CountingPeer::start().await;
    let (anthropic, openai): (Vec<_>, Vec<_>) = Case::all().into_iter().partition(Case::is_anthropic);
    all(&anthropic, &[Spoken::Messages], &peer.url, "/v1", Times::Each).await;
    all(&openai, &[Spoken::Responses, Spoken::Chat, Spoken::Compatible], &peer.url, "/v1", Times::Each).await;
}

/// A fixture of aimock's that tells a case's figures; as OpenAI does, and on Messages without what is cached.
fn fixture(case: &Case) -> Value {
    let Tokens { input, cached_read, output, reasoning, .. } = case.used;
    let sent = input + cached_read + case.written();
    let usage = json!({ "prompt_tokens": sent, "completion_tokens": output, "total_tokens": sent + output,
        "prompt_tokens_details": { "cached_tokens": cached_read, "cache_write_tokens": case.written() },
        "completion_tokens_details": { "reasoning_tokens": reasoning } });
    json!({ "match": { "model": case.name() }, "response": { "content": TEXT, "usage": usage } })
}

#[tokio::test]
async fn what_aimock_tells_of_the_three_hundred_cases_costs_what_was_computed() {
    let cases = Case::all();
    let mut fixtures: Vec<_> = cases.iter().map(fixture).collect();
    // The same figures are one fixture.
    fixtures.sort_by_key(ToString::to_string);
    fixtures.dedup();
    let Some(peer) = Aimock::start(&fixtures).unwrap() else { return };
    let (anthropic, openai): (Vec<_>, Vec<_>) = cases.into_iter().partition(Case::is_anthropic);
    // It tells what was cached where it plays a router, and nowhere else.
    all(&openai, &[Spoken::Compatible], &peer.url, ROUTER, Times::Each).await;
    let plain = |cases: Vec<Case>| -> Vec<Case> {
        cases.into_iter().filter(|case| case.used.cached_read + case.written() == 0).collect()
    };
    let (anthropic, openai) = (plain(anthropic), plain(openai));
    assert!(anthropic.len() >= 20 && openai.len() >= 30, "{} and {}", anthropic.len(), openai.len());
    all(&anthropic, &[Spoken::Messages], &peer.url, "/v1", Times::Each).await;
    all(&openai, &[Spoken::Responses, Spoken::Chat], &peer.url, "/v1", Times::Each).await;
}

#[tokio::test]
async fn what_litellm_tells_of_the_three_hundred_cases_costs_what_was_computed() {
    let (mut anthropic, openai): (Vec<_>, Vec<_>) = Case::all().into_iter().partition(Case::is_anthropic);
    // For how long something was written it does not tell Anthropic's clients; without that it is for five minutes.
    anthropic.retain(|case| case.used.cache_write_1h == 0);
    assert!(anthropic.len() >= 100, "{}", anthropic.len());
    with_litellm(async |url| {
        all(&anthropic, &[Spoken::Messages], url, "/v1", Times::Once).await;
        all(&openai, &[Spoken::Responses, Spoken::Chat], url, "/v1", Times::Once).await;
    })
    .await;
}
