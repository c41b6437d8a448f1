//! Measures how long texts of 100 KiB take to be cleaned and to be looked through for instructions.
//! `cargo run --release -p pm33-text --example clean_rate`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and prints"
)]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use pm33_text::{clean, detect};

const BYTES: usize = 100 << 10;
const ROUNDS: usize = 101;

/// A text of so many bytes at most, of one piece again and again.
fn repeated(piece: &str) -> String {
    piece.repeat(BYTES / piece.len())
}

fn median(mut work: impl FnMut()) -> Duration {
    let mut took: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed()
        })
        .collect();
    took.sort_unstable();
    took.get(ROUNDS / 2).copied().unwrap_or_default()
}

fn main() {
    println!("| 100 KiB of | clean | detect |\n|---|---:|---:|");
    for (what, piece) in [
        ("English", "As a customer I want refunds to arrive within a day, so that I need not ask.\n"),
        ("honest Unicode", "Zahlungsaufschübe für Kund:innen 👩🏽‍💻 مرحبا بالعالم 支払いの遅延 é̂ ok\n"),
        ("bidirectional text in isolates", "\u{2067}שלום \u{2066}PAY-12\u{2069} עולם\u{2069}\n"),
        ("decomposed letters", "e\u{301}\u{302}u\u{308}\u{30a}o\u{328}"),
        ("tags and overrides", "a\u{e0041}\u{e0042}\u{202e}b\u{200b}\u{2060}c"),
        ("escape sequences", "\u{1b}[31mred\u{1b}[0m\u{1b}]8;;x\u{7}"),
        ("openings without an end", "\u{2067}\u{1b}]"),
    ] {
        let text = repeated(piece);
        let cleaned = median(|| drop(black_box(clean(black_box(&text)))));
        let looked = median(|| drop(black_box(detect(black_box(&text)))));
        println!("| {what} | {cleaned:.2?} | {looked:.2?} |");
    }
}
