//! Our adapters against ``LiteLLM``, which makes all three surfaces of the same answer in its own words. It is large: `cargo
//! xtask test` brings it with `--long` and in CI.

use std::{
    panic::{AssertUnwindSafe, resume_unwind},
    time::Duration,
};

use futures_util::FutureExt as _;
use pm33_ai::{AiError, Figures, StopReason};
use pm33_ai_providers::{Delivery, Limits};
use pm33_testkit::brought;
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::provider_surfaces::{DELIVERIES, Spoken, ask, brisk};

const VARIABLE: &str = "PM33_TEST_LITELLM_URL";
const TEXT: &str = "Grüße 🦀, in Stücken.";

/// It imports what a surface needs when it is first asked for.
fn patient() -> Limits {
    Limits { waiting: brisk().waiting, ..Limits::default() }
}

/// How often it may end in the midst of one test.
const ENDS: usize = 3;

/// Asks the shared peer, where there is one.
///
/// Its interpreter was once seen to end by a signal (a segmentation fault of Python's). What a peer says while
/// it dies tells nothing of us: the test begins anew with the next one, which `cargo xtask test` starts. While it lives,
/// nothing is tried twice.
#[expect(clippy::print_stderr, reason = "what is tried twice is to be seen")]
pub(crate) async fn with_litellm(test: impl AsyncFn(&str)) {
    let Some(url) = brought(VARIABLE) else { return };
    for _ in 0..ENDS {
        match AssertUnwindSafe(test(&url)).catch_unwind().await {
            Ok(()) => return,
            Err(failure) if listens(&url).await => resume_unwind(failure),
            Err(_) => {
                eprintln!("LiteLLM ended in the midst of this test, which begins anew with the next one");
            }
        }
        let back = async {
            while !listens(&url).await {
                sleep(Duration::from_millis(200)).await;
            }
        };
        let is_back = timeout(Duration::from_mins(2), back).await.is_ok();
        assert!(is_back, "LiteLLM ended and was not started again");
    }
    panic!("LiteLLM ended {ENDS} times in the midst of this test");
}

async fn listens(url: &str) -> bool {
    TcpStream::connect(url.trim_start_matches("http://")).await.is_ok()
}

#[tokio::test]
async fn the_same_answer_has_the_same_figures_on_every_surface() {
    with_litellm(async |url| {
        for (spoken, delivery) in Spoken::ALL.into_iter().flat_map(|one| DELIVERIES.map(|way| (one, way))) {
            let model = spoken.model(url, "/v1", delivery, Limits::default());
            let (answer, heard) = ask(&*model, "plain").await;
            let answer = answer.unwrap_or_else(|error| panic!("{spoken:?} {delivery:?}: {error:?}"));
            assert_eq!((&*answer.text, &*heard, answer.stop), (TEXT, TEXT, StopReason::Done), "{spoken:?}");
            let usage = &answer.usage;
            // OpenAI counts cached tokens inside its input, Anthropic outside: the same tokens either way.
            let counted = (usage.input, usage.cached_read, usage.output, usage.figures);
            assert_eq!(counted, (70, 30, 9, Figures::Final), "{spoken:?} {delivery:?}: {}", usage.raw);
        }
    })
    .await;
}

#[tokio::test]
async fn cut_off_and_refused_answers_are_results_with_their_figures() {
    with_litellm(async |url| {
        for (spoken, delivery) in Spoken::ALL.into_iter().flat_map(|one| DELIVERIES.map(|way| (one, way))) {
            let model = spoken.model(url, "/v1", delivery, Limits::default());
            for (name, expected) in [("length", StopReason::OutputLimit), ("filter", StopReason::Refused)] {
                let answer = ask(&*model, name).await.0;
                let answer =
                    answer.unwrap_or_else(|error| panic!("{spoken:?} {delivery:?} {name}: {error:?}"));
                assert_eq!(answer.stop, expected, "{spoken:?} {delivery:?} {name}");
                assert_eq!(answer.usage.output, 9, "{spoken:?} {delivery:?} {name}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_fails_in_the_middle_of_its_words_has_given_no_answer() {
    with_litellm(async |url| {
        for spoken in Spoken::ALL {
            let model = spoken.model(url, "/v1", Delivery::Streamed, patient());
            for place in 1..TEXT.chars().count() {
                let (ended, heard) = ask(&*model, &format!("cut-{place}")).await;
                assert!(matches!(ended, Err(AiError::Cut { .. })), "{spoken:?} at {place}: {ended:?}");
                assert!(TEXT.starts_with(&heard), "{spoken:?} at {place}: {heard}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn refused_calls_are_the_error_of_their_status() {
    with_litellm(async |url| {
        for spoken in Spoken::ALL {
            let model = spoken.model(url, "/v1", Delivery::Whole, patient());
            for (name, expected) in
                [("status-429", "RateLimited"), ("status-529", "Overloaded"), ("status-503", "Overloaded")]
            {
                let error = ask(&*model, name).await.0.unwrap_err();
                let shown = format!("{error:?} {error}");
                assert!(
                    shown.starts_with(expected) && !shown.contains("Refunds"),
                    "{spoken:?} {name}: {shown}"
                );
            }
            // As a stream it fails before its first word, with a status or with an event: an error either way.
            let model = spoken.model(url, "/v1", Delivery::Streamed, patient());
            for name in ["status-429", "status-529"] {
                let (ended, heard) = ask(&*model, name).await;
                let error = ended.unwrap_err();
                assert!(
                    heard.is_empty() && !format!("{error:?}").contains("Refunds"),
                    "{spoken:?}: {error:?}"
                );
            }
        }
    })
    .await;
}
