//! Our adapters against aimock, which was written by others: figures, cuts after every event, refused calls, refusals,
//! cut-off outputs, and events that we do not know.

use std::time::Duration;

use pm33_ai::{AiError, Figures, Phase, StopReason};
use pm33_ai_providers::{Delivery, Limits};
use pm33_testkit::Aimock;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::provider_surfaces::{DELIVERIES, MOST, Spoken, ask, brisk};

/// Where it speaks as OpenAI does, and as a router does that passes cached tokens on.
const OPENAI: &str = "/v1";
const ROUTER: &str = "/api/v1";
const TEXT: &str = "Grüße 🦀, in Stücken.";

fn fixture(model: &str, response: &Value, more: &Value) -> Value {
    let mut fixture = json!({ "match": { "model": model }, "response": response });
    fixture.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    fixture
}

/// An answer with figures, in pieces of three characters.
fn said(model: &str, more: &Value) -> Value {
    let usage = json!({ "prompt_tokens": 100, "completion_tokens": 9, "total_tokens": 109,
        "prompt_tokens_details": { "cached_tokens": 30 } });
    let mut fixture = fixture(model, &json!({ "content": TEXT, "usage": usage }), &json!({ "chunkSize": 3 }));
    for (field, value) in more.as_object().unwrap() {
        let place = if field == "truncateAfterChunks" { &mut fixture } else { &mut fixture["response"] };
        place[field] = value.clone();
    }
    fixture
}

/// Requests for a model that reached the peer.
fn asked(peer: &Aimock, model: &str) -> usize {
    peer.journal().unwrap().iter().filter(|entry| entry["body"]["model"] == model).count()
}

#[tokio::test]
async fn figures_and_words_are_the_same_on_every_surface_with_events_that_nobody_knows() {
    let unknown =
        json!({ "reasoning": "Let me see.", "webSearches": ["refunds"], "systemFingerprint": "fp" });
    let Some(peer) = Aimock::start(&[said("plain", &json!({})), said("o3-thinking", &unknown)]).unwrap()
    else {
        return;
    };
    for (spoken, delivery) in Spoken::ALL.into_iter().flat_map(|one| DELIVERIES.map(|way| (one, way))) {
        for name in ["plain", "o3-thinking"] {
            let model = spoken.model(&peer.url, OPENAI, delivery, Limits::default());
            let (answer, heard) = ask(&*model, name).await;
            let answer = answer.unwrap_or_else(|error| panic!("{spoken:?} {delivery:?} {name}: {error:?}"));
            assert_eq!((&*answer.text, &*heard), (TEXT, TEXT), "{spoken:?} {delivery:?} {name}");
            let usage = &answer.usage;
            assert_eq!((usage.input, usage.output, usage.figures), (100, 9, Figures::Final), "{spoken:?}");
            assert_eq!((answer.stop, &*answer.model), (StopReason::Done, name));
        }
    }
    let journal = peer.journal().unwrap();
    assert_eq!(journal.len(), Spoken::ALL.len() * DELIVERIES.len() * 2, "one request for each call");
    for entry in &journal {
        let told = entry["body"].to_string();
        assert!(told.contains("Say hello.") && told.contains("Refunds"), "{entry}");
        let limit = ["max_tokens", "max_completion_tokens", "max_output_tokens"];
        assert!(limit.iter().any(|field| entry["body"][field] == MOST) || entry["path"] == "/v1/responses");
    }
}

