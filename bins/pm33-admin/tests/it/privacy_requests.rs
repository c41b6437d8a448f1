//! Requests about personal data, as an operator files, follows and ends them.

use crate::command::{acme, json, rows, run, text};

#[test]
fn a_request_goes_its_way_from_the_letter_to_the_answer() {
    let folder = acme();
    let home = folder.path();
    let filed =
        json(home, "privacy request acme restriction --user ada --law gdpr --received 2026-01-31T10:00:00Z");
    let id = text(&filed, "request");
    assert_eq!(text(&filed, "answer by"), "2026-02-28T10:00:00Z");
    assert_eq!(text(&filed, "state"), "received, overdue");
    let refused = run(home, &format!("privacy complete acme {id}"));
    assert!(!refused.is_ok && refused.complained.contains("verify-identity"), "{}", refused.complained);
    let late = run(home, &format!("privacy extend acme {id} --reason many"));
    assert!(!late.is_ok && late.complained.contains("until"), "{}", late.complained);
    json(home, &format!("privacy verify-identity acme {id} --how call_back"));
    let done = json(home, &format!("privacy complete acme {id}"));
    assert_eq!(text(&done, "state"), "completed");
    let holds = json(home, "privacy limit acme");
    assert_eq!(holds[0]["of"], "ada");
    assert_eq!(holds[0]["limit"], "restricted");
    json(home, "privacy lift acme restricted --user ada");
    assert!(!run(home, "privacy lift acme restricted --user ada").is_ok);
    assert_eq!(json(home, "privacy limit acme").as_array().map(Vec::len), Some(0));

    let whole = text(&json(home, "privacy request acme access"), "request");
    let told = json(home, &format!("privacy extend acme {whole} --reason large"));
    assert_eq!(text(&told, "because"), "large");
    let told = json(home, &format!("privacy refuse acme {whole} --reason unfounded"));
    assert_eq!((text(&told, "state"), text(&told, "note")), ("refused".to_owned(), "unfounded".to_owned()));
    assert_eq!(rows(home, "privacy list acme").len(), 2);
    assert_eq!(rows(home, "privacy list acme --open").len(), 0);
    // Each act is in the audit log, with the request and nobody's name.
    let acts: Vec<_> = rows(home, "audit list acme")
        .iter()
        .filter_map(|row| row["method"].as_str()?.strip_prefix("admin/privacy.").map(str::to_owned))
        .collect();
    assert_eq!(acts, ["request", "identity", "limit", "complete", "lift", "request", "extend", "refuse"]);
}

#[test]
fn what_cannot_be_is_refused_in_words() {
    let folder = acme();
    for (words, expected) in [
        ("privacy request acme access --user nobody", "user list"),
        ("privacy request acme forgetting", "kinds are"),
        ("privacy request acme access --received 2999-01-01T00:00:00Z", "future"),
        ("privacy show acme 01890000-0000-7000-8000-000000000000", "privacy list acme"),
        ("privacy limit acme forbidden", "limits are"),
    ] {
        let refused = run(folder.path(), words);
        assert!(!refused.is_ok && refused.complained.contains(expected), "{words}: {}", refused.complained);
    }
}
