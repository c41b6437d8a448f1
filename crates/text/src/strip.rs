//! One pass over a text: what hides is left out and counted.

use crate::{
    Removals, bidi,
    escape::Escapes,
    kind::{Kind, kind},
    neighbours::{may_join, takes_selector},
    tags,
};

/// The text without what hides; `None` when nothing hides in it.
pub(crate) fn strip(text: &str, removed: &mut Removals) -> Option<String> {
    if text.chars().all(|c| kind(c) == Kind::Plain) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut escapes = Escapes::default();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let next = at + c.len_utf8();
        at = match kind(c) {
            Kind::Escape => {
                let end = escapes.end(text, at);
                *if end.is_some() { &mut removed.ansi_escapes } else { &mut removed.control } += 1;
                end.unwrap_or(next)
            }
            Kind::Plain => {
                out.push(c);
                let tags =
                    if c == tags::BLACK_FLAG { tags::flag(&text[next..]) } else { None }.unwrap_or_default();
                out.push_str(tags);
                next + tags.len()
            }
            other => {
                single(other, c, text[next..].chars().next(), &mut out, removed);
                next
            }
        };
    }
    drop_unpaired(&mut out, removed);
    (out != text).then_some(out)
}

/// Decides on one character that has a rule of its own.
fn single(kind: Kind, c: char, after: Option<char>, out: &mut String, removed: &mut Removals) {
    let before = out.chars().next_back();
    match kind {
        Kind::LineEnd => {
            removed.normalised += 1;
            if (c, after) != ('\r', Some('\n')) {
                out.push('\n');
            }
        }
        Kind::Control => removed.control += 1,
        Kind::Tag => removed.tag_characters += 1,
        Kind::Override => removed.bidi += 1,
        Kind::ZeroWidthSpace => {
            removed.zero_width += 1;
            if before.is_some_and(|before| !before.is_whitespace()) {
                out.push(' ');
            }
        }
        Kind::Mark if before.is_some_and(|before| self::kind(before) == Kind::Mark) => removed.bidi += 1,
        Kind::Joiner if !may_join(out, after) => removed.zero_width += 1,
        Kind::Selector if !before.is_some_and(|before| takes_selector(before, c)) => {
            removed.variation_selectors += 1;
        }
        Kind::Invisible => removed.zero_width += 1,
        Kind::Plain | Kind::Escape | Kind::Nesting | Kind::Mark | Kind::Joiner | Kind::Selector => {
            out.push(c);
        }
    }
}

fn drop_unpaired(text: &mut String, removed: &mut Removals) {
    if !text.chars().any(|c| kind(c) == Kind::Nesting) {
        return;
    }
    let unpaired = bidi::unpaired(text);
    removed.bidi = removed.bidi.saturating_add(u32::try_from(unpaired.len()).unwrap_or(u32::MAX));
    let mut drop = unpaired.into_iter().peekable();
    let mut at = 0;
    text.retain(|c| {
        let here = at;
        at += c.len_utf8();
        drop.next_if_eq(&here).is_none()
    });
}
