//! Server-sent events, decoded as the standard says, from parts that may end anywhere.

/// An event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Its name; empty when the stream gives none.
    pub name: String,
    /// Its data; lines are joined by LF.
    pub data: String,
}

/// Why a stream cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SseError {
    /// A line or an event is longer than is taken.
    #[error("an event is longer than {most} bytes")]
    TooLong {
        /// What is taken.
        most: usize,
    },
    /// Data that is not UTF-8.
    #[error("an event is not UTF-8")]
    NotUtf8,
}

/// Decodes a stream part by part.
#[derive(Debug)]
pub struct SseDecoder {
    most: usize,
    line: Vec<u8>,
    data: String,
    name: String,
    has_data: bool,
    /// Whether the last byte was CR: a LF that follows belongs to it.
    after_cr: bool,
    begun: bool,
}

impl SseDecoder {
    /// A decoder that takes events of up to so many bytes.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            line: Vec::new(),
            data: String::new(),
            name: String::new(),
            has_data: false,
            after_cr: false,
            begun: false,
        }
    }

    /// Takes a part; the events that it completes. An event without its empty line is none.
    ///
    /// # Errors
    /// The stream is not to be read on then.
    pub fn push(&mut self, part: &[u8]) -> Result<Vec<Event>, SseError> {
        let mut events = Vec::new();
        for &byte in part {
            match byte {
                b'\n' if std::mem::take(&mut self.after_cr) => {}
                b'\n' | b'\r' => {
                    self.after_cr = byte == b'\r';
                    events.extend(self.end_line()?);
                }
                _ => {
                    self.after_cr = false;
                    if self.line.len() + self.data.len() >= self.most {
                        return Err(SseError::TooLong { most: self.most });
                    }
                    self.line.push(byte);
                }
            }
        }
        Ok(events)
    }

    fn end_line(&mut self) -> Result<Option<Event>, SseError> {
        let bytes = std::mem::take(&mut self.line);
        let mut line = str::from_utf8(&bytes).map_err(|_| SseError::NotUtf8)?;
        if !std::mem::replace(&mut self.begun, true) {
            line = line.strip_prefix('\u{feff}').unwrap_or(line);
        }
        if line.is_empty() {
            let (name, data) = (std::mem::take(&mut self.name), std::mem::take(&mut self.data));
            return Ok(std::mem::take(&mut self.has_data).then_some(Event { name, data }));
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            "event" => value.clone_into(&mut self.name),
            // Comments, `id`, `retry` and what nobody knows.
            _ => {}
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &[u8] = "\u{feff}: hi\r\nevent: a\r\ndata: one\r\ndata:two\r\n\r\nid: 7\nretry: 5\ndata\n\nevent: gone\n\ndata: {\"é\":\"🦀\"}\r\rnonsense: x\ndata:  two spaces\n\ndata: unfinished\n".as_bytes();

    fn expected() -> Vec<Event> {
        let event = |name: &str, data: &str| Event { name: name.to_owned(), data: data.to_owned() };
        vec![event("a", "one\ntwo"), event("", ""), event("", "{\"é\":\"🦀\"}"), event("", " two spaces")]
    }

    #[test]
    fn a_stream_may_be_split_at_any_byte() {
        for first in 0..=STREAM.len() {
            for second in first..=STREAM.len() {
                let mut decoder = SseDecoder::new(1_000);
                let parts = [&STREAM[..first], &STREAM[first..second], &STREAM[second..]];
                let events: Vec<_> = parts.into_iter().flat_map(|part| decoder.push(part).unwrap()).collect();
                assert_eq!(events, expected(), "{first} {second}");
            }
        }
        let mut decoder = SseDecoder::new(1_000);
        let events: Vec<_> = STREAM.iter().flat_map(|byte| decoder.push(&[*byte]).unwrap()).collect();
        assert_eq!(events, expected());
    }

    #[test]
    fn ten_mebibytes_pass_and_more_than_is_taken_does_not() {
        let data = "x".repeat(10 << 20);
        let stream = format!("data: {data}\n\n");
        let mut decoder = SseDecoder::new(11 << 20);
        let events: Vec<_> =
            stream.as_bytes().chunks(65_536).flat_map(|part| decoder.push(part).unwrap()).collect();
        assert_eq!(events.first().map(|event| event.data.len()), Some(10 << 20));
        assert_eq!(
            SseDecoder::new(9 << 20).push(stream.as_bytes()),
            Err(SseError::TooLong { most: 9 << 20 })
        );
        let many = "data: 1234567890\n".repeat(100);
        assert!(SseDecoder::new(500).push(many.as_bytes()).is_err(), "lines of one event add up");
        assert_eq!(SseDecoder::new(9).push(b"data: \xff\n"), Err(SseError::NotUtf8));
    }
}
