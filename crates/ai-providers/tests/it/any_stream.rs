//! What holds for the decoder of event streams on any bytes. A property test and the fuzz target share it.

use crate::{Event, SseDecoder};

/// Bytes of an event that are taken.
const MOST: usize = 256;

/// Checks what holds for any bytes: however a stream is cut it says the same, and no event is longer than is taken.
pub(crate) fn hold(bytes: &[u8]) {
    let whole = SseDecoder::new(MOST).push(bytes);
    let is_short = |event: &Event| event.data.len() <= MOST && event.name.len() <= MOST;
    assert!(whole.iter().flatten().all(is_short), "{whole:?}");
    for size in [1, 7] {
        let mut decoder = SseDecoder::new(MOST);
        let mut events = Vec::new();
        let failed = bytes.chunks(size).find_map(|part| match decoder.push(part) {
            Ok(further) => {
                events.extend(further);
                None
            }
            Err(error) => Some(error),
        });
        match &whole {
            Ok(all) => assert_eq!((&events, failed), (all, None), "cut at every {size}"),
            // What came before it in the same part is lost with it.
            Err(error) => assert_eq!(failed, Some(*error), "cut at every {size}"),
        }
    }
}

/// Streams as providers send them, and nearly.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    [
        "\u{feff}: hi\r\nevent: a\r\ndata: one\r\ndata:two\r\n\r\nid: 7\nretry: 5\ndata\n\nevent: gone\n\n",
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":7}}}\n\n",
        "data: {\"é\":\"🦀\"}\r\rnonsense: x\ndata:  two spaces\n\ndata: [DONE]\n\ndata: unfinished\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}
