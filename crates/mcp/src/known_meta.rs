//! Metadata that was read before: most clients say the same of themselves with each of their requests, and that is read once.

use std::{hash::BuildHasher, sync::Arc};

use arc_swap::ArcSwapOption;
use foldhash::fast::RandomState;
use pm33_protocol::RequestMeta;

/// Texts that are known at most; each has one place, which it shares with others.
const PLACES: usize = 64;
/// Longest text that is kept, in bytes.
const LONGEST: usize = 1_024;

/// What is known.
pub(crate) struct KnownMeta {
    places: [ArcSwapOption<Known>; PLACES],
    /// A quick one: whoever takes the place of another text costs its sender one more reading, and needs no collision for that.
    hasher: RandomState,
}

struct Known {
    text: Box<str>,
    meta: RequestMeta,
}

impl Default for KnownMeta {
    fn default() -> Self {
        Self { places: std::array::from_fn(|_| ArcSwapOption::empty()), hasher: RandomState::default() }
    }
}

impl KnownMeta {
    /// What a text says, when it is known to be of the modern era and without a defect.
    pub(crate) fn recall(&self, text: &str) -> Option<RequestMeta> {
        let known = self.place(text)?.load();
        known.as_ref().filter(|known| *known.text == *text).map(|known| known.meta.clone())
    }

    /// Keeps what a text without a defect says, unless it is of its one request alone.
    pub(crate) fn keep(&self, text: &str, meta: &RequestMeta) {
        if let Some(place) = self.place(text)
            && is_of_the_client(meta)
        {
            place.store(Some(Arc::new(Known { text: text.into(), meta: meta.clone() })));
        }
    }

    fn place(&self, text: &str) -> Option<&ArcSwapOption<Known>> {
        if text.len() > LONGEST {
            return None;
        }
        let at = usize::try_from(self.hasher.hash_one(text) % PLACES as u64).ok()?;
        self.places.get(at)
    }
}

/// Whether metadata has nothing that other requests of its client have not.
fn is_of_the_client(meta: &RequestMeta) -> bool {
    let RequestMeta {
        protocol_version: _,
        capabilities: _,
        client: _,
        log_level: _,
        progress_token,
        traceparent,
        tracestate,
        baggage,
        related_task,
        idempotency_key,
    } = meta;
    progress_token.is_none()
        && [traceparent, tracestate, baggage, related_task, idempotency_key].iter().all(|text| text.is_none())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_client_says_is_recalled_by_its_very_text_and_what_a_request_says_is_not() {
        let known = KnownMeta::default();
        let meta = RequestMeta { client: Some("a/1".to_owned()), ..RequestMeta::default() };
        known.keep("{\"a\":1}", &meta);
        assert_eq!(known.recall("{\"a\":1}").and_then(|meta| meta.client), meta.client);
        assert!(known.recall("{\"a\":2}").is_none());
        let one = |text: &str| Some(text.to_owned());
        for own in [
            RequestMeta { progress_token: Some(json!(1)), ..RequestMeta::default() },
            RequestMeta { traceparent: one("00-"), ..RequestMeta::default() },
            RequestMeta { idempotency_key: one("k"), ..RequestMeta::default() },
        ] {
            known.keep("own", &own);
            assert!(known.recall("own").is_none(), "{own:?}");
        }
        let long = " ".repeat(LONGEST + 1);
        known.keep(&long, &meta);
        assert!(known.recall(&long).is_none());
    }
}
