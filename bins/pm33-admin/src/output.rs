//! Tables for people, JSON for programs.

use std::{
    borrow::Cow,
    fmt::Display,
    io::{self, Write},
    process::ExitCode,
};

use anyhow::Context;
use clap::Args;
use comfy_table::{
    ContentArrangement, Table,
    presets::{UTF8_BORDERS_ONLY, UTF8_FULL_CONDENSED},
};
use indicatif::{ProgressBar, ProgressStyle};
use pm33_auth::hide_keys;
use pm33_interchange::Import;
use serde_json::{Map, Value, json};

use crate::Setup;

/// Writes a line. A reader that has seen enough (`| head`) is no error; an output that cannot be written is one.
fn tell(line: impl Display) {
    match writeln!(io::stdout().lock(), "{line}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("error: the output cannot be written: {error}");
            std::process::exit(1);
        }
        _ => {}
    }
}

/// Prints rows under their headings.
pub(crate) fn rows(setup: &Setup, headings: &[&str], rows: Vec<Vec<String>>) {
    if setup.json {
        tell(objects(headings, rows));
        return;
    }
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_header(headings);
    table.add_rows(rows);
    tell(table);
}

/// Named values under one heading, for people: long ones are wrapped.
pub(crate) fn paragraph(heading: &str, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    const WIDTH: u16 = 120;
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH);
    table.add_rows(rows);
    format!("{heading}\n{table}\n")
}

/// Which part of a list is shown.
#[derive(Args)]
pub(crate) struct Paging {
    /// How many rows: 1 to 1,000.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    limit: u64,
    /// Where to go on: what the page before says.
    #[arg(long, value_name = "ROW")]
    after: Option<String>,
}

/// Prints a page of a list, whose rows are told apart by their first `named_by` cells.
pub(crate) fn page(
    setup: &Setup,
    paging: &Paging,
    named_by: usize,
    headings: &[&str],
    rows: Vec<Vec<String>>,
) -> anyhow::Result<()> {
    let name =
        |row: &Vec<String>| row.iter().take(named_by).map(String::as_str).collect::<Vec<_>>().join("/");
    let start = match &paging.after {
        None => 0,
        Some(after) => {
            let found = rows.iter().position(|row| name(row) == *after);
            found.with_context(|| format!("no row {after:?} in this list; begin again without --after"))? + 1
        }
    };
    let all = rows.len();
    let shown: Vec<_> =
        rows.into_iter().skip(start).take(paging.limit.try_into().unwrap_or(usize::MAX)).collect();
    let next = shown.last().filter(|_| start + shown.len() < all).map(name);
    page_of(setup, headings, shown, next);
    Ok(())
}

/// Prints rows and where the list goes on; programs get both in one object.
pub(crate) fn page_of(setup: &Setup, headings: &[&str], shown: Vec<Vec<String>>, next: Option<String>) {
    if setup.json {
        tell(json!({ "rows": objects(headings, shown), "next": next }));
        return;
    }
    rows(setup, headings, shown);
    if let Some(next) = next {
        tell(format_args!("there are more: --after {next}"));
    }
}

fn objects(headings: &[&str], rows: Vec<Vec<String>>) -> Value {
    let object = |row: Vec<String>| -> Value {
        let pairs =
            headings.iter().zip(row).map(|(heading, cell)| ((*heading).to_owned(), Value::String(cell)));
        Value::Object(pairs.collect::<Map<_, _>>())
    };
    Value::Array(rows.into_iter().map(object).collect())
}

/// Prints one thing that was done.
pub(crate) fn done(setup: &Setup, pairs: &[(&str, String)]) {
    if setup.json {
        let object: Map<_, _> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::String(value.clone()))).collect();
        tell(Value::Object(object));
    } else {
        for (name, value) in pairs {
            tell(format_args!("{name}: {value}"));
        }
    }
}

/// Prints a text as it is.
pub(crate) fn text(text: &str) {
    tell(text.trim_end());
}

/// Prints a document of its own shape: as JSON, or as its text for people.
pub(crate) fn document(setup: &Setup, json: &Value, text: &str) {
    if setup.json { tell(json) } else { tell(text) }
}

/// What becomes of each column of a file, as a table.
pub(crate) fn mapping(import: &Import<'_>) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_header(["column", "becomes"]);
    table.add_rows(import.columns().into_iter().map(|(column, becomes)| [column, becomes]));
    format!("{}, {} records\n{table}", import.format().title(), import.records())
}

/// A bar on the standard error stream, which shows on a terminal only.
pub(crate) fn progress(length: usize) -> ProgressBar {
    let bar = ProgressBar::new(length.try_into().unwrap_or(u64::MAX));
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} records, {per_sec}, {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// How a failure is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Prints why a command failed, to stderr: its causes in one line each, for programs one JSON object.
pub(crate) fn failed(form: Form, error: &anyhow::Error) {
    // A cause repeats what was typed, and that may be a key where its id is meant.
    let causes: Vec<String> = error.chain().map(|cause| hide_keys(&cause.to_string()).into_owned()).collect();
    if form == Form::Json {
        eprintln!("{}", json!({ "error": causes.join(": ") }));
        return;
    }
    for (number, cause) in causes.iter().enumerate() {
        eprintln!("{}{cause}", if number == 0 { "error: " } else { "  because: " });
    }
}

/// Prints what is wrong with a command line, or the help that was asked for.
pub(crate) fn misused(error: &clap::Error) -> ExitCode {
    match hide_keys(&error.render().to_string()) {
        Cow::Borrowed(_) => error.exit(),
        // A key was typed where its id is meant.
        Cow::Owned(text) => {
            eprint!("{text}");
            ExitCode::from(2)
        }
    }
}
