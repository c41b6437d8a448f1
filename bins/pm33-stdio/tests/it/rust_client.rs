//! The official Rust client over stdio: every way that it opens a connection.

use std::process::Stdio;

use pm33_testkit::{Opening, rust_client};
use rmcp::transport::TokioChildProcess;

#[test]
fn the_official_rust_client_does_every_step_in_both_eras_over_stdio() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for opening in Opening::ALL {
        let steps = runtime.block_on(async {
            let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_pm33-stdio"));
            command.args(["--demo", "--data-dir"]).arg(folder.path());
            let (transport, _) =
                TokioChildProcess::builder(command).stderr(Stdio::null()).spawn().expect("it starts");
            rust_client(transport, opening, &format!("{opening:?}")).await
        });
        let steps = steps.unwrap_or_else(|error| panic!("{opening:?}: {error:#}"));
        assert!(steps >= 26, "{opening:?}: {steps} steps");
    }
}
