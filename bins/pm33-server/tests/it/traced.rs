//! System calls of a running process, watched or answered with errors by strace, and read back from its record.

use std::{
    collections::HashMap,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Longest wait for something that must happen; only a failing test waits for it.
const SOON: Duration = Duration::from_secs(30);

/// Whether strace is there and may trace; where nobody watches, it must be there. A system that lets nobody trace cannot be
/// helped by installing anything.
#[expect(
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "the test's place; a skipped test is to be seen"
)]
pub(crate) fn is_there() -> bool {
    let found = Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_ok();
    if !found {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "strace must be installed where CI=true");
        eprintln!("SKIPPED: strace is absent; install it");
    }
    let may = found && may_attach();
    if found && !may {
        eprintln!("NOT TESTED: this system lets nobody trace a process, so nobody watched its system calls");
    }
    may
}

fn may_attach() -> bool {
    let mut idle = Command::new("sleep").arg("60").spawn().expect("a process");
    let tracer = Command::new("strace")
        .args(["-o", "/dev/null", "-p", &idle.id().to_string()])
        .stderr(Stdio::piped())
        .spawn();
    let mut tracer = tracer.expect("strace starts");
    let mut line = String::new();
    let said = BufReader::new(tracer.stderr.take().expect("its words")).read_line(&mut line);
    for process in [&mut tracer, &mut idle] {
        // One that has ended needs no end.
        let _ = process.kill();
        let _ = process.wait();
    }
    said.is_ok() && line.contains("attached")
}

/// A tracer that holds on to every thread of a process, and lets go with the value.
pub(crate) struct Traced {
    tracer: Child,
    record: PathBuf,
}

impl Traced {
    /// Attaches to a process; `asked` are strace's own words of what to watch or to break.
    pub(crate) fn attach(process: u32, record: &Path, asked: &[&str]) -> Self {
        let mut tracer = Command::new("strace")
            .args(["-f", "-y", "-s", "24", "-o"])
            .arg(record)
            .args(asked)
            .args(["-p", &process.to_string()])
            .stderr(Stdio::piped())
            .spawn()
            .expect("strace starts");
        let mut said = BufReader::new(tracer.stderr.take().expect("its words"));
        let mut line = String::new();
        said.read_line(&mut line).expect("a line");
        assert!(line.contains("attached"), "strace may not attach here: {line}");
        // It tells each thread that comes; nobody reads that, and it must not wait for us.
        std::thread::spawn(move || said.lines().map_while(Result::ok).for_each(drop));
        Self { tracer, record: record.to_owned() }
    }

    /// Lets the process go on alone; what was recorded, in order.
    pub(crate) fn end(mut self) -> Vec<SystemCall> {
        let sent = Command::new("kill").args(["-INT", &self.tracer.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()));
        self.wait();
        read(&fs::read_to_string(&self.record).expect("a record"))
    }

    /// Waits until the tracer has nobody to trace.
    fn wait(&mut self) {
        let begun = Instant::now();
        while self.tracer.try_wait().expect("its state").is_none() {
            assert!(begun.elapsed() < SOON, "strace does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What was recorded of a process that has ended.
    pub(crate) fn of_ended(mut self) -> Vec<SystemCall> {
        self.wait();
        read(&fs::read_to_string(&self.record).expect("a record"))
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        let _ = self.tracer.kill();
        let _ = self.tracer.wait();
    }
}

/// A system call that returned. What one thread did because another's call had returned stands behind that return.
#[derive(Debug)]
pub(crate) struct SystemCall {
    pub(crate) name: String,
    /// What the descriptor is, with its number: `12</data/pm33.db-wal>`.
    pub(crate) on: String,
    /// Everything after the descriptor.
    pub(crate) rest: String,
    pub(crate) result: i64,
    /// Lines of the record: when it was called, and when it returned.
    pub(crate) called: usize,
    pub(crate) returned: usize,
}

impl SystemCall {
    /// Whether it makes a file's content durable.
    pub(crate) fn is_sync(&self) -> bool {
        matches!(self.name.as_str(), "fdatasync" | "fsync")
    }

    /// Whether it is on the embedded database's log, or on the spool of audit rows.
    pub(crate) fn is_on_log(&self) -> bool {
        self.on.contains("pm33.db-wal>")
            || (self.on.contains("pm33.db-audit/") && self.on.ends_with(".rows>"))
    }

    /// Whether strace answered in the kernel's place.
    pub(crate) fn is_injected(&self) -> bool {
        self.rest.contains("(INJECTED)")
    }
}

fn read(record: &str) -> Vec<SystemCall> {
    const UNFINISHED: &str = " <unfinished ...>";
    let mut open: HashMap<u32, (usize, String)> = HashMap::new();
    let mut calls = Vec::new();
    for (number, line) in record.lines().enumerate() {
        let Some((thread, text)) = line.split_once(' ') else { continue };
        let (Ok(thread), text) = (thread.parse(), text.trim_start()) else { continue };
        if let Some(begin) = text.strip_suffix(UNFINISHED) {
            open.insert(thread, (number, begin.to_owned()));
            continue;
        }
        let (called, whole) = match text.strip_prefix("<... ") {
            Some(resumed) => {
                let Some((_, end)) = resumed.split_once(" resumed>") else { continue };
                let Some((called, begin)) = open.remove(&thread) else { continue };
                (called, begin + end)
            }
            None => (number, text.to_owned()),
        };
        calls.extend(parse(&whole, called, number));
    }
    calls
}

fn parse(text: &str, called: usize, returned: usize) -> Option<SystemCall> {
    let (name, rest) = text.split_once('(')?;
    let at = rest.find([',', ')'])?;
    let (on, rest) = rest.split_at(at);
    let result = rest.rsplit_once(" = ")?.1.split(' ').next()?.parse().ok()?;
    Some(SystemCall {
        name: name.to_owned(),
        on: on.to_owned(),
        rest: rest.to_owned(),
        result,
        called,
        returned,
    })
}
