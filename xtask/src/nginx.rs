//! nginx, privately in the user's cache: the system's package starts a server when it is installed, so it is unpacked only.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, bail};

use crate::shell;

/// The program: the machine's, or one out of the system's package.
pub(crate) fn binary() -> anyhow::Result<PathBuf> {
    if shell::read(Command::new("nginx").arg("-v")).is_ok() {
        return Ok(PathBuf::from("nginx"));
    }
    let folder = shell::cache("nginx")?;
    let binary = folder.join("usr/sbin/nginx");
    if !binary.is_file() {
        unpack(&folder)?;
    }
    shell::read(Command::new(&binary).arg("-v")).context("it does not run here")?;
    Ok(binary)
}

fn unpack(folder: &std::path::Path) -> anyhow::Result<()> {
    let download =
        || shell::run(Command::new("apt-get").args(["download", "-qq", "nginx"]).current_dir(folder));
    if download().is_err() {
        // The lists of packages may be absent or old.
        if !shell::is_root() {
            bail!("the system's package manager does not bring it; install it");
        }
        shell::run(Command::new("apt-get").args(["update", "-qq"]))?;
        download()?;
    }
    let files = std::fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let package = files.filter(|path| path.extension().is_some_and(|kind| kind == "deb")).max();
    shell::run(Command::new("dpkg").arg("-x").arg(package.context("no package was brought")?).arg(folder))
}
