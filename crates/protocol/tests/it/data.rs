//! The published schemas and examples, where they are at hand.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// The folder of protocol data; `None`, told loudly, where it is absent. `PM33_TEST_DATA` names its parent; a relative
/// one counts from the workspace root.
#[expect(clippy::print_stderr, reason = "a test that was skipped must be seen")]
pub(crate) fn folder(of: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let data = env::var_os("PM33_TEST_DATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let folder = root.join(data).join("mcp").join(of);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: no protocol data in {}; set PM33_TEST_DATA", folder.display());
    None
}

/// A JSON file.
pub(crate) fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}
