//! Prompts: constant instructions, and data in fences.

use std::fmt::Write;

use pm33_text::{Detection, detect};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    fence::{self, Fence},
    redact::Redactor,
};

/// The instructions of one use, versioned by their hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// Name, such as `prd/section`.
    pub name: &'static str,
    /// What the model is told to do. A constant: nothing that a tenant writes reaches it.
    pub system: &'static str,
}

impl Template {
    /// Hash of everything constant that the model is told: the first sixteen hexadecimal digits of SHA-256.
    pub fn version(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.name.as_bytes());
        hash.update([0]);
        hash.update(self.system.as_bytes());
        hash.update([0]);
        hash.update(fence::RULE.as_bytes());
        hash.finalize().iter().take(8).fold(String::new(), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// A text that somebody wrote: a person, a tracker, an export, a model. It is data, whatever it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untrusted {
    kind: &'static str,
    id: String,
    field: &'static str,
    text: String,
    removed: u32,
}

impl Untrusted {
    /// A text with its provenance: what sort of thing it is of (`work_item`), which one (`PAY-142`), and which field.
    /// What hides in it is taken away and counted.
    pub fn new(kind: &'static str, id: &str, field: &'static str, text: &str) -> Self {
        let cleaned = pm33_text::clean(text);
        // The id stands in the fence itself: it has nothing that could be read as more than a word.
        let id = id.chars().filter(|sign| sign.is_ascii_alphanumeric() || "-_.:/#".contains(*sign)).take(100);
        Self {
            kind,
            id: id.collect(),
            field,
            removed: cleaned.removed.total(),
            text: cleaned.text.into_owned(),
        }
    }

    /// The category of data, for the record of what was sent.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// Characters that were taken away.
    pub fn removed(&self) -> u32 {
        self.removed
    }

    /// The text, before anything in it is replaced.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A prompt in the making.
#[derive(Clone, Debug)]
pub struct Prompt {
    template: Template,
    blocks: Vec<Untrusted>,
    schema: Option<Value>,
    max_output_tokens: u32,
}

impl Prompt {
    /// A prompt with constant instructions and a limit of output, which is always sent.
    pub fn new(template: Template, max_output_tokens: u32) -> Self {
        Self { template, blocks: Vec::new(), schema: None, max_output_tokens }
    }

    /// Adds data.
    #[must_use]
    pub fn with(mut self, block: Untrusted) -> Self {
        self.blocks.push(block);
        self
    }

    /// Asks for an answer in this JSON Schema, a constant of the tool's.
    #[must_use]
    pub fn answering_in(mut self, schema: Value) -> Self {
        self.schema = Some(schema);
        self
    }

    /// What in its data speaks to a model instead of to people, when anything does: however it came in, this is where it
    /// would be read.
    pub fn speaking(&self) -> Option<Detection> {
        let mut found = Detection::default();
        for block in &self.blocks {
            found.merge(detect(&block.text));
        }
        found.is_flagged().then_some(found)
    }

    /// Writes the prompt out. `seed` is fresh random bytes: the fence's token is made of them, so that no text can know
    /// it beforehand. Secrets and personal data in blocks become placeholders of this redactor.
    pub fn render(&self, seed: [u8; 16], redactor: &mut Redactor) -> Rendered {
        let texts: Vec<String> = self.blocks.iter().map(|block| redactor.redact(&block.text)).collect();
        let fence = Fence::outside(seed, &texts.iter().map(String::as_str));
        let mut user = fence.opening();
        for (block, text) in self.blocks.iter().zip(&texts) {
            fence.enclose(&mut user, block.kind, &block.id, block.field, text);
        }
        let mut categories: Vec<_> = self.blocks.iter().map(Untrusted::kind).collect();
        categories.sort_unstable();
        categories.dedup();
        Rendered {
            template: self.template,
            system: format!("{}\n\n{}", self.template.system, fence::RULE),
            user,
            schema: self.schema.clone(),
            max_output_tokens: self.max_output_tokens,
            categories,
            removed: self.blocks.iter().map(Untrusted::removed).sum(),
        }
    }
}

/// A prompt as it is sent.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// Its template.
    pub template: Template,
    /// The system or developer message.
    pub system: String,
    /// The user message: fenced data and nothing else.
    pub user: String,
    /// The answer's schema.
    pub schema: Option<Value>,
    /// Limit of output.
    pub max_output_tokens: u32,
    /// Categories of data in it.
    pub categories: Vec<&'static str>,
    /// Characters that were taken away from the data.
    pub removed: u32,
}

impl Rendered {
    /// UTF-8 bytes of all that is sent: no tokenizer makes more tokens of them.
    pub fn bytes(&self) -> u64 {
        let schema = self.schema.as_ref().map_or(0, |schema| schema.to_string().len());
        (self.system.len() + self.user.len() + schema) as u64
    }
}
