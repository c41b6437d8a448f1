//! HTTP/2's frames by hand.

/// A client's opening words and its settings.
pub(crate) const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RESET: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A field, coded without tables.
pub(crate) fn field(name: &str, value: &str) -> Vec<u8> {
    [&[0][..], &text(name), &text(value)].concat()
}

/// A text with its length, of which seven bits are in the first byte.
fn text(text: &str) -> Vec<u8> {
    let (length, most) = (text.len(), 127);
    let mut coded = vec![u8::try_from(length.min(most)).expect("short")];
    if length >= most {
        let mut rest = length - most;
        while rest >= 128 {
            coded.push(u8::try_from(rest % 128).expect("short") | 128);
            rest /= 128;
        }
        coded.push(u8::try_from(rest).expect("short"));
    }
    coded.extend(text.as_bytes());
    coded
}

/// The frames in bytes: kind and stream of each that begins in them.
pub(crate) fn frames(mut bytes: &[u8]) -> Vec<(u8, u32)> {
    let mut all = Vec::new();
    while let [a, b, c, kind, _, s1, s2, s3, s4, rest @ ..] = bytes {
        all.push((*kind, u32::from_be_bytes([*s1, *s2, *s3, *s4])));
        bytes = rest.get(u32::from_be_bytes([0, *a, *b, *c]) as usize..).unwrap_or_default();
    }
    all
}
