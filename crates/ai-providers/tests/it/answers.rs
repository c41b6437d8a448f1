//! Answers: streams split at every byte, whole bodies, refusals and cut-off outputs as results, and what is asked for.

use pm33_ai::{Figures, StopReason};
use pm33_ai_providers::{Delivery, Limits};
use serde_json::Value;

use crate::{
    peer::{Peer, Reply, Then, ended, plain, stream, whole_stream},
    surfaces::{KEY, Spoken, ask},
};

#[tokio::test]
async fn a_stream_says_the_same_wherever_it_is_split() {
    for spoken in Spoken::ALL {
        let bytes = spoken.stream().as_bytes();
        let script: Vec<_> = (0..=bytes.len())
            .map(|place| {
                let (first, second) = bytes.split_at(place);
                Reply { parts: ended(stream(&[first, second])), then: Then::Close }
            })
            .collect();
        let peer = Peer::start(script).await;
        let model = spoken.model(&peer.url, Delivery::Streamed, Limits::default());
        for place in 0..=bytes.len() {
            let (answer, heard) = ask(&*model).await;
            let answer = answer.unwrap_or_else(|error| panic!("{spoken:?} at {place}: {error:?}"));
            assert_eq!((&*answer.text, &*heard), ("Grüße 🦀", "Grüße 🦀"), "{spoken:?} at {place}");
            let usage = &answer.usage;
            assert_eq!((usage.input, usage.cached_read, usage.output), (70, 30, 9), "{spoken:?} at {place}");
            assert_eq!((usage.figures, &answer.stop), (Figures::Final, &StopReason::Done));
            assert!(answer.model.ends_with("-x-1"));
        }
        assert_eq!(peer.requests().len(), bytes.len() + 1);
    }
}

#[tokio::test]
async fn a_whole_body_says_the_same() {
    for spoken in Spoken::ALL {
        let peer = Peer::start(vec![plain("200 OK", "", spoken.body())]).await;
        let model = spoken.model(&peer.url, Delivery::Whole, Limits::default());
        let (answer, heard) = ask(&*model).await;
        let answer = answer.unwrap();
        assert_eq!((&*answer.text, &*heard, answer.stop), ("Grüße 🦀", "Grüße 🦀", StopReason::Done));
        assert_eq!((answer.usage.input, answer.usage.cached_read, answer.usage.output), (70, 30, 9));
        assert_eq!(answer.usage.figures, Figures::Final);
    }
}

#[tokio::test]
async fn a_request_has_its_limit_its_schema_its_key_and_keeps_nothing_at_the_providers() {
    for (spoken, delivery) in
        Spoken::ALL.into_iter().flat_map(|spoken| [(spoken, Delivery::Streamed), (spoken, Delivery::Whole)])
    {
        let peer = Peer::start(vec![match delivery {
            Delivery::Streamed => whole_stream(spoken.stream()),
            Delivery::Whole => plain("200 OK", "", spoken.body()),
        }])
        .await;
        let model = spoken.model(&peer.url, delivery, Limits::default());
        ask(&*model).await.0.unwrap();
        let (head, body) = peer.requests().pop().unwrap();
        let body: Value = serde_json::from_str(&body).unwrap();
        let at = |path: &str| body.pointer(path).cloned().unwrap_or(Value::Null);
        let (path, key, limit, system, schema) = match spoken {
            Spoken::Messages => (
                "/v1/messages",
                format!("x-api-key: {KEY}"),
                "/max_tokens",
                "/system",
                "/output_config/format/schema",
            ),
            Spoken::Responses => (
                "/responses",
                format!("authorization: Bearer {KEY}"),
                "/max_output_tokens",
                "/instructions",
                "/text/format/schema",
            ),
            Spoken::Chat => (
                "/chat/completions",
                format!("authorization: Bearer {KEY}"),
                "/max_completion_tokens",
                "/messages/0/content",
                "/response_format/json_schema/schema",
            ),
        };
        assert!(head.starts_with(&format!("POST {path} ")), "{head}");
        assert!(head.contains(&key), "{head}");
        assert_eq!((at("/model"), at(limit)), ("asked-model".into(), 321.into()), "{body}");
        assert_eq!(at("/stream"), Value::Bool(delivery == Delivery::Streamed));
        assert!(at(system).as_str().unwrap().starts_with("Say hello."), "{body}");
        assert_eq!(at(schema), serde_json::json!({ "type": "object" }));
        if spoken != Spoken::Messages {
            assert_eq!(at("/store"), Value::Bool(false));
        }
        if spoken == Spoken::Chat && delivery == Delivery::Streamed {
            assert_eq!(at("/stream_options/include_usage"), Value::Bool(true));
        }
    }
}

#[tokio::test]
async fn refusals_and_cut_off_outputs_are_results_that_are_paid_for() {
    let cases: [(Spoken, &str, &str, StopReason); 9] = [
        (Spoken::Messages, "end_turn", "max_tokens", StopReason::OutputLimit),
        (Spoken::Messages, "end_turn", "refusal", StopReason::Refused),
        (Spoken::Messages, "end_turn", "model_context_window_exceeded", StopReason::ContextFull),
        (Spoken::Messages, "end_turn", "pause_turn", StopReason::Other("pause_turn".to_owned())),
        (
            Spoken::Responses,
            "\"completed\",",
            "\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"},",
            StopReason::OutputLimit,
        ),
        (Spoken::Responses, "response.output_text.delta", "response.refusal.delta", StopReason::Refused),
        (Spoken::Chat, "\"stop\"", "\"length\"", StopReason::OutputLimit),
        (Spoken::Chat, "\"stop\"", "\"content_filter\"", StopReason::Refused),
        (Spoken::Chat, "\"content\":\"🦀\"", "\"refusal\":\"no\"", StopReason::Refused),
    ];
    for (spoken, from, to, expected) in cases {
        let told = spoken.stream().replace(from, to);
        assert_ne!(told, spoken.stream());
        let peer = Peer::start(vec![whole_stream(&told)]).await;
        let model = spoken.model(&peer.url, Delivery::Streamed, Limits::default());
        let answer = ask(&*model).await.0.unwrap();
        assert_eq!(answer.stop, expected, "{to}");
        assert_eq!(answer.usage.output, 9);
    }
}

#[tokio::test]
async fn an_endpoint_that_counts_nothing_gets_an_estimate_and_one_that_counts_zero_is_believed() {
    let without = Spoken::Chat.stream().replace("\"usage\":{\"prompt", "\"other\":{\"prompt");
    let peer = Peer::start(vec![whole_stream(&without)]).await;
    let model = Spoken::Chat.model(&peer.url, Delivery::Streamed, Limits::default());
    let usage = ask(&*model).await.0.unwrap().usage;
    assert_eq!((usage.figures, usage.output), (Figures::Estimated, 3));
    assert!(usage.input > 100, "the whole request: {}", usage.input);

    let zero = Spoken::Chat.stream().replace("\"completion_tokens\":9", "\"completion_tokens\":0");
    let peer = Peer::start(vec![whole_stream(&zero)]).await;
    let model = Spoken::Chat.model(&peer.url, Delivery::Streamed, Limits::default());
    let usage = ask(&*model).await.0.unwrap().usage;
    assert_eq!((usage.figures, usage.output), (Figures::Final, 0));
}
