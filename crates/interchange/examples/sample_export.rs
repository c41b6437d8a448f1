//! Writes a made-up export of a tracker to the standard output, for trying an import out:
//! `cargo run -p pm33-interchange --example sample_export -- jira-wide 1000 7 > jira.csv`.

use std::{
    io::{self, BufWriter, Write as _},
    process::ExitCode,
};

#[path = "../tests/exports/mod.rs"]
mod exports;

use exports::Layout;

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [layout, records, seed] = arguments.as_slice() else { return usage() };
    let layout = Layout::ALL.iter().find(|known| known.as_str() == layout);
    let (Some(layout), Ok(records), Ok(seed)) = (layout, records.parse(), seed.parse()) else {
        return usage();
    };
    let mut out = BufWriter::new(io::stdout().lock());
    exports::write(*layout, records, seed, &mut out)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn usage() -> io::Result<ExitCode> {
    let layouts: Vec<_> = Layout::ALL.iter().map(|layout| layout.as_str()).collect();
    writeln!(
        io::stderr(),
        "sample_export LAYOUT RECORDS SEED, where LAYOUT is one of {}",
        layouts.join(", ")
    )?;
    Ok(ExitCode::FAILURE)
}
