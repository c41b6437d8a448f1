//! What people write in any language comes through unchanged.

use std::borrow::Cow;

use pm33_text::{Removals, clean};

#[test]
fn honest_text_is_borrowed_and_nothing_is_counted() {
    for text in [
        "",
        "Plain ASCII, with\ttab and\nline",
        "Grüße, naïve café – “quotes” … 100 % €",
        "Как дела? Ελληνικά Հայերեն",
        "مرحبا بالعالم",
        "می\u{200c}خواهم",
        "PDF\u{200c}ها و ۱۰\u{200c}ها",
        "ه\u{200d} ",
        "שלום \u{200f}עולם \u{200e}123",
        "👨\u{200d}👩\u{200d}👧\u{200d}👦 family 👩🏽\u{200d}🚀",
        "❤\u{fe0f} heart ❤\u{fe0f}\u{200d}🔥",
        "🏳\u{fe0f}\u{200d}🌈 🏴\u{200d}☠\u{fe0f}",
        "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} England",
        "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} Scotland",
        "🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f} Wales",
        "🇪🇺 🇧🇷 flags",
        "क\u{94d}\u{200d}ष श\u{94d}र\u{940}",
        "ශ\u{dca}\u{200d}ර\u{dd3}",
        "ക\u{d4d}\u{200c}",
        "ᠮᠣᠩ\u{180b}ᠭᠣᠯ",
        "\u{2067}paired isolate\u{2069} and \u{202a}embedding\u{202c}",
        "\u{2068}outer \u{2066}inner\u{2069}\u{2069}",
        "\u{202b}\u{2067}a \u{2066}b \u{2068}c\u{2069}\u{2069}\u{2069}\u{202c}",
        "1\u{fe0f}\u{20e3} #\u{fe0f}\u{20e3} keycaps ™\u{fe0f} ↔\u{fe0e}",
        "葛\u{e0100}城 日本語のタイトル 한국어 ภาษาไทย",
        "∩\u{fe00} 0\u{fe00}",
        "\u{e000} private use",
    ] {
        let cleaned = clean(text);
        assert_eq!((cleaned.text.as_ref(), cleaned.removed), (text, Removals::default()));
        assert!(matches!(cleaned.text, Cow::Borrowed(_)), "{text:?}");
    }
}

#[test]
fn line_ends_and_composition_are_normalised_and_counted_apart() {
    for (text, expected, normalised) in [
        ("a\r\nb\rc", "a\nb\nc", 2),
        ("a\u{2028}b\u{2029}", "a\nb\n", 2),
        ("e\u{301}", "é", 1),
        ("\u{212b}", "Å", 1),
        ("\u{1100}\u{1161}", "가", 1),
    ] {
        let cleaned = clean(text);
        assert_eq!(cleaned.text, expected, "{text:?}");
        assert_eq!((cleaned.removed.normalised, cleaned.removed.total()), (normalised, 0), "{text:?}");
    }
}
