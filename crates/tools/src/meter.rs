//! The way to a language model: the bound of a plan is held in the ledger, each request is noted before it leaves, each
//! answer is paid by the provider's own figures. A tool cannot ask a model in any other way, so none can forget to bill.

mod bill;
mod call;
mod permission;
mod provider;
mod reply;
mod till;

use std::{sync::Arc, time::Duration};

use pm33_ai::{AiError, LanguageModel, ModelName, Prompt, Redactor, Rendered};
use pm33_billing::{
    CachePlan, Disclosure, HoldId, HoldRequest, Ledger, MicroCredits, PlannedCall, Price, PriceKey, most,
};
use pm33_tenancy::{CorrelationId, EffectiveSettings, InjectionAction, ProviderKeys, Switch};
use secrecy::SecretString;

pub use bill::{Bill, Charge, nothing_charged};
pub use provider::{NoModel, Provider};
pub use reply::{Reply, Unusable};
pub use till::{Became, Speaking, Till};

use crate::{ToolContext, ToolError, desk};
use call::Asked;

/// How long a hold stays open after the last sign of its call's life; what a crash leaves is given back then.
pub(crate) const LIFE: Duration = Duration::from_mins(1);
/// How often a running call's hold is lengthened: three signs fit into a life.
pub const SIGN: Duration = Duration::from_secs(20);

/// One question that a tool plans: what it may cost at most is held for all of them together.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    /// Bytes that are sent at most.
    pub bytes: u64,
    /// Limit of output in tokens, which is sent along.
    pub max_output_tokens: u32,
    /// How often it may be asked: repairs and votes.
    pub times: u32,
}

impl Planned {
    /// A prompt that is known already, asked so many times.
    pub fn of(prompt: &Prompt, times: u32) -> Self {
        // A fence is as long whatever its token, and the placeholders are those of the real one.
        let rendered = prompt.render([0; 16], &mut Redactor::default());
        Self { bytes: rendered.bytes(), max_output_tokens: rendered.max_output_tokens, times }
    }
}

/// The models that a call may ask: its tenant's own first, and others only where the tenant allows it.
pub struct Models<'c> {
    ctx: &'c ToolContext<'c>,
    settings: Arc<EffectiveSettings>,
    able: Vec<Able>,
}

/// A model with its price.
#[derive(Clone)]
struct Able {
    name: ModelName,
    price: Price,
    key: SecretString,
    client: Arc<dyn LanguageModel>,
}

impl<'c> Models<'c> {
    pub(crate) async fn of(ctx: &'c ToolContext<'c>) -> Result<Self, NoModel> {
        let settings = permission::permitted(ctx).await?;
        let using = settings.ai_use;
        let chosen = provider::chosen(&ctx.desk.providers, using.provider)?;
        let others = ctx.desk.providers.iter().filter(|other| other.choice != chosen.choice);
        let others = others.filter(|_| using.fallback == Switch::On);
        let day = jiff::tz::TimeZone::UTC.to_datetime(ctx.now.instant()).date();
        let own = ProviderKeys::provider_keys(ctx.ports, ctx.caller.tenant).await;
        let own = own.map_err(|_| NoModel::Unread)?;
        let able = |provider: &Provider| {
            let name = provider.client.provider();
            let price = ctx.desk.prices.price(&PriceKey::standard(name, &provider.model), day)?;
            Ok::<_, NoModel>(Able {
                name: ModelName { provider: name.to_owned(), model: provider.model.clone() },
                price: price.clone(),
                key: provider::key(ctx, provider, &own)?,
                client: Arc::clone(&provider.client),
            })
        };
        let mut all = vec![able(chosen)?];
        // Another one without a price today is no other one.
        all.extend(others.filter_map(|other| able(other).ok()));
        Ok(Self { ctx, settings, able: all })
    }

    /// The model that is asked.
    pub fn name(&self) -> &ModelName {
        // There is always a first one.
        static NONE: ModelName = ModelName { provider: String::new(), model: String::new() };
        self.able.first().map_or(&NONE, |able| &able.name)
    }

