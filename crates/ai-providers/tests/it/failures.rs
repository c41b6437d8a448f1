//! Statuses: what is tried again, what is not, and what is never waited for.

use std::time::Duration;

use pm33_ai::AiError;
use pm33_ai_providers::{Delivery, Limits};

use crate::{
    peer::{Peer, Reply, plain, whole_stream},
    surfaces::{KEY, Spoken, ask, brisk},
};

/// Asks once with a script; the outcome and how many requests there were.
async fn outcome(spoken: Spoken, script: Vec<Reply>) -> (Result<String, AiError>, usize) {
    let peer = Peer::start(script).await;
    let model = spoken.model(&peer.url, Delivery::Streamed, brisk());
    let (ended, _) = ask(&*model).await;
    (ended.map(|answer| answer.text), peer.requests().len())
}

fn limited(headers: &str) -> Reply {
    plain("429 Too Many Requests", headers, r#"{"error":{"type":"rate_limit_error","message":"slow down"}}"#)
}

fn overloaded() -> Reply {
    plain("529 Overloaded", "", r#"{"type":"error","error":{"type":"overloaded_error"}}"#)
}

#[tokio::test]
async fn what_had_not_begun_is_tried_once_more() {
    for spoken in Spoken::ALL {
        for first in [limited("retry-after: 0\r\n"), overloaded(), plain("503 No", "", "")] {
            let script = vec![first, whole_stream(spoken.stream())];
            let (ended, requests) = outcome(spoken, script).await;
            assert_eq!((ended.unwrap(), requests), ("Grüße 🦀".to_owned(), 2), "{spoken:?}");
        }
        let (ended, requests) = outcome(spoken, vec![overloaded()]).await;
        assert!(matches!(ended, Err(AiError::Overloaded { status: 529, .. })), "{ended:?}");
        assert_eq!(requests, 2);
    }
}

#[tokio::test]
async fn an_hour_of_retry_after_is_told_and_not_waited_for() {
    for spoken in Spoken::ALL {
        for header in [
            "retry-after: 3600\r\n",
            "date: Wed, 25 Nov 2026 10:00:00 GMT\r\nretry-after: Wed, 25 Nov 2026 11:00:00 GMT\r\n",
        ] {
            let asked = outcome(spoken, vec![limited(header)]);
            let (ended, requests) = tokio::time::timeout(Duration::from_secs(1), asked).await.unwrap();
            let hour = Some(Duration::from_hours(1));
            assert!(
                matches!(ended, Err(AiError::RateLimited { retry_after }) if retry_after == hour),
                "{ended:?}"
            );
            assert_eq!(requests, 1);
        }
    }
}

#[tokio::test]
async fn money_keys_and_bad_requests_are_not_tried_again() {
    let cases = [
        (
            "429 x",
            r#"{"error":{"type":"insufficient_quota","code":"insufficient_quota","message":"x"}}"#,
            "SpendLimit",
        ),
        (
            "429 x",
            r#"{"error":{"type":"rate_limit_error","error_code":"enforced_spend_limit_reached"}}"#,
            "SpendLimit",
        ),
        ("401 x", r#"{"error":{"type":"authentication_error"}}"#, "Unauthorised"),
        ("400 x", r#"{"error":{"type":"invalid_request_error","message":"you said Refunds"}}"#, "BadRequest"),
        ("404 x", "no such page", "BadRequest"),
    ];
    for spoken in Spoken::ALL {
        for (status, body, expected) in cases {
            let (ended, requests) = outcome(spoken, vec![plain(status, "", body)]).await;
            let error = ended.unwrap_err();
            let shown = format!("{error:?} | {error}");
            assert!(shown.starts_with(expected), "{spoken:?} {status}: {shown}");
            assert!(!shown.contains("Refunds") && !shown.contains(KEY), "{shown}");
            assert_eq!(requests, 1);
        }
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_takes_no_key_anywhere() {
    for spoken in Spoken::ALL {
        let elsewhere = Peer::start(vec![whole_stream(spoken.stream())]).await;
        let redirect =
            plain("307 Temporary Redirect", &format!("location: {}/v1/messages\r\n", elsewhere.url), "");
        let (ended, requests) = outcome(spoken, vec![redirect]).await;
        assert!(matches!(ended, Err(AiError::BadRequest { .. })), "{ended:?}");
        assert_eq!((requests, elsewhere.requests().len()), (1, 0));
    }
}

#[tokio::test]
async fn a_provider_that_fails_again_and_again_is_left_alone() {
    let peer = Peer::start(vec![overloaded()]).await;
    let limits = Limits { tries: 1, ..brisk() };
    let model = Spoken::Messages.model(&peer.url, Delivery::Streamed, limits);
    for _ in 0..5 {
        assert!(matches!(ask(&*model).await.0, Err(AiError::Overloaded { .. })));
    }
    assert!(matches!(ask(&*model).await.0, Err(AiError::CircuitOpen { .. })));
    assert_eq!(peer.requests().len(), 5);
}
