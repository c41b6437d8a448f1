//! `tool-hashes.txt`: what a model is told of each tool, pinned by its hash. A description or schema cannot change without a
//! change of this file, and nothing that a tenant writes gets into either.

use std::fmt::Write;

use pm33_tools::Catalogue;
use sha2::{Digest, Sha256};

/// The document: a line a tool, as `sha256sum` writes them, over name, title, description and both schemas with a zero byte
/// after each.
pub(crate) fn pins(catalogue: &Catalogue) -> String {
    let mut text = String::new();
    for tool in catalogue.tools() {
        let spec = &tool.spec;
        let output = tool.output_schema.as_ref().map_or("", |schema| schema.get());
        let mut hash = Sha256::new();
        for part in [spec.name, spec.title, spec.description, tool.input_schema.get(), output] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        for byte in hash.finalize() {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        text.extend(["  ", spec.name, "\n"]);
    }
    text
}