#[tokio::test]
async fn cached_tokens_inside_the_input_are_taken_out_of_it_once() {
    let Some(peer) = Aimock::start(&[said("plain", &json!({}))]).unwrap() else { return };
    for delivery in DELIVERIES {
        let model = Spoken::Compatible.model(&peer.url, ROUTER, delivery, Limits::default());
        let usage = ask(&*model, "plain").await.0.unwrap().usage;
        assert_eq!((usage.input, usage.cached_read, usage.output), (70, 30, 9), "{delivery:?}");
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_after_any_event_is_never_half_an_answer() {
    let places = 1..=24;
    let fixtures: Vec<_> = places
        .clone()
        .map(|place| said(&format!("cut-{place}"), &json!({ "truncateAfterChunks": place })))
        .collect();
    let Some(peer) = Aimock::start(&fixtures).unwrap() else { return };
    for spoken in Spoken::ALL {
        let model = spoken.model(&peer.url, OPENAI, Delivery::Streamed, Limits::default());
        let (mut cut, mut whole, mut told) = (0, 0, String::new());
        for place in places.clone() {
            let (ended, heard) = ask(&*model, &format!("cut-{place}")).await;
            assert!(TEXT.starts_with(&heard) && heard.len() >= told.len(), "{spoken:?} at {place}: {heard}");
            told = heard;
            match ended {
                Err(error @ AiError::Cut { .. }) => {
                    assert_eq!(whole, 0, "{spoken:?} at {place}: a longer stream was less");
                    if let Some(usage) = error.usage() {
                        assert_eq!((usage.figures, usage.input), (Figures::Stream, 100), "{spoken:?}");
                    }
                    cut += 1;
                }
                Ok(answer) => {
                    assert_eq!((&*answer.text, answer.usage.output), (TEXT, 9), "{spoken:?} at {place}");
                    whole += 1;
                }
                other => panic!("{spoken:?} at {place}: {other:?}"),
            }
        }
        assert!(cut >= 9 && whole >= 1, "{spoken:?}: {cut} cut, {whole} whole");
    }
    let journal = peer.journal().unwrap();
    assert_eq!(journal.len(), Spoken::ALL.len() * places.count(), "nothing was asked for again");
}

#[tokio::test]
async fn a_limit_of_rate_is_waited_for_as_told_when_that_is_short_and_told_when_it_is_long() {
    let limited = |after: u32| {
        let error = json!({ "message": "slow down", "type": "rate_limit_error" });
        json!({ "error": error, "status": 429, "retryAfter": after })
    };
    let first = |model: &str, response: &Value| {
        let mut fixture = fixture(model, response, &json!({}));
        fixture["match"]["sequenceIndex"] = json!(0);
        fixture
    };
    let mut fixtures = Vec::new();
    for spoken in Spoken::ALL {
        fixtures.push(first(&format!("short-{spoken:?}"), &limited(1)));
        fixtures.push(said(&format!("short-{spoken:?}"), &json!({})));
        fixtures.push(fixture(&format!("long-{spoken:?}"), &limited(3_600), &json!({})));
    }
    let Some(peer) = Aimock::start(&fixtures).unwrap() else { return };
    for spoken in Spoken::ALL {
        let model = spoken.model(&peer.url, OPENAI, Delivery::Streamed, brisk());
        let (short, long) = (format!("short-{spoken:?}"), format!("long-{spoken:?}"));
        let began = Instant::now();
        assert_eq!(ask(&*model, &short).await.0.unwrap().text, TEXT, "{spoken:?}");
        assert!(began.elapsed() >= Duration::from_secs(1), "{spoken:?}: {:?}", began.elapsed());
        assert_eq!(asked(&peer, &short), 2, "{spoken:?}");

        let began = Instant::now();
        let ended = ask(&*model, &long).await.0;
        let hour = Some(Duration::from_hours(1));
        assert!(
            matches!(ended, Err(AiError::RateLimited { retry_after }) if retry_after == hour),
            "{spoken:?}: {ended:?}"
        );
        assert!(began.elapsed() < Duration::from_secs(1) && asked(&peer, &long) == 1, "{spoken:?}");
    }
}

#[tokio::test]
async fn an_overloaded_provider_is_asked_twice_and_no_more() {
    let error = |kind: &str, status: u16| json!({ "error": { "message": "you said Refunds", "type": kind }, "status": status });
    let fixtures = [
        fixture("over", &error("overloaded_error", 529), &json!({})),
        fixture("down", &error("api_error", 503), &json!({})),
        fixture("money", &error("billing_error", 400), &json!({})),
        fixture("key", &error("authentication_error", 401), &json!({})),
        fixture("bad", &error("invalid_request_error", 400), &json!({})),
    ];
    let Some(peer) = Aimock::start(&fixtures).unwrap() else { return };
    for (number, spoken) in Spoken::ALL.into_iter().enumerate() {
        let model = spoken.model(&peer.url, OPENAI, Delivery::Streamed, brisk());
        for (name, expected, times) in [
            ("over", "Overloaded", 2),
            ("down", "Overloaded", 2),
            ("money", "SpendLimit", 1),
            ("key", "Unauthorised", 1),
            ("bad", "BadRequest", 1),
        ] {
            let error = ask(&*model, name).await.0.unwrap_err();
            let shown = format!("{error:?} {error}");
            assert!(shown.starts_with(expected) && !shown.contains("Refunds"), "{spoken:?} {name}: {shown}");
            assert!(error.usage().is_none() && !error.may_have_cost(), "{spoken:?} {name}: {shown}");
            assert_eq!(asked(&peer, name), (number + 1) * times, "{spoken:?} {name}");
        }
    }
}

#[tokio::test]
async fn refusals_and_cut_off_outputs_are_results_with_their_reason_and_their_figures() {
    let fixtures = [
        said("length", &json!({ "finishReason": "length" })),
        said("refusal", &json!({ "finishReason": "refusal" })),
        said("filter", &json!({ "finishReason": "content_filter" })),
        said("pause", &json!({ "finishReason": "pause_turn" })),
    ];
    let Some(peer) = Aimock::start(&fixtures).unwrap() else { return };
    let other = |word: &str| StopReason::Other(word.to_owned());
    let cases = [
        (Spoken::Messages, "length", StopReason::OutputLimit),
        (Spoken::Messages, "refusal", StopReason::Refused),
        (Spoken::Messages, "pause", other("pause_turn")),
        // It is incomplete, and this peer does not say why.
        (Spoken::Responses, "length", other("incomplete")),
        (Spoken::Chat, "length", StopReason::OutputLimit),
        (Spoken::Chat, "filter", StopReason::Refused),
        (Spoken::Compatible, "length", StopReason::OutputLimit),
        (Spoken::Compatible, "filter", StopReason::Refused),
        (Spoken::Compatible, "pause", other("pause_turn")),
    ];
    for (spoken, name, expected) in cases {
        for delivery in DELIVERIES {
            let model = spoken.model(&peer.url, OPENAI, delivery, Limits::default());
            let answer = ask(&*model, name).await.0.unwrap();
            assert_eq!(answer.stop, expected, "{spoken:?} {delivery:?} {name}");
            assert_eq!((answer.usage.input, answer.usage.output), (100, 9), "{spoken:?} {name}");
        }
    }
    // What this peer tells as a failed response is none, and what it used is known.
    for delivery in DELIVERIES {
        let model = Spoken::Responses.model(&peer.url, OPENAI, delivery, Limits::default());
        let error = ask(&*model, "filter").await.0.unwrap_err();
        assert_eq!(error.usage().map(|usage| usage.output), Some(9), "{delivery:?}: {error:?}");
    }
}

#[tokio::test]
async fn broken_sockets_bodies_that_are_no_answers_and_silence_are_errors() {
    let broken = |name: &str, chaos: Value| {
        let mut fixture = said(name, &json!({}));
        fixture["chaos"] = chaos;
        fixture
    };
    let fixtures = [
        broken("gone", json!({ "disconnectRate": 1 })),
        broken("malformed", json!({ "malformedRate": 1 })),
        broken("silent", json!({ "latencyMs": 30_000 })),
    ];
    let Some(peer) = Aimock::start(&fixtures).unwrap() else { return };
    let limits = Limits { first_byte: Duration::from_millis(500), ..brisk() };
    for (spoken, delivery) in Spoken::ALL.into_iter().flat_map(|one| DELIVERIES.map(|way| (one, way))) {
        let model = spoken.model(&peer.url, OPENAI, delivery, limits);
        let gone = ask(&*model, "gone").await.0;
        assert!(matches!(gone, Err(AiError::Cut { .. })), "{spoken:?} {delivery:?}: {gone:?}");
        let malformed = ask(&*model, "malformed").await.0;
        assert!(
            matches!(malformed, Err(AiError::Malformed { .. } | AiError::Cut { .. })),
            "{spoken:?} {delivery:?}: {malformed:?}"
        );
        let silent = ask(&*model, "silent").await.0;
        assert!(
            matches!(silent, Err(AiError::TimedOut { phase: Phase::FirstByte, .. })),
            "{spoken:?} {delivery:?}: {silent:?}"
        );
    }
}
