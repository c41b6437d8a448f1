//! A tenant's own key of a provider: kept sealed, listed without itself, never said.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::command::{acme, json, rows, run, text};

const KEY: &str = "sk-own-0123456789abcdef";

fn set(folder: &Path, words: &str, variable: Option<&str>, input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pm33-admin"));
    command.args(["--json", "--data-dir"]).arg(folder).args(words.split(' '));
    command.env("PM33_TELEMETRY_LOG_FILTER", "trace").env_remove("PM33_PROVIDER_KEY");
    command.envs(variable.map(|key| ("PM33_PROVIDER_KEY", key)));
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    // A program that reads the variable does not wait for this.
    let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

#[test]
fn a_key_is_kept_sealed_and_never_shown() {
    let folder = acme();
    let folder = folder.path();
    let mut said = Vec::new();
    for (words, variable, input) in [
        ("provider-key set acme anthropic", Some(KEY), ""),
        ("provider-key set acme openai", None, &*format!("{KEY}\n")),
    ] {
        let output = set(folder, words, variable, input);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        said.extend([output.stdout, output.stderr].concat());
    }
    let listed = rows(folder, "provider-key list acme");
    let providers: Vec<_> = listed.iter().map(|row| text(row, "provider")).collect();
    assert_eq!(providers, ["anthropic", "openai"]);
    for words in ["provider-key list acme", "audit tail acme --count 10", "settings show --tenant acme"] {
        said.extend(run(folder, words).said.into_bytes());
    }
    assert!(!holds(&said, "sk-own"), "the key was told");
    let archive = folder.join("acme.zip");
    json(folder, &format!("privacy export acme {}", archive.display()));
    for file in ["pm33.db", "pm33.db-wal", "acme.zip"] {
        let bytes = std::fs::read(folder.join(file)).unwrap_or_default();
        assert!(!holds(&bytes, "sk-own"), "{file} holds the key");
    }
    let acts = json(folder, "audit tail acme --count 10");
    let set: Vec<_> = acts
        .as_array()
        .expect("rows")
        .iter()
        .filter(|row| text(row, "method") == "admin/provider_key.set")
        .collect();
    assert_eq!(set.len(), 2);
    json(folder, "provider-key remove acme openai --yes");
    assert_eq!(rows(folder, "provider-key list acme").len(), 1);
}

#[test]
fn what_is_no_key_is_refused_and_nothing_is_kept() {
    let folder = acme();
    let folder = folder.path();
    for (words, input, complaint) in [
        ("provider-key set acme anthropic", "", "no key"),
        ("provider-key set acme anthropic", "two words", "one word"),
        ("provider-key set acme google", KEY, "providers are anthropic"),
        ("provider-key set nobody anthropic", KEY, "nobody"),
        ("provider-key remove acme anthropic --yes", "", "no key of its own"),
    ] {
        let output = set(folder, words, None, input);
        let complained = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && complained.contains(complaint), "{words}: {complained}");
    }
    assert!(rows(folder, "provider-key list acme").is_empty());
}
