//! What hides in a text is removed and counted in its class.

use pm33_text::{Removals, clean};

fn none() -> Removals {
    Removals::default()
}

#[track_caller]
fn goes(text: &str, expected: &str, counted: Removals) {
    let cleaned = clean(text);
    assert_eq!((cleaned.text.as_ref(), cleaned.removed), (expected, counted), "{text:?}");
}

#[test]
fn tags_go_but_for_registered_flags() {
    let tags = |tag_characters| Removals { tag_characters, ..none() };
    goes("tag\u{e0069}\u{e0067}\u{e006e}s", "tags", tags(3));
    goes("\u{e0001}x\u{e007f}", "x", tags(2));
    goes("🏴\u{e0061}\u{e0062}\u{e007f}x", "🏴x", tags(3));
    // A registered sequence without its cancel tag, and one without its flag.
    goes("🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}", "🏴", tags(5));
    goes("x\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", "x", tags(6));
}

#[test]
fn controls_and_noncharacters_go() {
    let control = |control| Removals { control, ..none() };
    goes("bell\u{7}null\0del\u{7f}", "bellnulldel", control(3));
    goes("next\u{85}line \u{9b}x", "nextline x", control(2));
    goes("\u{fffe}\u{fdd0}\u{10ffff}x", "x", control(3));
    goes("end\u{1b}", "end", control(1));
}

#[test]
fn escape_sequences_go_whole() {
    let ansi = |ansi_escapes| Removals { ansi_escapes, ..none() };
    goes("red \u{1b}[1;31mtext\u{1b}[0m", "red text", ansi(2));
    goes("c1 \u{9b}31mtext", "c1 text", ansi(1));
    goes("title\u{1b}]0;evil\u{7}!", "title!", ansi(1));
    goes("\u{1b}]8;;http://example.test\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link", ansi(2));
    goes("\u{9d}0;evil\u{9c}x", "x", ansi(1));
    goes("\u{1b}Pdevice\u{1b}\\x\u{1b}(B\u{1b}c", "x", ansi(3));
    goes("cut \u{1b}[31", "cut ", ansi(1));
    goes("odd \u{1b}[3é", "odd é", ansi(1));
    // Without its end a control string must not swallow the text after it.
    goes("a\u{1b}]0;kept\nnext line\u{7}", "a0;kept\nnext line", Removals { control: 1, ..ansi(1) });
}

#[test]
fn overrides_and_lonely_bidi_controls_go() {
    let bidi = |bidi| Removals { bidi, ..none() };
    goes("a\u{202e}b\u{202c}c\u{202d}", "abc", bidi(3));
    goes("open \u{2066}isolate", "open isolate", bidi(1));
    goes("\u{2069}closed\u{202c}", "closed", bidi(2));
    goes("\u{2067}not over\nlines\u{2069}", "not over\nlines", bidi(2));
    goes("\u{2066}\u{202a}x\u{2069}\u{202c}", "\u{2066}x\u{2069}", bidi(2));
    goes("empty\u{2066}\u{2068} \u{2069}\u{2069}", "empty ", bidi(4));
    let deep = |count| ("\u{2068}".repeat(count), "\u{2069}".repeat(count));
    let ((four, closed), (open, close)) = (deep(4), deep(125));
    goes(&format!("{open}a{close}"), &format!("{four}a{closed}"), bidi(242));
    goes(
        "\u{202a}\u{202b}\u{2066}\u{2067}\u{202a}\u{2068}x\u{2069}\u{202c}y\u{2069}\u{2069}\u{202c}\u{202c}",
        "\u{202a}\u{202b}\u{2066}\u{2067}xy\u{2069}\u{2069}\u{202c}\u{202c}",
        bidi(4),
    );
    goes("marks\u{200e}\u{200f}\u{200e}!", "marks\u{200e}!", bidi(2));
}

#[test]
fn zero_width_characters_go_and_the_space_becomes_one() {
    let zero_width = |zero_width| Removals { zero_width, ..none() };
    goes("zero\u{200b}width", "zero width", zero_width(1));
    goes("\u{200b}a\u{200b}\u{200b}\u{200b}b \u{200b}c", "a b c", zero_width(5));
    goes("\u{feff}word\u{2060}joined\u{feff}", "wordjoined", zero_width(3));
    goes("x\u{200d}y\u{200c}z", "xyz", zero_width(2));
    goes("می\u{200c}\u{200c}\u{200d}خواهم", "می\u{200c}خواهم", zero_width(2));
    goes("👨\u{200d}x", "👨x", zero_width(1));
    goes("soft\u{ad}hyphen\u{3164}\u{34f}\u{206a}", "softhyphen", zero_width(4));
}

#[test]
fn a_base_keeps_one_selector_of_its_own() {
    let selectors = |variation_selectors| Removals { variation_selectors, ..none() };
    goes("a\u{fe0f}\u{fe01}b", "ab", selectors(2));
    goes("☀\u{fe0f}\u{fe01}\u{fe02}", "☀\u{fe0f}", selectors(2));
    goes("😀\u{e0148}\u{e0155}\u{e015c}", "😀", selectors(3));
    goes("葛\u{e0100}\u{e0101}", "葛\u{e0100}", selectors(1));
}

#[test]
fn what_removal_brings_together_is_composed() {
    goes("e\u{2060}\u{301}", "é", Removals { zero_width: 1, ..none() });
    assert_eq!(clean("\u{1b}\u{2060}[31mx").text, "[31mx");
    assert_eq!(clean("\u{1b}\u{1b}[31mx").text, "x");
}
