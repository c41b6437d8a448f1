//! Foreign peers that speak the providers' wires, for the tests that ask models: aimock, of which each test starts its own,
//! and `LiteLLM`, which is large and slow to start, and is shared.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use anyhow::{Context, bail};

use crate::tools;

const AIMOCK: &str = "@copilotkit/aimock@1.43.0";
/// `LiteLLM` with what its proxy imports, pinned: releases of it have carried malware, and its own list of extras brings twice
/// as much.
const LITELLM: [&str; 20] = [
    "litellm==1.106.2",
    "apscheduler==3.11.3",
    "backoff==2.2.1",
    "cryptography==50.0.2",
    "email-validator==2.4.0",
    "expression==5.8.0",
    "fastapi==0.165.0",
    "fastapi-sso==0.23.0",
    "mcp==2.3.0",
    "orjson==3.13.0",
    "pyjwt==2.15.1",
    "pynacl==1.6.2",
    "python-multipart==0.0.34",
    "pyyaml==6.0.4",
    "redis==8.1.0",
    "rich==15.0.0",
    "soundfile==0.14.0",
    "uvicorn==0.54.0",
    "uvloop==0.23.0",
    "websockets==17.4",
];
const CONFIGURATION: &str = "crates/testkit/peers/litellm.yaml";
/// The key that the tests' calls have; a peer that takes any would not tell a call without one.
const KEY: &str = "sk-very-secret-0123456789";
/// Looks whether it listens; it imports for about 20 seconds on two busy cores.
const LOOKS: usize = 600;
const LOOK: Duration = Duration::from_millis(200);

/// Where aimock is, for the tests: variables and their values.
pub(crate) fn aimock() -> anyhow::Result<[(&'static str, String); 2]> {
    let node = tools::node()?;
    let folder = tools::packages("aimock-1.43.0", &[AIMOCK])?;
    let program = folder.join("node_modules/@copilotkit/aimock/dist/cli.js");
    Ok([("PM33_TEST_NODE", node.display().to_string()), ("PM33_TEST_AIMOCK", program.display().to_string())])
}

/// A running aimock; it ends with the value.
pub(crate) struct Aimock {
    pub(crate) url: String,
    process: Child,
}

impl Aimock {
    /// Starts one that answers by a file of fixtures.
    pub(crate) fn start(fixtures: &Path) -> anyhow::Result<Self> {
        let [(_, node), (_, program)] = aimock()?;
        let mut process = Command::new(node)
            .args([&program, "--port", "0", "--host", "127.0.0.1", "--strict", "--fixtures"])
            .arg(fixtures)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("starting aimock")?;
        let output = process.stdout.take().context("its output")?;
        let mut running = Self { url: String::new(), process };
        let mut lines = BufReader::new(output).lines();
        for line in &mut lines {
            if let Some((_, url)) = line?.split_once("listening on ") {
                url.trim().clone_into(&mut running.url);
                // What it says later must not block it.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(running);
            }
        }
        bail!("aimock did not start")
    }
}

impl Drop for Aimock {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// A running `LiteLLM`; it ends with the value.
///
/// It is started again when it ends by itself: under load its interpreter was seen to end by a signal. The tests that ask it
/// begin anew then.
pub(crate) struct LiteLlm {
    pub(crate) url: String,
    is_wanted: Arc<AtomicBool>,
    watch: Option<JoinHandle<()>>,
}

impl LiteLlm {
    /// Installs and starts it.
    pub(crate) fn start() -> anyhow::Result<Self> {
        // Not by itself: it would ask the network for prices when it is imported.
        let python = tools::pinned("python-litellm-1.106.2", &LITELLM, "uvloop, nacl, fastapi_sso")?;
        let program = python.parent().context("a folder")?.join("litellm");
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = File::create(std::env::temp_dir().join("pm33-litellm.log"))?;
        let mut process = launched(&program, port, &log)?;
        for _ in 0..LOOKS {
            if is_alive(port).unwrap_or(false) {
                let is_wanted = Arc::new(AtomicBool::new(true));
                let wanted = Arc::clone(&is_wanted);
                let watch = std::thread::spawn(move || {
                    kept_alive(process, &wanted, || launched(&program, port, &log));
                });
                return Ok(Self { url: format!("http://127.0.0.1:{port}"), is_wanted, watch: Some(watch) });
            }
            if let Some(status) = process.try_wait()? {
                bail!("LiteLLM ended with {status}; its words are in pm33-litellm.log");
            }
            std::thread::sleep(LOOK);
        }
        end(&mut process);
        bail!("LiteLLM did not become ready; its words are in pm33-litellm.log")
    }
}

fn launched(program: &Path, port: u16, log: &File) -> anyhow::Result<Child> {
    Command::new(program)
        .args(["--host", "127.0.0.1", "--port", &port.to_string(), "--config"])
        .arg(Path::new(CONFIGURATION))
        .env("LITELLM_MASTER_KEY", KEY)
        .env("LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY", "true")
        // It asks nobody for prices.
        .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log.try_clone()?)
        .spawn()
        .context("starting LiteLLM")
}

/// Until it is wanted no more.
fn kept_alive(mut process: Child, is_wanted: &AtomicBool, launch: impl Fn() -> anyhow::Result<Child>) {
    while is_wanted.load(Ordering::Relaxed) {
        if let Ok(Some(status)) = process.try_wait() {
            eprintln!(
                "LiteLLM ended by itself ({status}); its words are in pm33-litellm.log. It is started again"
            );
            match launch() {
                Ok(next) => process = next,
                Err(error) => return eprintln!("LiteLLM: {error:#}"),
            }
        }
        std::thread::sleep(LOOK);
    }
    end(&mut process);
}

fn end(process: &mut Child) {
    let _ = process.kill();
    let _ = process.wait();
}

fn is_alive(port: u16) -> std::io::Result<bool> {
    let mut socket = TcpStream::connect(("127.0.0.1", port))?;
    socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    socket.write_all(b"GET /health/liveliness HTTP/1.0\r\nhost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    Ok(answer.lines().next().is_some_and(|line| line.contains(" 200 ")))
}

impl Drop for LiteLlm {
    fn drop(&mut self) {
        self.is_wanted.store(false, Ordering::Relaxed);
        let _ = self.watch.take().map(JoinHandle::join);
    }
}
