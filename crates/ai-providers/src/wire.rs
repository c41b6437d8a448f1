//! One request and its answer: to the endpoint's own host only, with a limit on every phase, and gone from the socket as
//! soon as nobody waits.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{
    StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use http::{HeaderMap, StatusCode};
use pm33_ai::{AiError, Phase, Usage};
use reqwest::{Request, Response};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::{Endpoint, EndpointError, breaker::Breakers, retry, status};

/// Bytes of an error body that are read.
const ERROR_BODY: usize = 64 << 10;

/// The way to one provider.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) endpoint: Endpoint,
    pub(crate) client: reqwest::Client,
    pub(crate) breakers: Breakers,
}

/// An answer that is a success, its body under the limits.
pub(crate) struct Opened {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: BoxStream<'static, Result<Bytes, Stopped>>,
}

/// Why a body came to an end before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stopped {
    #[error("cancelled")]
    Cancelled,
    #[error("too late")]
    Late(Phase),
    #[error("broken")]
    Broken,
    #[error("too long")]
    TooLong,
}

impl Stopped {
    /// As the call's error, with what was used until then.
    pub(crate) fn with(self, usage: Option<Usage>) -> AiError {
        let usage = usage.map(Box::new);
        match self {
            Self::Cancelled => AiError::Cancelled { usage },
            Self::Late(phase) => AiError::TimedOut { phase, usage },
            Self::Broken => AiError::Cut { usage },
            Self::TooLong => AiError::Malformed { why: "it is too long".to_owned(), usage },
        }
    }
}

/// What limits one call.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    pub(crate) cancelled: CancellationToken,
    pub(crate) deadline: Instant,
}

impl Wire {
    #[expect(clippy::disallowed_methods, reason = "the clients of providers are made here")]
    pub(crate) fn new(endpoint: Endpoint) -> Result<Self, EndpointError> {
        // A provider that is installed already is the same one: nothing else is linked.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(endpoint.limits.connect)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(endpoint.base.scheme() == "https")
            .user_agent(concat!("pm33/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| EndpointError::Client(error.into()))?;
        Ok(Self { endpoint, client, breakers: Breakers::new() })
    }

    /// The bounds of a call that begins now.
    pub(crate) fn bounds(&self, cancelled: &CancellationToken) -> Bounds {
        Bounds { cancelled: cancelled.clone(), deadline: Instant::now() + self.endpoint.limits.total }
    }

    /// Sends a request until its answer begins; again, when nothing had begun and the error allows it.
    pub(crate) async fn open(
        &self,
        bounds: &Bounds,
        build: &(dyn Fn() -> BoxFuture<'static, Result<Request, AiError>> + Send + Sync),
    ) -> Result<Opened, AiError> {
        let (mut tried, mut waited) = (0, Duration::ZERO);
        loop {
            tried += 1;
            let error = match self.attempt(bounds, build().await?).await {
                Ok(opened) => return Ok(opened),
                Err(error) => error,
            };
            let Some(pause) = retry::wait(&self.endpoint.limits, &error, tried, waited) else {
                return Err(error);
            };
            tracing::debug!(
                provider = self.endpoint.provider,
                pause.ms = pause.as_millis(),
                "a call is made again"
            );
            tokio::select! {
                biased;
                () = bounds.cancelled.cancelled() => return Err(Stopped::Cancelled.with(None)),
                () = sleep_until(bounds.deadline) => return Err(error),
                () = sleep(pause) => waited += pause,
            }
        }
    }

    async fn attempt(&self, bounds: &Bounds, request: Request) -> Result<Opened, AiError> {
        if !self.endpoint.owns(request.url()) {
            return Err(AiError::BadRequest {
                why: "it leads to another host than the configured one".to_owned(),
            });
        }
        let sent = tokio::select! {
            biased;
            () = bounds.cancelled.cancelled() => return Err(Stopped::Cancelled.with(None)),
            () = sleep_until(bounds.deadline) => return Err(Stopped::Late(Phase::Total).with(None)),
            sent = timeout(self.endpoint.limits.first_byte, self.client.execute(request)) => sent,
        };
        let response = match sent {
            Err(_) => return Err(Stopped::Late(Phase::FirstByte).with(None)),
            Ok(Err(error)) if error.is_connect() && error.is_timeout() => {
                return Err(Stopped::Late(Phase::Connect).with(None));
            }
            Ok(Err(error)) if error.is_connect() => {
                return Err(AiError::Unreachable(error.without_url().into()));
            }
            // It was sent, and nobody knows what became of it.
            Ok(Err(_)) => return Err(Stopped::Broken.with(None)),
            Ok(Ok(response)) => response,
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = self.limited(response, bounds);
        if status.is_success() {
            return Ok(Opened { status, headers, body });
        }
        let mut text = Vec::new();
        while let Some(Ok(part)) = body.next().await {
            text.extend_from_slice(&part);
            if text.len() >= ERROR_BODY {
                break;
            }
        }
        Err(status::error_of(status, &headers, &text))
    }

    fn limited(&self, response: Response, bounds: &Bounds) -> BoxStream<'static, Result<Bytes, Stopped>> {
        let (limits, bounds) = (self.endpoint.limits, bounds.clone());
        let begun = Some((response.bytes_stream().boxed(), 0_usize));
        stream::unfold(begun, move |state| {
            let bounds = bounds.clone();
            async move {
                let (mut body, taken) = state?;
                let next = tokio::select! {
                    biased;
                    () = bounds.cancelled.cancelled() => Err(Stopped::Cancelled),
                    () = sleep_until(bounds.deadline) => Err(Stopped::Late(Phase::Total)),
                    next = timeout(limits.idle, body.next()) => match next {
                        Err(_) => Err(Stopped::Late(Phase::Idle)),
                        Ok(None) => return None,
                        Ok(Some(Err(_))) => Err(Stopped::Broken),
                        Ok(Some(Ok(part))) => Ok(part),
                    },
                };
                // What is not handed on is dropped here, and its connection with it.
                match next {
                    Ok(part) if taken.saturating_add(part.len()) > limits.answer_bytes => {
                        Some((Err(Stopped::TooLong), None))
                    }
                    Ok(part) => {
                        let taken = taken + part.len();
                        Some((Ok(part), Some((body, taken))))
                    }
                    Err(stopped) => Some((Err(stopped), None)),
                }
            }
        })
        .boxed()
    }
}

/// Reads a whole body.
pub(crate) async fn whole(mut body: BoxStream<'static, Result<Bytes, Stopped>>) -> Result<Vec<u8>, Stopped> {
    let mut all = Vec::new();
    while let Some(part) = body.next().await {
        all.extend_from_slice(&part?);
    }
    Ok(all)
}
