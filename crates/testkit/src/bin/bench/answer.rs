//! The check of every answer: its id, that it is no error, and that it tells what was asked.

use anyhow::{bail, ensure};
use memchr::memmem;

use crate::{plan::Question, template};

/// Checks a JSON-RPC answer's bytes.
pub(crate) fn check(body: &[u8], number: u64, question: Question, key: &str) -> anyhow::Result<()> {
    let id = format!("\"id\":{}", template::id(number));
    let told = memmem::find(body, id.as_bytes()).and_then(|at| body.get(at + id.len()));
    if !matches!(told, Some(b',' | b'}')) {
        bail!("not the answer to {id}: {}", shown(body));
    }
    ensure!(memmem::find(&body[..body.len().min(80)], b"\"result\":").is_some(), "an error: {}", shown(body));
    ensure!(memmem::find(body, b"\"isError\":true").is_none(), "a refusal: {}", shown(body));
    match question {
        Question::OneItem => {
            ensure!(memmem::find(body, key.as_bytes()).is_some(), "not {key}: {}", shown(body));
        }
        Question::FirstPage => {
            // Only in the structured content: the text block has its quotes escaped.
            let items = memmem::find_iter(body, b"\"key\":\"PM-").count();
            ensure!(items == 25, "{items} items instead of 25: {}", shown(body));
        }
    }
    Ok(())
}

/// The beginning of an answer, for words about it.
pub(crate) fn shown(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(400)]).into_owned()
}
