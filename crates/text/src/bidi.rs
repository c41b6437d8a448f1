//! Pairing of bidirectional embeddings and isolates (UAX 9): what is unpaired, encloses nothing or is nested too deep goes.

use crate::kind::shows;

/// Deepest nesting that stays. UAX 9 defines 125 levels; honest text nests once or twice, and what lies deeper shows
/// nothing and can carry text.
const DEPTH_MAX: usize = 4;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Opener {
    Embedding,
    Isolate,
}

struct Open {
    at: usize,
    opener: Opener,
    has_content: bool,
}

/// Byte offsets of the characters to drop, ascending; pairs never cross a line end.
pub(crate) fn unpaired(text: &str) -> Vec<usize> {
    let mut drop = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut isolates = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '\u{202a}' | '\u{202b}' | '\u{2066}'..='\u{2068}' => {
                let opener = if c < '\u{2066}' { Opener::Embedding } else { Opener::Isolate };
                isolates += usize::from(opener == Opener::Isolate);
                open.push(Open { at, opener, has_content: false });
            }
            '\u{202c}' => match open.pop_if(|last| last.opener == Opener::Embedding) {
                Some(pair) => close(&pair, at, &mut open, &mut drop),
                None => drop.push(at),
            },
            '\u{2069}' if isolates == 0 => drop.push(at),
            '\u{2069}' => {
                isolates -= 1;
                while let Some(last) = open.pop() {
                    if last.opener == Opener::Isolate {
                        close(&last, at, &mut open, &mut drop);
                        break;
                    }
                    // An embedding that its isolate ends before it was closed.
                    drop.push(last.at);
                    if let (true, Some(outer)) = (last.has_content, open.last_mut()) {
                        outer.has_content = true;
                    }
                }
            }
            '\n' => {
                drop.extend(open.drain(..).map(|one| one.at));
                isolates = 0;
            }
            _ => {
                if let Some(inner) = open.last_mut().filter(|_| shows(c)) {
                    inner.has_content = true;
                }
            }
        }
    }
    drop.extend(open.into_iter().map(|one| one.at));
    drop.sort_unstable();
    drop
}

/// A pair stays when it encloses something that shows and is not nested too deep; what it encloses, its surrounding pair
/// encloses too.
fn close(pair: &Open, end: usize, outer: &mut [Open], drop: &mut Vec<usize>) {
    if !pair.has_content || outer.len() >= DEPTH_MAX {
        drop.extend([pair.at, end]);
    }
    if let (true, Some(outer)) = (pair.has_content, outer.last_mut()) {
        outer.has_content = true;
    }
}
