//! A private PostgreSQL for one test run: own folder, free port on loopback, ended with the run.

use std::{
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};

use crate::shell;

/// A running server.
pub(crate) struct Postgres {
    /// URL of its superuser.
    pub(crate) url: String,
    server: Child,
    folder: PathBuf,
}

fn binary(name: &str) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    folders.sort();
    let path = shell::variable("PATH").unwrap_or_default();
    folders.extend(path.split(':').map(PathBuf::from));
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// The user that the server runs as: PostgreSQL refuses to run as root.
fn unprivileged() -> anyhow::Result<Option<(u32, u32)>> {
    if !shell::is_root() {
        return Ok(None);
    }
    let number = |flag: &str| -> anyhow::Result<u32> {
        Ok(shell::read(Command::new("id").args([flag, "nobody"]))?.trim().parse()?)
    };
    Ok(Some((number("-u")?, number("-g")?)))
}

fn as_user(program: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command.env_remove("PGDATA").current_dir("/");
    command
}

impl Postgres {
    /// Makes and starts a server, installing PostgreSQL with the system's package manager when it is not there.
    pub(crate) fn start() -> anyhow::Result<Self> {
        if binary("initdb").is_none() && shell::is_root() {
            shell::install("postgresql")?;
        }
        let initdb = binary("initdb").context("initdb is not installed")?;
        let postgres = binary("postgres").context("postgres is not installed")?;
        let user = unprivileged()?;
        let folder = std::env::temp_dir().join(format!("pm33-postgres-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        if let Some((uid, gid)) = user {
            std::os::unix::fs::chown(&folder, Some(uid), Some(gid))?;
        }
        let data = folder.join("data");
        shell::read(
            as_user(&initdb, user)
                .args(["--username=pm33", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-D"])
                .arg(&data),
        )?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = std::fs::File::create(folder.join("log"))?;
        let server = as_user(&postgres, user)
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300"])
            .arg("-k")
            .arg(&folder)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("starting postgres")?;
        let mut running = Self { url: format!("postgres://pm33@127.0.0.1:{port}/postgres"), server, folder };
        for _ in 0..200 {
            if std::fs::read_to_string(running.folder.join("log"))
                .is_ok_and(|log| log.contains("ready to accept connections"))
            {
                return Ok(running);
            }
            if let Some(status) = running.server.try_wait()? {
                bail!("postgres ended with {status}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("postgres did not become ready")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown; our own child, by its id.
        let pid = self.server.id().to_string();
        if Command::new("kill").args(["-INT", &pid]).status().is_ok() {
            let _ = self.server.wait();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
