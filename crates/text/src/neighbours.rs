//! What joiners and variation selectors need beside them to be honest.

use unicode_normalization::char::is_combining_mark;

/// Most marks that a base is looked for behind; a longer pile is no honest text and would make looking dear.
const MARKS_MAX: usize = 16;

/// Whether a joiner between these two is honest: between two emoji, or beside a character of a script that joins, on
/// either side (`PDF` and a Persian plural ending are parted by one). A joiner after a joiner never is.
pub(crate) fn may_join(before: &str, after: Option<char>) -> bool {
    let after_joins = after.is_some_and(joins);
    if matches!(before.chars().next_back(), None | Some('\u{200c}' | '\u{200d}')) {
        return after_joins && before.is_empty();
    }
    let skipped = |c: &char| is_combining_mark(*c) || matches!(c, '\u{fe0e}' | '\u{fe0f}');
    let base = before.chars().rev().take(MARKS_MAX).find(|c| !skipped(c));
    after_joins || base.is_some_and(|base| joins(base) || (is_emoji(base) && after.is_some_and(is_emoji)))
}

/// Whether a base takes this variation selector, by what Unicode and the ideographic database define selectors for.
pub(crate) fn takes_selector(base: char, selector: char) -> bool {
    let at = u32::from(base);
    let ideograph = matches!(at, 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff);
    match selector {
        '\u{fe0e}' | '\u{fe0f}' => {
            is_emoji(base)
                || matches!(base, '#' | '*' | '0'..='9')
                || matches!(at, 0x3000..=0x303f | 0x3297 | 0x3299)
        }
        '\u{fe00}'..='\u{fe0d}' => {
            ideograph
                || base == '0'
                || matches!(at, 0x1000..=0x109f | 0x2018..=0x201d | 0x2205..=0x2aff | 0x3000..=0x303f | 0xa840..=0xa87f
                    | 0xaa60..=0xaa7f | 0xff00..=0xff60 | 0x10ac0..=0x10aff | 0x11480..=0x114df | 0x13000..=0x143ff)
        }
        '\u{180b}'..='\u{180f}' => matches!(at, 0x1800..=0x180a | 0x1820..=0x18aa),
        _ => ideograph,
    }
}

/// Blocks that hold emoji and the symbols that combine with them.
fn is_emoji(c: char) -> bool {
    matches!(u32::from(c),
        0xa9 | 0xae | 0x203c | 0x2049 | 0x20e3 | 0x2122 | 0x2139 | 0x2190..=0x21ff | 0x2300..=0x23ff | 0x24c2
        | 0x25a0..=0x27bf | 0x2934 | 0x2935 | 0x2b00..=0x2bff | 0x3030 | 0x303d | 0x3297 | 0x3299 | 0x1f000..=0x1faff)
}

/// Letters, digits and marks of scripts in which joiners choose shapes: Arabic and its relatives, Brahmic scripts,
/// Mongolian and others.
fn joins(c: char) -> bool {
    joining_block(c) && (c.is_alphanumeric() || is_combining_mark(c))
}

fn joining_block(c: char) -> bool {
    matches!(u32::from(c),
        0x0600..=0x08ff | 0x0900..=0x0eff | 0x0f00..=0x109f | 0x1700..=0x18af | 0x1900..=0x1aaf | 0x1b00..=0x1c4f
        | 0x1cd0..=0x1cff | 0xa800..=0xa8ff | 0xa930..=0xa9ff | 0xaa00..=0xaa7f | 0xabc0..=0xabff | 0xfb50..=0xfdcf
        | 0xfdf0..=0xfdff | 0xfe70..=0xfefc | 0x10ac0..=0x10bff | 0x10d00..=0x10d3f | 0x11000..=0x11fff
        | 0x1e900..=0x1e95f)
}