    /// Holds what a plan may cost at most. To be called before the call writes anything, and once: nothing is asked
    /// beyond the plan.
    ///
    /// # Errors
    /// [`ToolError::Refused`] with the shortfall, the ceiling or the limit that stands in the way; nothing is sent then.
    pub async fn meter(self, tool: &'static str, plan: &[Planned]) -> Result<Meter<'c>, ToolError> {
        let ctx = self.ctx;
        let tenant = ctx.caller.tenant;
        let mut bound = MicroCredits::ZERO;
        for one in plan {
            bound = bound.plus(dearest(&self.able, one)?)?;
        }
        let backing = Ledger::backing(ctx.ports, tenant).await?;
        let limits = &self.settings.ai;
        let request = HoldRequest {
            id: HoldId::from_uuid(CorrelationId::new(ctx.now).uuid()),
            tenant,
            key: ctx.caller.key,
            tool: tool.to_owned(),
            most: bound,
            at: ctx.now,
            life: LIFE,
            backing,
            ceilings: desk::ceilings(limits),
            room: desk::room(limits, tool),
        };
        let receipt = Ledger::hold(ctx.ports, &request).await?;
        ctx.till.open(&receipt, self.name().clone())?;
        Ok(Meter { ctx, able: self.able, hold: receipt.hold.id, injection: self.settings.injection })
    }
}

fn dearest(able: &[Able], planned: &Planned) -> Result<MicroCredits, ToolError> {
    let call = PlannedCall {
        input_bytes: planned.bytes,
        framing_tokens: desk::FRAMING_TOKENS,
        max_output_tokens: planned.max_output_tokens.into(),
        times: planned.times,
        cache: CachePlan::Unasked,
    };
    let bounds = able.iter().map(|able| most(&able.price, &call));
    Ok(bounds.collect::<Result<Vec<_>, _>>()?.into_iter().fold(MicroCredits::ZERO, MicroCredits::max))
}

/// A plan that is paid for. Questions may be asked one after the other or side by side. When the tool ends, in whatever
/// way, what still runs is stopped, and what was used is settled by the engine in the call's unit of work.
pub struct Meter<'c> {
    ctx: &'c ToolContext<'c>,
    able: Vec<Able>,
    hold: HoldId,
    injection: InjectionAction,
}

impl Meter<'_> {
    /// The hold that pays.
    pub fn hold(&self) -> HoldId {
        self.hold
    }

    /// The model that is asked first.
    pub fn model(&self) -> &ModelName {
        static NONE: ModelName = ModelName { provider: String::new(), model: String::new() };
        self.able.first().map_or(&NONE, |able| &able.name)
    }

    /// Says that the tenant gets nothing for what was asked, so the operator pays: an answer that stayed unusable after
    /// its repair.
    pub fn charge_platform(&self) {
        self.ctx.till.charge_platform();
    }

    /// Asks. Secrets and personal data leave as placeholders and are put back into the reply.
    ///
    /// # Errors
    /// [`ToolError::Refused`] in words for the model when the provider does not answer, and when the question goes
    /// beyond the plan.
    pub async fn ask(&self, prompt: &Prompt) -> Result<Reply, ToolError> {
        self.look(prompt)?;
        let mut redactor = Redactor::default();
        let rendered = Arc::new(prompt.render(rand::random(), &mut redactor));
        let mut last = None;
        for able in &self.able {
            match self.ask_one(able, &rendered, redactor.redacted().values).await? {
                Ok(completion) => return Ok(Reply::new(completion, redactor, &rendered)),
                Err(error) => {
                    let elsewhere = error.may_be_repeated() || matches!(error, AiError::CircuitOpen { .. });
                    last = Some(error);
                    if !elsewhere {
                        break;
                    }
                }
            }
        }
        Err(last.map_or_else(|| ToolError::refused("no model can be asked"), provider::refusal))
    }

    /// Looks at what a prompt's data say, and does what the tenant wants done: texts come in by ways that nobody looks at,
    /// and from before somebody did.
    fn look(&self, prompt: &Prompt) -> Result<(), ToolError> {
        let Some(found) = prompt.speaking() else { return Ok(()) };
        let rules = found.rules.join(", ");
        let became = match self.injection {
            InjectionAction::Flag => Became::Sent,
            InjectionAction::Quarantine | InjectionAction::Block => Became::Refused,
        };
        self.ctx.till.note_speaking(found, became);
        if became == Became::Sent {
            return Ok(());
        }
        Err(ToolError::refused(format!(
            "Not sent to a model: a text of the workspace that belongs to this question speaks to a language model instead of to \
             people ({rules}). Rewrite it without orders to whoever reads it with a model, or leave its item out. An \
             administrator can change what becomes of such texts with the setting `injection`."
        )))
    }

    async fn ask_one(
        &self,
        able: &Able,
        rendered: &Arc<Rendered>,
        redactions: u32,
    ) -> Result<Result<pm33_ai::Completion, AiError>, ToolError> {
        let ctx = self.ctx;
        permission::unrestricted(ctx).await?;
        let planned =
            Planned { bytes: rendered.bytes(), max_output_tokens: rendered.max_output_tokens, times: 1 };
        let bound = dearest(std::slice::from_ref(able), &planned)?;
        let number = ctx.till.reserve(bound)?;
        let disclosure = Disclosure {
            tenant: ctx.caller.tenant,
            hold: self.hold,
            call: number,
            at: ctx.now,
            provider: able.name.provider.clone(),
            model: able.name.model.clone(),
            categories: rendered.categories.iter().map(|&category| category.to_owned()).collect(),
            bytes: rendered.bytes(),
            redactions,
        };
        Ledger::disclose(ctx.ports, &disclosure).await?;
        let asked = Asked {
            number,
            bound,
            name: able.name.clone(),
            price: able.price.clone(),
            key: able.key.clone(),
            client: Arc::clone(&able.client),
            prompt: Arc::clone(rendered),
            partition: ctx.caller.tenant.to_string(),
        };
        Ok(ctx.till.run(asked).await)
    }
}
