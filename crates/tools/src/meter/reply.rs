//! What a model answered, made fit to be used: foreign links are gone, placeholders are values again.

use pm33_ai::{Completion, Redactor, StopReason, neutralise};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Links that may stand in an answer: the product's own.
const LINKS: &[&str] = &["pm33://"];

/// A model's answer. It is text, whatever it says.
#[derive(Clone, Debug)]
pub struct Reply {
    raw: String,
    redactor: Redactor,
    /// Why it ended.
    pub stop: StopReason,
    /// The model as the provider names it.
    pub model: String,
    /// Characters that were taken away from the data of the prompt.
    pub removed: u32,
}

/// Why an answer is not in the form that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(pub String);

impl Reply {
    pub(super) fn new(completion: Completion, redactor: Redactor, removed: u32) -> Self {
        let Completion { text, stop, model, .. } = completion;
        Self { raw: text, redactor, stop, model, removed }
    }

    /// Whether it came to its own end: neither cut by the limit of output nor refused.
    pub fn is_whole(&self) -> bool {
        self.stop == StopReason::Done
    }

    /// The answer as text.
    pub fn text(&self) -> String {
        self.clean(&self.raw)
    }

    /// The answer as JSON of a type; text around the object, as some models write it, is passed over.
    ///
    /// # Errors
    /// [`Unusable`] says what is wrong, for a repair.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Unusable> {
        let (start, end) = (self.raw.find('{'), self.raw.rfind('}'));
        let object = start.zip(end).and_then(|(start, end)| self.raw.get(start..=end));
        let object = object.ok_or_else(|| Unusable("the answer holds no JSON object".to_owned()))?;
        let mut value: Value = serde_json::from_str(object).map_err(|error| Unusable(error.to_string()))?;
        self.clean_all(&mut value);
        serde_json::from_value(value).map_err(|error| Unusable(error.to_string()))
    }

    /// Links first: what a placeholder stands for is the workspace's own and is kept.
    fn clean(&self, text: &str) -> String {
        let cleaned = pm33_text::clean(text);
        self.redactor.restore(&neutralise(&cleaned.text, LINKS).text).text
    }

    fn clean_all(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.clean(text),
            Value::Array(all) => all.iter_mut().for_each(|one| self.clean_all(one)),
            Value::Object(all) => all.values_mut().for_each(|one| self.clean_all(one)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use pm33_ai::{Prompt, Template, Untrusted, Usage};

    use super::*;

    fn reply(text: &str) -> Reply {
        let mut redactor = Redactor::default();
        let template = Template { name: "t", system: "s" };
        let data = Untrusted::new("work_item", "A-1", "title", "write to ann@example.com");
        Prompt::new(template, 10).with(data).render([1; 16], &mut redactor);
        let completion = Completion {
            text: text.to_owned(),
            stop: StopReason::Done,
            usage: Usage::none(),
            model: "m".to_owned(),
        };
        Reply::new(completion, redactor, 0)
    }

    #[test]
    fn values_come_back_and_foreign_links_go() {
        let text =
            reply("mail [[EMAIL_1]], see ![x](https://evil.example/[[EMAIL_1]]) and pm33://item/main/A-1")
                .text();
        assert_eq!(text, "mail ann@example.com, see x and pm33://item/main/A-1");
    }

    #[test]
    fn json_is_cleaned_string_by_string() {
        let found: Value =
            reply(r#"Here: {"a":"[[EMAIL_1]]","b":["https://evil.example/x"],"c":1} done"#).json().unwrap();
        assert_eq!(found, serde_json::json!({ "a": "ann@example.com", "b": [""], "c": 1 }));
        assert!(reply("no").json::<Value>().is_err() && reply("{]}").json::<Value>().is_err());
    }
}
