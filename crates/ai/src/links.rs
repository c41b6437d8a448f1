//! Links and images in a model's answer: those that lead elsewhere are made harmless, the words stay.

use std::sync::LazyLock;

use regex::Regex;

/// A text without foreign links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neutralised {
    /// The text.
    pub text: String,
    /// Links and images that were made harmless.
    pub removed: u32,
}

/// Markdown images and links, HTML tags that load something, and bare addresses of any scheme with an authority; the begin
/// of one alone too, which what comes after could complete.
static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?xi) (?P<image> !\[ (?P<alt>[^\]]*) \] \s* (?: \( [^)]* \) | \[ [^\]]* \] ) )
        | (?P<link> \[ (?P<words>[^\]]*) \] \( \s* <? (?P<target>[^)\s>]*) [^)]* \) )
        | (?P<tag> < /? \s* (?: img|iframe|script|object|embed|link|svg|video|audio|form|a|base|meta|style ) \b [^>]* >? )
        | (?P<definition> (?m:^) [\ ]{0,3} \[ [^\]]+ \] : \s* \S+ )
        | (?P<bare> \b (?: [a-z][a-z0-9+.-]* : (?: // | \\\\ ) | www\. | javascript: | data: (?: text|image|application ) / ) [^\s<>()\[\]]* )",
    )
    .ok()
});

/// Makes links harmless that do not begin with one of the allowed prefixes (`pm33://` is the program's own). Images are
/// never kept: a client would load them.
pub fn neutralise(text: &str, allowed: &[&str]) -> Neutralised {
    let Some(pattern) = LINK.as_ref() else {
        return Neutralised { text: String::new(), removed: 1 };
    };
    let may_stay = |target: &str| allowed.iter().any(|prefix| target.starts_with(prefix));
    let mut current = text.to_owned();
    let mut removed = 0;
    // What is left of one link may complete another around it; every round takes something away, so it ends.
    loop {
        let mut found = 0;
        let next = pattern.replace_all(&current, |captures: &regex::Captures<'_>| {
            let part = |name| captures.name(name).map(|found: regex::Match<'_>| found.as_str());
            let whole = captures.get(0).map_or("", |whole| whole.as_str());
            if part("link").is_some() && part("target").is_some_and(may_stay) {
                return whole.to_owned();
            }
            if part("bare").is_some_and(may_stay) {
                return whole.to_owned();
            }
            found += 1;
            if part("image").is_some() {
                return part("alt").unwrap_or_default().to_owned();
            }
            if part("link").is_some() {
                return part("words").unwrap_or_default().to_owned();
            }
            String::new()
        });
        if found == 0 {
            return Neutralised { text: current, removed };
        }
        removed += found;
        current = next.into_owned();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn foreign_links_go_and_words_stay() {
        for (text, clean) in [
            ("see [the plan](https://evil.example/x?y=1) now", "see the plan now"),
            ("![chart](https://evil.example/p.png)", "chart"),
            ("![chart][ref]\n[ref]: https://evil.example/p.png", "chart\n"),
            ("go to https://evil.example/x.", "go to "),
            ("<img src=x onerror=alert(1)>text", "text"),
            ("<script>alert(1)</script>", "alert(1)"),
            ("[x](javascript:alert(1))", "x)"),
            ("data:text/html;base64,AAAA and www.evil.example", " and "),
            ("[a![b](https://e.example)](https://f.example)", "ab"),
            ("https://[[EMAIL_1]]/x and https:\\\\evil.example/x", "[[EMAIL_1]]/x and "),
        ] {
            let found = neutralise(text, &["pm33://"]);
            assert_eq!(found.text, clean, "{text}");
            assert!(found.removed > 0);
        }
    }

    #[test]
    fn what_is_allowed_and_what_is_no_link_stays() {
        let text = "See [PAY-1](pm33://item/main/PAY-1), pm33://document/main/1; ratio 3:1, a [note], f(x), a < b, 5 > 3.";
        assert_eq!(neutralise(text, &["pm33://"]), Neutralised { text: text.to_owned(), removed: 0 });
    }

    proptest! {
        #[test]
        fn nothing_that_loads_is_left(parts in prop::collection::vec(prop_oneof![
            Just("!["), Just("]("), Just("https://e.example/"), Just(")"), Just("["), Just("<img "), Just(">"), Just("x"), Just("\n"),
        ], 0..20)) {
            let clean = neutralise(&parts.concat(), &["pm33://"]).text;
            prop_assert!(!clean.contains("https://"), "{}", clean);
            prop_assert!(!clean.to_lowercase().contains("<img"), "{}", clean);
            prop_assert_eq!(neutralise(&clean, &["pm33://"]).removed, 0);
        }
    }
}
