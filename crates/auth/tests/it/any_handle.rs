//! What holds for the opener of handles on any bytes. Property tests and the fuzz target share it.

use pm33_auth::Sealer;
use pm33_tenancy::Timestamp;
use secrecy::SecretBox;

const NOW: Timestamp = Timestamp::from_micros(1_000);
const LATER: Timestamp = Timestamp::from_micros(2_000);
const PURPOSE: &str = "cursor";
const BINDING: [&[u8]; 2] = [b"tenant", b"key"];

fn sealer() -> Sealer {
    Sealer::new(&[SecretBox::new(Box::new([7; 32]))]).unwrap()
}

/// Checks what holds for any bytes: nothing opens but what was sealed, to the letter.
pub(crate) fn hold(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let opened = sealer().open(PURPOSE, &BINDING, text, NOW);
    assert_eq!(opened.is_ok(), seeds().iter().any(|seed| seed == bytes), "{text}");
    assert!(sealer().open("state", &BINDING, text, NOW).is_err(), "opened for another purpose: {text}");
}

/// Handles with payloads of several lengths, so that every padding occurs.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let seal = |payload: &[u8]| sealer().seal(PURPOSE, &BINDING, payload, LATER).into_bytes();
    [&b""[..], b"1", b"22", b"333", b"{\"after\":[1,2,3]}"].map(seal).to_vec()
}
