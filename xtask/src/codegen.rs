//! Generated documents: written by one program from the code's own data, compared in CI.

use std::path::Path;

use anyhow::bail;

use crate::shell;

/// Files that are generated, under `docs`.
const FILES: [&str; 2] = ["tools.md", "configuration.md"];

/// What to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write the files.
    Write,
    /// Compare them.
    Check,
}

/// Writes or compares.
pub(crate) fn run(mode: Mode) -> anyhow::Result<()> {
    let fresh = match mode {
        Mode::Write => Path::new("docs").to_owned(),
        Mode::Check => shell::root()?.join("target/codegen"),
    };
    std::fs::create_dir_all(&fresh)?;
    let mut command = shell::cargo();
    command
        .args(["run", "--quiet", "--locked", "--package", "pm33-testkit", "--bin", "docgen", "--"])
        .arg(&fresh);
    shell::run(&mut command)?;
    if mode == Mode::Check {
        let differs = |name: &&&str| {
            let read = |folder: &Path| std::fs::read_to_string(folder.join(name)).ok();
            read(&fresh) != read(Path::new("docs"))
        };
        let stale: Vec<_> = FILES.iter().filter(differs).collect();
        if !stale.is_empty() {
            bail!("not fresh: docs/{stale:?}; run `cargo xtask codegen` and read the difference");
        }
        println!("codegen: fresh");
    }
    Ok(())
}
