//! Stage: texts that speak to a language model instead of to people are told of, and what the tenant asks for becomes of
//! the call. The texts themselves are never changed here.

use pm33_auth::Caller;
use pm33_tenancy::{ClientFacts, CorrelationId, InjectionAction};
use pm33_text::{Detection, detect};
use pm33_tools::{Became, Cost, Effect, Speaking, ToolEntry};
use serde_json::Value;

use crate::{request::Request, server::Core, warden};

/// Characters of the TAG block that are a text and no accident.
const SMUGGLED: u32 = 16;

/// Why a call does not go on.
pub(crate) struct Stopped {
    /// Words for the model.
    pub(crate) text: String,
    /// For the audit row.
    pub(crate) code: &'static str,
}

/// Whether a tool's texts are kept or sent to a model.
pub(crate) fn concerns(tool: &ToolEntry) -> bool {
    tool.spec.effect != Effect::Read || tool.spec.cost == Cost::Credits
}

/// Looks at the texts of a call that would be kept or sent to a model.
pub(crate) async fn look(
    core: &Core,
    request: &mut Request,
    tool: &ToolEntry,
    arguments: &Value,
) -> Result<(), Stopped> {
    let is_ai = tool.spec.cost == Cost::Credits;
    let is_smuggled = request.record.smuggled >= SMUGGLED;
    let mut found = Detection::default();
    if is_smuggled {
        found = Detection { score: pm33_text::FLAGGED, rules: vec!["hidden_text"] };
    }
    texts(arguments, &mut |text| found.merge(detect(text)));
    if !found.is_flagged() {
        return Ok(());
    }
    let rules = found.rules.join(", ");
    let action = request.caller.settings.injection;
    let is_stopped = match action {
        InjectionAction::Block => true,
        InjectionAction::Quarantine => is_ai,
        InjectionAction::Flag => is_smuggled && is_ai,
    };
    let word = if is_stopped { "refused" } else { "kept" };
    let (caller, client) = (request.caller.clone(), request.record.client.clone());
    tell(core, &caller, client, request.record.correlation, (tool.spec.name, &found, word)).await;
    if is_stopped {
        let text = format!(
            "Refused: a text in the arguments speaks to a language model instead of to people ({rules}); nothing was done. \
             Write what the item is about, without orders to whoever reads it with a model. An administrator can change what \
             becomes of such calls with the setting `injection`."
        );
        return Err(Stopped { text, code: "injection" });
    }
    request.flagged = Some(found);
    Ok(())
}

/// Stored texts that speak to a model and belonged into a call's prompts; to be told of when the call's unit of work has
/// let go of the store.
pub(crate) struct Spoken {
    tool: &'static str,
    speaking: Speaking,
}

impl Spoken {
    /// Notes them for the answer and for later.
    pub(crate) fn note(request: &mut Request, tool: &ToolEntry, speaking: Speaking) {
        let found = speaking.found.clone();
        match &mut request.flagged {
            Some(flagged) => flagged.merge(found),
            None => request.flagged = Some(found),
        }
        request.spoken = Some(Box::new(Self { tool: tool.spec.name, speaking }));
    }

    /// Tells of them.
    pub(crate) async fn tell(
        self,
        core: &Core,
        caller: &Caller,
        client: ClientFacts,
        correlation: CorrelationId,
    ) {
        let word = match self.speaking.became {
            Became::Sent => "sent",
            Became::Refused => "not sent",
        };
        tell(core, caller, client, correlation, (self.tool, &self.speaking.found, word)).await;
    }
}

/// Tells the log and the tenant's audit log what was found and what became of it; none of the text.
async fn tell(
    core: &Core,
    caller: &Caller,
    client: ClientFacts,
    correlation: CorrelationId,
    (tool, found, became): (&'static str, &Detection, &'static str),
) {
    let rules = found.rules.join(", ");
    tracing::warn!(
        request.id = %correlation,
        injection.score = found.score,
        injection.rules = rules,
        injection.call = became,
        "texts of a call speak to a language model"
    );
    let target = format!("{tool}: score {}, {rules}, {became}", found.score);
    warden::tell_of(core, caller, ("system/injection.found", Some(target)), client, correlation).await;
}

/// Every text in arguments, keys aside: the schema knows those.
fn texts<'a>(value: &'a Value, see: &mut impl FnMut(&'a str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(list) => {
            for one in list {
                texts(one, see);
            }
        }
        Value::Object(map) => {
            for one in map.values() {
                texts(one, see);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
