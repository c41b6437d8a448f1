//! Whatever a text is made of, the time it takes grows as the text does: nobody makes a server work by the square.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use pm33_text::{clean, detect};

const SHORT: usize = 16 << 10;
/// So many times as long.
const LONGER: usize = 16;
/// Times the time of the short one: twice what is linear, and an eighth of what is quadratic.
const MOST: u32 = 32;
const ROUNDS: usize = 5;

const PIECES: [&str; 12] = [
    "plain words ",
    "über straße ",
    "e\u{301}\u{302}u\u{308}",
    "\u{2067}\u{2066}a\u{2069}\u{2069}",
    "\u{2067}",
    "\u{2069}\u{202c}",
    "a\u{e0041}\u{202e}b\u{200b}c",
    "\u{1b}]8;;x\u{7}",
    "\u{1b}]",
    "\u{9d}x\u{9c}",
    "\u{1b}[31m\u{9b}1m",
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}",
];

#[expect(clippy::disallowed_methods, reason = "a test of times reads the clock")]
fn fastest(mut work: impl FnMut()) -> Duration {
    let took = (0..ROUNDS).map(|_| {
        let begun = Instant::now();
        work();
        begun.elapsed()
    });
    took.min().unwrap_or_default()
}

fn grows_as_its_text(what: &str, work: impl Fn(&str)) {
    for piece in PIECES {
        let short = piece.repeat(SHORT / piece.len());
        let long = short.repeat(LONGER);
        let (one, many) = (fastest(|| work(&short)), fastest(|| work(&long)));
        assert!(many <= one * MOST, "{what} of {piece:?}: {one:?}, {LONGER} times as much {many:?}");
    }
}

#[test]
fn cleaning() {
    grows_as_its_text("cleaning", |text| drop(black_box(clean(black_box(text)))));
}

#[test]
fn looking_for_instructions() {
    grows_as_its_text("looking", |text| drop(black_box(detect(black_box(text)))));
}
