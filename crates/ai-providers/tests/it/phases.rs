//! Every phase has its limit, and a call that nobody waits for leaves the socket at once.

use std::time::Duration;

use pm33_ai::{AiError, Phase};
use pm33_ai_providers::{Delivery, Limits};
use tokio_util::sync::CancellationToken;

use crate::{
    peer::{Peer, Reply, Then, stream},
    surfaces::{Spoken, ask, ask_until, brisk},
};

fn hang(parts: Vec<Vec<u8>>) -> Vec<Reply> {
    vec![Reply { parts, then: Then::Hang }]
}

/// The stream up to its first words.
fn begun(spoken: Spoken) -> Vec<Vec<u8>> {
    let text = spoken.stream();
    let place = text.find("Grüße").unwrap();
    let end = place + text[place..].find("\n\n").unwrap() + 2;
    stream(&[&text.as_bytes()[..end]])
}

async fn phase(spoken: Spoken, parts: Vec<Vec<u8>>, limits: Limits) -> Phase {
    let peer = Peer::start(hang(parts)).await;
    let model = spoken.model(&peer.url, Delivery::Streamed, limits);
    let (ended, _) = tokio::time::timeout(Duration::from_secs(4), ask(&*model)).await.unwrap();
    peer.hung_up(Duration::from_millis(500)).await;
    match ended {
        Err(AiError::TimedOut { phase, .. }) => phase,
        other => panic!("{spoken:?}: {other:?}"),
    }
}

#[tokio::test]
async fn a_peer_that_says_nothing_is_left_at_the_limit_of_that_phase() {
    for spoken in Spoken::ALL {
        assert_eq!(phase(spoken, Vec::new(), brisk()).await, Phase::FirstByte);
        assert_eq!(phase(spoken, vec![b"HTTP/1.1 200 OK\r\n".to_vec()], brisk()).await, Phase::FirstByte);
        assert_eq!(phase(spoken, stream(&[]), brisk()).await, Phase::Idle);
        assert_eq!(phase(spoken, begun(spoken), brisk()).await, Phase::Idle);
        let limits = Limits { total: Duration::from_millis(300), ..brisk() };
        assert_eq!(phase(spoken, begun(spoken), limits).await, Phase::Total);
    }
}

#[tokio::test]
async fn a_cancelled_call_leaves_the_socket_within_a_tenth_of_a_second_and_tells_what_was_used() {
    for spoken in Spoken::ALL {
        for parts in [Vec::new(), begun(spoken)] {
            let has_begun = !parts.is_empty();
            let peer = Peer::start(hang(parts)).await;
            let model = spoken.model(&peer.url, Delivery::Streamed, Limits::default());
            let cancelled = CancellationToken::new();
            let asking = ask_until(&*model, &cancelled);
            let stop = async {
                // The peer has answered as far as it will.
                while peer.requests().is_empty() {
                    tokio::task::yield_now().await;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
                cancelled.cancel();
                peer.hung_up(Duration::from_millis(100)).await;
            };
            let ((ended, heard), ()) = tokio::join!(asking, stop);
            let Err(AiError::Cancelled { usage }) = ended else { panic!("{spoken:?}: {ended:?}") };
            assert_eq!(heard, if has_begun { "Grüße " } else { "" });
            assert_eq!(usage.is_some(), has_begun && spoken == Spoken::Messages);
        }
    }
}

#[tokio::test]
async fn nobody_at_home_is_unreachable_and_tried_twice() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let model = Spoken::Messages.model(&url, Delivery::Streamed, brisk());
    let (ended, _) = ask(&*model).await;
    let error = ended.unwrap_err();
    assert!(matches!(error, AiError::Unreachable(_)) && error.may_be_repeated(), "{error:?}");
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let text = format!("data: {}\n", "x".repeat(60_000));
    let parts: Vec<&[u8]> = std::iter::repeat_n(text.as_bytes(), 60).collect();
    for spoken in Spoken::ALL {
        let peer = Peer::start(vec![Reply { parts: stream(&parts), then: Then::Hang }]).await;
        let model = spoken.model(&peer.url, Delivery::Streamed, Limits { answer_bytes: 1 << 20, ..brisk() });
        let (ended, _) = ask(&*model).await;
        assert!(matches!(ended, Err(AiError::Malformed { .. })), "{spoken:?}: {ended:?}");
    }
}
