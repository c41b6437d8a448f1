//! Lines of input, each within a bound; an overlong one is passed over without being kept.

use std::io;

use bytes::Bytes;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// One step of reading.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line without its end.
    Whole(Bytes),
    /// A line longer than the bound was passed over.
    TooLong,
    /// No more input.
    End,
}

/// Reads lines.
pub(crate) struct Lines<R> {
    reader: BufReader<R>,
    /// The begin of a line whose end has not come.
    begun: Vec<u8>,
    most: usize,
    skipping: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    /// Reads lines of at most `most` bytes.
    pub(crate) fn new(reader: R, most: usize) -> Self {
        Self {
            reader: BufReader::with_capacity(CHUNK_BYTES, reader),
            begun: Vec::new(),
            most,
            skipping: false,
        }
    }

    /// The next line that is not blank. Nothing is lost when the future is dropped before its end.
    pub(crate) async fn next(&mut self) -> io::Result<Line> {
        loop {
            let chunk = self.reader.fill_buf().await?;
            if chunk.is_empty() {
                // A last line may lack its end.
                return Ok(self.finish(&[]).unwrap_or(Line::End));
            }
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let part = end.and_then(|end| chunk.get(..end)).unwrap_or(chunk);
            let used = part.len() + usize::from(end.is_some());
            if self.begun.len() + part.len() > self.most {
                self.skipping = true;
                self.begun = Vec::new();
            }
            if end.is_some() {
                // Most lines lie whole in one chunk: they are copied once, to where they stay.
                let part = if self.skipping { Bytes::new() } else { Bytes::copy_from_slice(part) };
                self.reader.consume(used);
                if let Some(line) = self.finish(&part) {
                    return Ok(line);
                }
            } else {
                if !self.skipping {
                    self.begun.extend_from_slice(part);
                }
                self.reader.consume(used);
            }
        }
    }

    fn finish(&mut self, rest: &[u8]) -> Option<Line> {
        if std::mem::take(&mut self.skipping) {
            return Some(Line::TooLong);
        }
        let mut line = std::mem::take(&mut self.begun);
        line.extend_from_slice(rest);
        if line.trim_ascii().is_empty() { None } else { Some(Line::Whole(line.into())) }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::{Line, Lines};

    fn read(pieces: &[&[u8]], most: usize) -> Vec<Line> {
        use tokio::io::AsyncWriteExt;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap_or_else(|error| unreachable!("{error}"));
        runtime.block_on(async {
            let (mut far, near) = tokio::io::duplex(16);
            let writing = async {
                for piece in pieces {
                    assert!(far.write_all(piece).await.is_ok());
                }
                drop(far);
            };
            let reading = async {
                let mut lines = Lines::new(near, most);
                let mut all = Vec::new();
                loop {
                    match lines.next().await {
                        Ok(Line::End) => return all,
                        Ok(line) => all.push(line),
                        Err(error) => unreachable!("{error}"),
                    }
                }
            };
            tokio::join!(writing, reading).1
        })
    }

    fn whole(text: &'static str) -> Line {
        Line::Whole(Bytes::from_static(text.as_bytes()))
    }

    #[test]
    fn lines_are_bounded_and_blank_ones_passed_over() {
        let lines = read(&[b"one\n\r\n  \ntw", b"o\nthis is far too long for it\nthree\nlast"], 8);
        assert_eq!(lines, [whole("one"), whole("two"), Line::TooLong, whole("three"), whole("last")]);
        assert_eq!(read(&[b"12345678\n123456789\n"], 8), [whole("12345678"), Line::TooLong]);
        assert_eq!(read(&[b"123456789"], 8), [Line::TooLong]);
    }

    proptest! {
        #[test]
        fn cutting_the_input_elsewhere_changes_nothing(text in "[ab\n]{0,60}", cut in 0_usize..60) {
            let bytes = text.as_bytes();
            let (left, right) = bytes.split_at(cut.min(bytes.len()));
            prop_assert_eq!(read(&[left, right], 5), read(&[bytes], 5));
        }
    }
}
