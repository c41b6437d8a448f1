//! A reader that has seen enough and closes the pipe is no error.

use std::process::{Command, Stdio};

#[test]
fn completions_and_pages_bear_a_closed_pipe() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("pages");
    let pages = pages.to_str().expect("a path");
    for words in [vec!["completions", "bash"], vec!["completions", "zsh"], vec!["man", pages]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_pm33-admin"))
            .args(["--data-dir", folder.path().to_str().expect("a path")])
            .args(&words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        drop(child.stdout.take());
        let ended = child.wait_with_output().expect("it ends");
        let complained = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success() && complained.is_empty(), "{words:?}: {complained}");
    }
}
