//! Exports as the trackers write them, made up from a seed: every known layout, with its quirks. Shared by tests and by
//! the example that writes files of any size.

mod backlog;
mod cells;
mod layouts;

use std::io::{self, Write};

pub(crate) use layouts::Layout;

/// Writes an export of so many records. The same seed gives the same bytes.
pub(crate) fn write(layout: Layout, records: usize, seed: u64, out: &mut impl Write) -> io::Result<()> {
    let style = layout.style();
    out.write_all(style.mark)?;
    let header: Vec<String> =
        layout.header().iter().map(|name| cells::quoted(name, style.separator)).collect();
    out.write_all(header.join(style.separator).as_bytes())?;
    out.write_all(style.line_end)?;
    for issue in backlog::issues(records, seed) {
        let mut places = std::collections::HashMap::new();
        let cells: Vec<String> = layout
            .header()
            .iter()
            .map(|name| {
                let place = places.entry(*name).and_modify(|place| *place += 1).or_insert(0);
                cells::quoted(&cells::cell(layout, name, *place, &issue), style.separator)
            })
            .collect();
        out.write_all(cells.join(style.separator).as_bytes())?;
        out.write_all(style.line_end)?;
    }
    Ok(())
}
