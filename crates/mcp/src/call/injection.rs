//! Stage: texts that speak to a language model instead of to people are told of, and what the tenant asks for becomes of
//! the call. The texts themselves are never changed here.

use pm33_tenancy::InjectionAction;
use pm33_text::{Detection, detect};
use pm33_tools::{Cost, Effect, ToolEntry};
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

/// Looks at the texts of a call that would be kept or sent to a model.
pub(crate) async fn look(
    core: &Core,
    request: &mut Request,
    tool: &ToolEntry,
    arguments: &Value,
) -> Result<(), Stopped> {
    let is_ai = tool.spec.cost == Cost::Credits;
    if tool.spec.effect == Effect::Read && !is_ai {
        return Ok(());
    }
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
    tracing::warn!(
        request.id = %request.record.correlation,
        injection.score = found.score,
        injection.rules = rules,
        injection.call = word,
        "texts of a call speak to a language model"
    );
    let target = format!("{}: score {}, {rules}, {word}", tool.spec.name, found.score);
    let (caller, client) = (request.caller.clone(), request.record.client.clone());
    warden::tell_of(
        core,
        &caller,
        ("system/injection.found", Some(target)),
        client,
        request.record.correlation,
    )
    .await;
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
