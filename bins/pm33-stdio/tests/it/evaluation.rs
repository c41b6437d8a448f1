//! What a product manager would ask of the sample workspace, asked through the official Rust client.

use std::process::Stdio;

use pm33_testkit::evaluate;
use rmcp::transport::TokioChildProcess;

#[test]
fn forty_questions_of_a_product_manager_get_answers_that_hold_the_facts() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let evaluation = runtime.block_on(async {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_pm33-stdio"));
        command.args(["--demo", "--data-dir"]).arg(folder.path());
        let (transport, _) =
            TokioChildProcess::builder(command).stderr(Stdio::null()).spawn().expect("it starts");
        evaluate(transport).await
    });
    let evaluation = evaluation.unwrap_or_else(|error| panic!("{error:#}"));
    assert!(evaluation.wrong.is_empty(), "{}", evaluation.wrong.join("\n"));
    assert!(evaluation.asked >= 40 && evaluation.facts >= 120, "{evaluation:?}");
}
