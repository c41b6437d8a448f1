//! Tables for people, JSON for programs.

use comfy_table::{Table, presets::UTF8_BORDERS_ONLY};
use serde_json::{Map, Value};

use crate::Setup;

/// Prints rows under their headings.
pub(crate) fn rows(setup: &Setup, headings: &[&str], rows: Vec<Vec<String>>) {
    if setup.json {
        let object = |row: Vec<String>| -> Value {
            let pairs =
                headings.iter().zip(row).map(|(heading, cell)| ((*heading).to_owned(), Value::String(cell)));
            Value::Object(pairs.collect::<Map<_, _>>())
        };
        println!("{}", Value::Array(rows.into_iter().map(object).collect()));
        return;
    }
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_header(headings);
    table.add_rows(rows);
    println!("{table}");
}

/// Prints one thing that was done.
pub(crate) fn done(setup: &Setup, pairs: &[(&str, String)]) {
    if setup.json {
        let object: Map<_, _> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::String(value.clone()))).collect();
        println!("{}", Value::Object(object));
    } else {
        for (name, value) in pairs {
            println!("{name}: {value}");
        }
    }
}
