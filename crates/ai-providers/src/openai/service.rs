//! How async-openai's requests are sent: by our own wire, whose errors never pass through its logging.

use std::{
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use async_openai::{error::OpenAIError, middleware::HttpRequestFactory};
use futures_util::{StreamExt, future::BoxFuture};
use pm33_ai::AiError;
use reqwest::{Body, Response};

use crate::{
    told::Told,
    wire::{Bounds, Stopped, Wire},
};

/// Why a body stopped: async-openai hands on only the words of an error in a stream.
#[derive(Clone, Debug, Default)]
pub(super) struct Slot(Arc<Mutex<Option<Stopped>>>);

impl Slot {
    pub(super) fn stopped(&self) -> Option<Stopped> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, stopped: Stopped) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(stopped);
    }

    /// An error as ours.
    pub(super) fn error(&self, error: OpenAIError, told: &Told<'_>) -> AiError {
        if let Some(stopped) = self.stopped() {
            return told.stopped(stopped);
        }
        match error {
            OpenAIError::Boxed(cause) => match cause.downcast::<AiError>() {
                Ok(error) => *error,
                Err(_) => told.stopped(Stopped::Broken),
            },
            OpenAIError::JSONDeserialize(..) => {
                AiError::Malformed { why: "it is no JSON".to_owned(), usage: told.used().map(Box::new) }
            }
            _ => told.stopped(Stopped::Broken),
        }
    }
}

/// Sends what async-openai has built.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) wire: Arc<Wire>,
    pub(super) bounds: Bounds,
    pub(super) slot: Slot,
}

impl tower::Service<HttpRequestFactory> for Service {
    type Response = Response;
    type Error = OpenAIError;
    type Future = BoxFuture<'static, Result<Response, OpenAIError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, factory: HttpRequestFactory) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let build = move || -> BoxFuture<'static, _> {
                let factory = factory.clone();
                Box::pin(async move {
                    let unbuilt = |_| AiError::BadRequest { why: "it could not be built".to_owned() };
                    factory.build().await.map_err(unbuilt)
                })
            };
            let opened = this.wire.open(&this.bounds, &build).await;
            let opened = opened.map_err(|error| OpenAIError::Boxed(Box::new(error)))?;
            let slot = this.slot;
            let body = opened.body.inspect(move |part| {
                if let Err(stopped) = part {
                    slot.put(*stopped);
                }
            });
            let mut response = http::Response::new(Body::wrap_stream(body));
            *response.status_mut() = opened.status;
            *response.headers_mut() = opened.headers;
            Ok(response.into())
        })
    }
}
