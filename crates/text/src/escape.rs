//! Escape sequences of terminals (ECMA-48): how far one reaches.

/// Finds the ends of escape sequences in one text, in time linear in the text.
#[derive(Debug, Default)]
pub(crate) struct Escapes {
    /// Up to this offset no terminator of a control string is to be found.
    unterminated_to: usize,
}

impl Escapes {
    /// The offset after the sequence whose introducer is at `at`; `None` when it is a control on its own.
    ///
    /// CSI reaches to its final byte, or to the first character that cannot belong to it. A control string (OSC, DCS,
    /// SOS, PM, APC) reaches to BEL or ST on its own line; without one only its introducer goes. A C1 introducer
    /// counts only before a complete sequence: such bytes are more often text that was decoded wrongly.
    pub(crate) fn end(&mut self, text: &str, at: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        match (bytes.get(at)?, bytes.get(at + 1)?) {
            (0x1b, b'[') => Some(csi(bytes, at + 2).0),
            (0x1b, b']' | b'P' | b'X' | b'^' | b'_') => Some(self.string_end(text, at + 2).unwrap_or(at + 2)),
            (0x1b, 0x20..=0x2f) => {
                let last = bytes[at + 1..].iter().position(|byte| !(0x20..=0x2f).contains(byte))? + at + 1;
                (0x30..=0x7e).contains(&bytes[last]).then_some(last + 1)
            }
            (0x1b, 0x30..=0x7e) => Some(at + 2),
            // U+009B and U+009D are two bytes each.
            (0xc2, 0x9b) => match csi(bytes, at + 2) {
                (end, true) if end > at + 3 => Some(end),
                _ => None,
            },
            (0xc2, 0x9d) => self.string_end(text, at + 2),
            _ => None,
        }
    }

    fn string_end(&mut self, text: &str, from: usize) -> Option<usize> {
        if from < self.unterminated_to {
            return None;
        }
        let rest = &text[from..];
        // No further than the line or the sequence: a text of many sequences is not read to its end for each.
        let end = rest.char_indices().find_map(|(at, c)| match c {
            '\n' => Some((at, false)),
            '\u{7}' | '\u{9c}' => Some((at + c.len_utf8(), true)),
            '\u{1b}' if rest[at + 1..].starts_with('\\') => Some((at + 2, true)),
            _ => None,
        });
        match end {
            Some((length, true)) => Some(from + length),
            unterminated => {
                self.unterminated_to = unterminated.map_or(text.len(), |(length, _)| from + length);
                None
            }
        }
    }
}

/// Where the parameters and the final byte of a CSI end, and whether there was a final byte.
fn csi(bytes: &[u8], from: usize) -> (usize, bool) {
    let length = bytes[from..].iter().take_while(|byte| (0x20..=0x3f).contains(*byte)).count();
    match bytes.get(from + length) {
        Some(0x40..=0x7e) => (from + length + 1, true),
        _ => (from + length, false),
    }
}
