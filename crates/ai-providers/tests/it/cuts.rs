//! A stream that ends before its last event is a failure, wherever it ends and whatever text had come, and what was used
//! until then is told.

use pm33_ai::{AiError, Figures};
use pm33_ai_providers::{Delivery, Limits};
use tokio_util::sync::CancellationToken;

use crate::{
    peer::{Peer, Reply, Then, ended, plain, stream, whole_stream},
    surfaces::{Spoken, ask, ask_as},
};

/// Where the first event ends that tells the answer's end.
fn end(spoken: Spoken) -> usize {
    let (text, mark) = match spoken {
        Spoken::Messages => (spoken.stream(), "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"),
        Spoken::Responses => (spoken.stream(), "\"output_tokens\":9}}}\n\n"),
        Spoken::Chat => (spoken.stream(), "\"finish_reason\":\"stop\"}],\"usage\":null}\n\n"),
    };
    text.find(mark).unwrap() + mark.len()
}

#[tokio::test]
async fn a_cut_at_any_byte_is_an_error_and_never_half_an_answer() {
    for spoken in Spoken::ALL {
        let (bytes, end) = (spoken.stream().as_bytes(), end(spoken));
        // Cut at the socket, and ended in order without having been finished.
        let script = (0..end).flat_map(|place| {
            let cut = stream(&[&bytes[..place]]);
            [Reply { parts: cut.clone(), then: Then::Close }, Reply { parts: ended(cut), then: Then::Close }]
        });
        let peer = Peer::start(script.collect()).await;
        let (model, cancelled) =
            (spoken.model(&peer.url, Delivery::Streamed, Limits::default()), CancellationToken::new());
        for place in 0..end {
            for _ in 0..2 {
                // Another partition each time: cuts in a row open a circuit.
                match ask_as(&*model, &format!("at {place}"), &cancelled).await {
                    (Err(error @ AiError::Cut { .. }), _) => {
                        if let Some(usage) = error.usage() {
                            assert_eq!(usage.figures, Figures::Stream);
                        }
                        assert!(error.may_have_cost());
                    }
                    (other, heard) => panic!("{spoken:?} at {place}: {other:?} {heard:?}"),
                }
            }
        }
        assert_eq!(peer.requests().len(), end * 2, "nothing was asked for again");
    }
}

#[tokio::test]
async fn what_was_used_until_the_cut_is_told() {
    let bytes = Spoken::Messages.stream();
    let place = bytes.find("event: message_delta").unwrap();
    let peer =
        Peer::start(vec![Reply { parts: stream(&[&bytes.as_bytes()[..place]]), then: Then::Close }]).await;
    let model = Spoken::Messages.model(&peer.url, Delivery::Streamed, Limits::default());
    let (ended, heard) = ask(&*model).await;
    let error = ended.unwrap_err();
    let usage = error.usage().unwrap();
    assert_eq!((usage.input, usage.cached_read, usage.output, &*heard), (70, 30, 1, "Grüße 🦀"));
}

#[tokio::test]
async fn one_body_in_place_of_a_stream_is_a_failure_and_not_an_empty_answer() {
    for spoken in Spoken::ALL {
        let peer = Peer::start(vec![plain("200 OK", "", spoken.body())]).await;
        let model = spoken.model(&peer.url, Delivery::Streamed, Limits::default());
        let (ended, _) = ask(&*model).await;
        assert!(matches!(ended, Err(AiError::Cut { .. })), "{spoken:?}: {ended:?}");
    }
}

#[tokio::test]
async fn an_error_in_the_middle_of_a_stream_is_a_failure() {
    let overloaded = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"x\"}}\n\n";
    for spoken in Spoken::ALL {
        let bytes = spoken.stream();
        let half = bytes.find("Grüße").unwrap();
        let place = half + bytes[half..].find("\n\n").unwrap() + 2;
        for (text, is_first) in
            [(overloaded.to_owned(), true), (format!("{}{overloaded}", &bytes[..place]), false)]
        {
            let peer = Peer::start(vec![whole_stream(&text)]).await;
            let model = spoken.model(&peer.url, Delivery::Streamed, Limits::default());
            let (ended, _) = ask(&*model).await;
            match (ended, is_first) {
                (Err(AiError::Overloaded { .. }), true) | (Err(AiError::Cut { .. }), false) => {}
                (other, _) => panic!("{spoken:?} {is_first}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn bodies_that_are_no_answers_are_malformed_or_cut() {
    for spoken in Spoken::ALL {
        for body in ["", "{", "<html>", "[]", "{}", "null", "{\"choices\":[]}", "{\"status\":\"queued\"}"] {
            let peer = Peer::start(vec![plain("200 OK", "", body)]).await;
            let model = spoken.model(&peer.url, Delivery::Whole, Limits::default());
            let (ended, _) = ask(&*model).await;
            assert!(
                matches!(ended, Err(AiError::Malformed { .. } | AiError::Cut { .. })),
                "{spoken:?} {body}: {ended:?}"
            );
        }
    }
}
