//! Running the binary on a data folder.

use std::{path::Path, process::Command};

use serde_json::Value;

/// What a run left behind.
pub(crate) struct Run {
    /// Whether it succeeded.
    pub is_ok: bool,
    /// Standard output.
    pub said: String,
    /// Standard error.
    pub complained: String,
}

/// Runs a command line, its words split at spaces.
pub(crate) fn run(folder: &Path, words: &str) -> Run {
    run_with(folder, words, &[])
}

/// As [`run`], in such an environment.
pub(crate) fn run_with(folder: &Path, words: &str, environment: &[(&str, &str)]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_pm33-admin"))
        .arg("--data-dir")
        .arg(folder)
        .args(words.split(' '))
        // A key of whoever runs the tests is not theirs to use.
        .env_remove("ANTHROPIC_API_KEY")
        .env_remove("OPENAI_API_KEY")
        .envs(environment.iter().copied())
        // Who looks for a program's fault sets this; an operator must not see its output all the same.
        .env("RUST_BACKTRACE", "1")
        .output()
        .expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Run { is_ok: output.status.success(), said: text(output.stdout), complained: text(output.stderr) }
}

/// What a command that succeeds says to a person.
pub(crate) fn said(folder: &Path, words: &str) -> String {
    let run = run(folder, words);
    assert!(run.is_ok && run.complained.is_empty(), "{words}: {}", run.complained);
    run.said
}

/// What a command that succeeds says to a program: one JSON document.
pub(crate) fn json(folder: &Path, words: &str) -> Value {
    let text = said(folder, &format!("--json {words}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{words}: {error}: {text}"))
}

/// The rows of a list.
pub(crate) fn rows(folder: &Path, words: &str) -> Vec<Value> {
    let page = json(folder, words);
    page["rows"].as_array().unwrap_or_else(|| panic!("{words}: {page}")).clone()
}

/// A tenant `acme` with the user `ada` and the workspace `core`.
pub(crate) fn acme() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    json(folder.path(), "tenant create acme");
    json(folder.path(), "user create acme ada");
    json(folder.path(), "workspace create acme core --prefix CORE");
    folder
}

/// A text member.
pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name}: {value}")).to_owned()
}
