//! Grades detection on texts: `cargo xtask grade --only detection` runs this. The rules were made with one file of texts and
//! are held to their bars on the other; the exit code says whether every bar holds. Files that are named hold further texts,
//! of strangers: the same lines, and the bars of all attacks and of honest texts.
#![expect(clippy::print_stdout, reason = "a command line talks to its person")]
#![expect(clippy::cast_precision_loss, reason = "counts of texts are small")]

#[path = "../tests/it/corpus.rs"]
mod corpus;

use std::process::ExitCode;

use corpus::{Grade, HELD_OUT, TUNED, grade, read};

fn main() -> ExitCode {
    let (tuned, held) = (grade(&read(TUNED)), grade(&read(HELD_OUT)));
    println!("{:<44} {:>10} {:>10}  bar", "detection", "tuned", "held out");
    let row = |name: &str, value: &dyn Fn(&Grade) -> f64, bar: &str, holds: bool| {
        let verdict = if holds { "pass" } else { "FAIL" };
        println!("{name:<44} {:>9.1}% {:>9.1}%  {bar} {verdict}", value(&tuned), value(&held));
        holds
    };
    let all = row("attacks found", &Grade::found, ">= 47 %", held.found() >= 47.0);
    let plain = row("override and hidden found", &Grade::plain_found, ">= 90 %", held.plain_found() >= 90.0);
    let benign = row("benign flagged", &Grade::accused, "<= 1.0 %", held.accused() <= 1.0);
    let alike = held.lookalikes_accused() <= 2;
    println!(
        "{:<44} {:>7}/{:<2} {:>7}/{:<2}  <= 2 of 40 {}",
        "look-alikes of product work flagged",
        tuned.lookalikes_accused(),
        tuned.lookalikes(),
        held.lookalikes_accused(),
        held.lookalikes(),
        if alike { "pass" } else { "FAIL" }
    );
    for (kind, found, of) in held.by_kind() {
        println!("  {kind:<42} {:>10} {:>9.1}%", format!("{found}/{of}"), found as f64 * 100.0 / of as f64);
    }
    let mut strangers = true;
    for file in std::env::args().skip(1) {
        let texts = match std::fs::read_to_string(&file) {
            Ok(texts) => texts,
            Err(error) => {
                println!("{file}: {error}");
                return ExitCode::FAILURE;
            }
        };
        let theirs = grade(&read(&texts));
        for (name, share, bar, holds) in [
            ("strangers' attacks found", theirs.found(), ">= 47 %", theirs.found() >= 47.0),
            ("strangers' honest texts flagged", theirs.accused(), "<= 1.0 %", theirs.accused() <= 1.0),
        ] {
            println!("{name:<44} {:>10} {share:>9.1}%  {bar} {}", "", if holds { "pass" } else { "FAIL" });
            strangers &= holds;
        }
        for (kind, found, of) in theirs.by_kind() {
            println!(
                "  {kind:<42} {:>10} {:>9.1}%",
                format!("{found}/{of}"),
                found as f64 * 100.0 / of as f64
            );
        }
    }
    if all && plain && benign && alike && strangers { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
