//! Lines that are no message: one whose identifier can be read is answered by it, the others are passed over, and the
//! server goes on.

use serde_json::{Value, json};

use crate::piped::{Piped, message};

#[test]
fn a_bad_line_is_answered_by_its_id_or_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Piped::start(folder.path(), &[("PM33_STDIO_LINE_BYTES", "300000")]);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let long = "x".repeat(300_000);
    // Each line, and the answer's identifier and code; nothing where nobody can be answered.
    let lines: Vec<(String, Option<(Value, i64)>)> = vec![
        ("hello".to_owned(), None),
        (r#"{"jsonrpc":"2.0","id":1,"method":"#.to_owned(), None),
        (r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"x":NaN}}"#.to_owned(), None),
        (deep.clone(), None),
        (
            format!(r#"{{"jsonrpc":"2.0","id":"d","method":"a","params":{deep}}}"#),
            Some((json!("d"), -32_600)),
        ),
        (
            r#"{"jsonrpc":"2.0","id":2,"method":"a","params":{"x":"\ud800"}}"#.to_owned(),
            Some((json!(2), -32_600)),
        ),
        (r#"{"jsonrpc":"2.0","id":3}"#.to_owned(), Some((json!(3), -32_600))),
        (r#"{"jsonrpc":"1.0","id":4,"method":"a"}"#.to_owned(), Some((json!(4), -32_600))),
        (message(&json!(5), "no/such", json!({})), Some((json!(5), -32_601))),
        (message(&json!(6), "tools/call", json!({ "name": "no_such" })), Some((json!(6), -32_602))),
        (format!(r#"{{"jsonrpc":"2.0","id":7,"method":"{long}"}}"#), None),
        (
            r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}"#.to_owned(),
            None,
        ),
        (r#"{"jsonrpc":"2.0","method":"no/such"}"#.to_owned(), None),
    ];
    for (line, expected) in &lines {
        server.say(line);
        // What is passed over is followed by an answer to something else.
        let marker = message(&json!("next"), "server/discover", json!({}));
        let shown: String = line.chars().take(80).collect();
        if let Some((id, code)) = expected {
            let answer = server.hear();
            assert_eq!(
                (&answer["id"], answer["error"]["code"].as_i64()),
                (id, Some(*code)),
                "{shown}: {answer}"
            );
            assert!(answer["error"]["message"].as_str().is_some_and(|words| words.len() > 10), "{answer}");
        }
        server.say(&marker);
        let answer = server.hear();
        assert!(answer["id"] == "next" && answer["result"].is_object(), "{shown}: {answer}");
    }
    assert_eq!(server.end(), (String::new(), true));
    let log = std::fs::read_to_string(folder.path().join("log")).expect("a log");
    assert!(log.contains("not JSON") && log.contains("above the bound"), "{log}");
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn a_signal_ends_it_while_its_input_is_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Piped::start(folder.path(), &[]);
    server.say(&message(&json!(1), "server/discover", json!({})));
    assert!(server.hear()["result"].is_object());
    assert!(server.terminate());
}
