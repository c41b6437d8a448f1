//! Prints the JSON Schema of a line of a workspace archive:
//! `cargo run -p pm33-interchange --example line_schema > docs/archive.schema.json`.

use std::io::{self, Write as _};

fn main() -> io::Result<()> {
    let schema = serde_json::to_string_pretty(&pm33_interchange::line_schema())?;
    writeln!(io::stdout(), "{schema}")
}
