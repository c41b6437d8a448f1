//! What holds for the redactor on any text. Property tests and the fuzz target share it.

use pm33_ai::Redactor;

/// Checks what holds for any bytes, read as a text: it comes back whole, also in parts and beside a second text.
pub(crate) fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut redactor = Redactor::default();
    let sent = redactor.redact(&text);
    let values = redactor.redacted().values;
    assert_eq!(redactor.redact(&text), sent, "one value has one placeholder");
    assert_eq!(redactor.redacted().values, values);
    let restored = redactor.restore(&sent);
    assert_eq!((restored.text.as_str(), restored.unknown), (&*text, 0), "{sent:?}");
    let mut restorer = redactor.restorer();
    let cut = bytes.first().map_or(0, |byte| usize::from(*byte)).min(sent.len());
    let cut = (0..=cut).rev().find(|place| sent.is_char_boundary(*place)).unwrap_or_default();
    let mut told = restorer.push(&sent[..cut]);
    told.push_str(&restorer.push(&sent[cut..]));
    told.push_str(&restorer.finish());
    assert_eq!(told, *text, "cut at {cut} of {sent:?}");
}

/// Texts with what the recognisers know, and nearly.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    [
        "ask ada@example.org, [[EMAIL_1]] or [[[bob@example.org]]] at 203.0.113.9 or 2001:db8::8a2e:370:7334",
        "12 4111 1111 1111 1111 99, GB82 WEST 1234 5698 7654 32 and GB82 WEST 1234 5698 7654 33",
        "+44 20 7946 0958, (415) 555-0132, 078-05-1120, std::add, version 1.2.3.4.5",
        "postgres://user:hunter2@db.example/prod, AKIAIOSFODNN7EXAMPLE, ghp_0123456789abcdefghij0123456789abcdef",
        "-----BEGIN PRIVATE KEY-----\nMIIE",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}
