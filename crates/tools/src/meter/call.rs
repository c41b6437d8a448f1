//! One question on its way: to its end or to its cancellation, whatever becomes of the tool that asked.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use pm33_ai::{
    AiError, Call, Completion, CompletionEvents, Figures, LanguageModel, ModelName, Rendered, Usage,
};
use pm33_billing::{BillingError, MicroCredits, Price, Tokens, UsageRecord, UsageSource, cost};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

/// How long a cancelled call may take to tell what it used; then its connection is dropped.
const GRACE: Duration = Duration::from_millis(100);

/// One question.
pub(super) struct Asked {
    pub(super) number: u32,
    pub(super) bound: MicroCredits,
    pub(super) name: ModelName,
    pub(super) price: Price,
    pub(super) key: SecretString,
    pub(super) client: Arc<dyn LanguageModel>,
    pub(super) prompt: Arc<Rendered>,
    pub(super) partition: String,
}

/// Bytes of the answer so far.
#[derive(Default)]
struct Counted(AtomicU64);

impl CompletionEvents for Counted {
    fn text(&self, delta: &str) {
        self.0.fetch_add(delta.len() as u64, Ordering::Relaxed);
    }
}

impl Asked {
    /// Asks; the answer and what it used, when anything was.
    pub(super) async fn run(
        &self,
        cancelled: CancellationToken,
    ) -> (Result<Completion, AiError>, Option<Usage>) {
        let counted = Counted::default();
        let call = Call {
            prompt: &self.prompt,
            model: &self.name.model,
            key: &self.key,
            partition: &self.partition,
            cancelled: cancelled.clone(),
        };
        let ended = {
            let mut work = pin!(self.client.complete(&call, &counted));
            tokio::select! {
                biased;
                ended = &mut work => ended,
                () = async { cancelled.cancelled().await; tokio::time::sleep(GRACE).await } => {
                    Err(AiError::Cancelled { usage: None })
                }
            }
        };
        let used = match &ended {
            Ok(completion) => Some(completion.usage.clone()),
            Err(error) => error.usage().cloned().or_else(|| {
                // The provider may have worked and said nothing of it.
                let estimate = || Usage::estimate(self.prompt.bytes(), counted.0.load(Ordering::Relaxed));
                error.may_have_cost().then(estimate)
            }),
        };
        (ended, used)
    }

    /// What was used, priced.
    pub(super) fn priced(&self, usage: &Usage) -> Result<UsageRecord, BillingError> {
        let tokens = Tokens {
            input: usage.input,
            cached_read: usage.cached_read,
            cache_write_5m: usage.cache_write_5m,
            cache_write_30m: usage.cache_write_30m,
            cache_write_1h: usage.cache_write_1h,
            output: usage.output,
            reasoning: usage.reasoning,
        };
        Ok(UsageRecord {
            call: self.number,
            provider: self.name.provider.clone(),
            model: self.name.model.clone(),
            price: self.price.id.clone(),
            tokens,
            source: match usage.figures {
                Figures::Final => UsageSource::Final,
                Figures::Stream => UsageSource::Stream,
                Figures::Estimated => UsageSource::Estimated,
            },
            amount: cost(&self.price, &tokens)?.amount,
            raw: usage.raw.to_string(),
        })
    }
}
