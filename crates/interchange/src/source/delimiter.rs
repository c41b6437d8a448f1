//! Which character separates the cells of a table.

/// What is looked for, the usual ones first.
const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The separator that cuts the first line into most cells; a comma when none does.
pub(super) fn delimiter(head: &str) -> u8 {
    let count = |wanted: u8| {
        let mut quoted = false;
        let mut found = 0_usize;
        for byte in head.trim_start_matches(['\r', '\n']).bytes() {
            match byte {
                b'"' => quoted = !quoted,
                b'\r' | b'\n' if !quoted => break,
                other if other == wanted && !quoted => found += 1,
                _ => {}
            }
        }
        found
    };
    let mut best = (b',', 0);
    for candidate in CANDIDATES {
        let found = count(candidate);
        if found > best.1 {
            best = (candidate, found);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::delimiter;

    #[test]
    fn the_first_line_tells() {
        assert_eq!(delimiter("a,b,c\n1;2;3;4;5"), b',');
        assert_eq!(delimiter("ID;Title;\"a,b,c,d\"\r\n"), b';');
        assert_eq!(delimiter("ID\tTitle"), b'\t');
        assert_eq!(delimiter("\r\nID|Title"), b'|');
        assert_eq!(delimiter("alone"), b',');
    }
}
