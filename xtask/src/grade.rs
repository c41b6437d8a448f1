//! Grading on real data. The graders are examples of the crates that they grade, so that this tool depends on none of ours.

use std::path::Path;

use crate::{shell, tools};

/// Where the data lies when no other folder is named.
const DATA: &str = "../shared/data";
/// What the forecast's sampler is measured against.
const NUMPY: &str = "numpy==2.4.6";

/// Runs the graders with these arguments: of planning, and of detection, each in release.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let only = arguments.iter().position(|word| word == "--only").and_then(|at| arguments.get(at + 1));
    match only.map(String::as_str) {
        Some("detection") => detection(),
        Some(_) => planning(arguments),
        None => {
            planning(arguments)?;
            detection()
        }
    }
}

/// Detection of texts that speak to a model; its texts are in the repository.
fn detection() -> anyhow::Result<()> {
    let mut grader = shell::cargo();
    grader.args([
        "run",
        "--quiet",
        "--release",
        "--locked",
        "--package",
        "pm33-text",
        "--example",
        "detection",
    ]);
    shell::run_bare(&mut grader)
}

/// Builds the grader of planning and runs it.
fn planning(arguments: &[String]) -> anyhow::Result<()> {
    let mut grader = shell::cargo();
    grader
        .args([
            "run",
            "--quiet",
            "--release",
            "--locked",
            "--package",
            "pm33-planning",
            "--example",
            "grade",
            "--",
        ])
        .args(arguments);
    match tools::python(NUMPY, "numpy") {
        Ok(python) => drop(grader.arg("--python").arg(python)),
        // The grader says in its table that this bar was not measured.
        Err(error) => eprintln!("grade: no {NUMPY}: {error:#}"),
    }
    shell::run_bare(&mut grader)
}

/// Grades where the data is present, and says so where it is not.
pub(crate) fn run_where_possible() -> anyhow::Result<()> {
    if Path::new(DATA).is_dir() {
        return run(&[]);
    }
    println!("grade: not run, there is no {DATA}; name a folder with `cargo xtask grade --data DIR`");
    Ok(())
}
