//! The power fails: from the record of the server's system calls the disk is put together as it would be found afterwards,
//! what was synced and of the rest anything or nothing. It opens, is whole, and holds whatever had been answered
//! (governance Z1, Z2). A killed process shows nothing of this, because the kernel keeps what was written.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use pm33_app::{Settings, found};
use pm33_product::{Backlog, Freshness};
use pm33_tenancy::{TenantId, WorkspaceAccess, open_workspace};
use serde_json::json;

use crate::{
    crash::audited,
    home::Home,
    served::Served,
    traced::{self, SystemCall, Traced},
};

const CLIENTS: usize = 4;
/// Long enough that the log is copied into the database several times: about once a second.
const LENGTH: Duration = Duration::from_secs(4);
/// Calls of a client in that time at most.
const STEPS: usize = 60;
/// Moments of the loss that are looked at; all others are of the same kind.
const CUTS: usize = 40;
/// What a disk writes at once.
const SECTOR: usize = 512;
const WATCHED: [&str; 4] =
    ["-s", "70000", "-e", "trace=fdatasync,fsync,pwrite64,ftruncate,sendto,write,writev,sendmsg"];

/// A change of a file that is not on the disk yet.
#[derive(Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

/// A file: what is on the disk, and what is on its way.
#[derive(Clone, Default)]
struct File {
    durable: Vec<u8>,
    pending: Vec<(usize, Change)>,
}

/// What becomes of that at the loss.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// None of it came.
    Lost,
    /// Each write came, or came in part, or did not, whatever was before it.
    Torn(u64),
}

/// The database's files.
#[derive(Clone)]
struct Disk(BTreeMap<String, File>);

fn apply(to: &mut Vec<u8>, change: &Change, sectors: usize) {
    match change {
        Change::Write(at, bytes) => {
            let bytes = &bytes[..bytes.len().min(sectors.saturating_mul(SECTOR))];
            if to.len() < at + bytes.len() {
                to.resize(at + bytes.len(), 0);
            }
            to[*at..at + bytes.len()].copy_from_slice(bytes);
        }
        Change::Length(length) => to.resize(*length, 0),
    }
}

impl Disk {
    /// All that is there now, as if it had been synced.
    fn of(data: &Path) -> Self {
        let file = |path: &Path| {
            let name = path.file_name().and_then(OsStr::to_str).expect("a name").to_owned();
            (name, File { durable: fs::read(path).unwrap_or_default(), pending: Vec::new() })
        };
        let spooled = fs::read_dir(data.join("pm33.db-audit"))
            .expect("the spool")
            .map(|one| one.expect("a file").path());
        let spooled = spooled.filter(|path| path.extension() == Some(OsStr::new("rows")));
        let database = ["pm33.db", "pm33.db-wal"].map(|name| data.join(name));
        Self(database.into_iter().chain(spooled).map(|path| file(&path)).collect())
    }

    /// Does what a system call did; `syncs` or not.
    fn take(&mut self, call: &SystemCall, syncs: Syncs) {
        let name = call.on.trim_end_matches('>').rsplit('/').next().unwrap_or_default();
        // More files of the spool come while the server runs.
        let is_spooled = call.on.contains("pm33.db-audit/") && name.strip_suffix(".rows").is_some();
        let file =
            if is_spooled { Some(self.0.entry(name.to_owned()).or_default()) } else { self.0.get_mut(name) };
        let Some(file) = file else { return };
        match call.name.as_str() {
            "pwrite64" if call.result > 0 => file.pending.push((call.returned, written(call))),
            "ftruncate" if call.result == 0 => {
                let length = call.rest.trim_start_matches([',', ' ']).split(')').next().expect("a length");
                file.pending.push((call.returned, Change::Length(length.parse().expect("a number"))));
            }
            "fdatasync" | "fsync" if call.result == 0 && syncs == Syncs::Count => {
                // What was written while it ran may have missed it.
                let (synced, later) = std::mem::take(&mut file.pending)
                    .into_iter()
                    .partition(|(returned, _)| *returned < call.called);
                file.pending = later;
                let synced: Vec<_> = synced;
                for (_, change) in &synced {
                    apply(&mut file.durable, change, usize::MAX);
                }
            }
            _ => {}
        }
    }

    /// The files as they are found after the loss.
    fn found(&self, fate: Fate) -> BTreeMap<&str, Vec<u8>> {
        let mut state = match fate {
            Fate::Lost => 0,
            Fate::Torn(seed) => seed,
        };
        let mut next = || {
            // SplitMix64.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        };
        let mut files = BTreeMap::new();
        for (name, file) in &self.0 {
            let mut bytes = file.durable.clone();
            if matches!(fate, Fate::Torn(_)) {
                for (_, change) in &file.pending {
                    match next() % 3 {
                        0 => {}
                        1 => apply(&mut bytes, change, usize::MAX),
                        _ => apply(&mut bytes, change, usize::try_from(next() % 8).expect("small")),
                    }
                }
            }
            files.insert(name.as_str(), bytes);
        }
        files
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Syncs {
    Count,
    /// A disk that forgets all of them: shows that the judge would see it.
    AreForgotten,
}

/// What was written where, from strace's words.
fn written(call: &SystemCall) -> Change {
    let (text, end) = call.rest.rsplit_once("\", ").expect("a text");
    let text = text.split_once('"').expect("a text").1;
    let offset = end.split([',', ')']).nth(1).expect("an offset").trim().parse().expect("a number");
    let mut bytes = Vec::with_capacity(4_120);
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let digits = rest.iter().take(3).take_while(|digit| (b'0'..=b'7').contains(digit)).count();
        if digits > 0 {
            bytes.push(rest[..digits].iter().fold(0, |sum, digit| sum * 8 + (digit - b'0')));
            rest = &rest[digits..];
            continue;
        }
        let (named, after) = rest.split_first().expect("an escape");
        rest = after;
        bytes.push(match named {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'v' => 0x0b,
            b'f' => 0x0c,
            b'a' => 0x07,
            b'b' => 0x08,
            other => *other,
        });
    }
    assert_eq!(i64::try_from(bytes.len()), Ok(call.result), "all of it is in the record");
    Change::Write(offset, bytes)
}

/// A call that was answered: its id, and the title of what it made, if it did.
type Call = (String, Option<String>);

/// Makes and reads items by turns, until the time is over.
fn client(server: &Served, key: &str, name: usize) -> Vec<Call> {
    let mut socket = server.connect().expect("a connection");
    let (begun, mut made) = (Instant::now(), Vec::new());
    for step in 0..STEPS {
        if begun.elapsed() > LENGTH {
            break;
        }
        let title = (step % 2 == 0).then(|| format!("Kept{name}s{step}e"));
        let (tool, arguments) = match &title {
            Some(title) => (
                "pm33_create_work_item",
                json!({ "type": "task", "title": title, "description": title.repeat(40), "on_duplicate": "create" }),
            ),
            None => ("pm33_query_backlog", json!({ "limit": 1, "columns": "identity" })),
        };
        let answer = server.tool(&mut socket, key, tool, &arguments).expect("an answer");
        assert!(answer.status == 200 && answer.json()["result"]["isError"] != true, "{answer:?}");
        made.push((answer.header("x-request-id").expect("an id").to_owned(), title));
        std::thread::sleep(LENGTH / u32::try_from(STEPS).expect("small"));
    }
    made
}

/// What a database that was put together holds: titles and audited calls; it is whole, and so is its audit log.
fn judged(home: &Home, files: &BTreeMap<&str, Vec<u8>>, what: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let spool = folder.path().join("pm33.db-audit");
    fs::create_dir(&spool).expect("made");
    for (name, bytes) in files {
        let Some((process, _)) = name.strip_suffix(".rows").and_then(|name| name.rsplit_once('-')) else {
            fs::write(folder.path().join(name), bytes).expect("written");
            continue;
        };
        fs::write(spool.join(name), bytes).expect("written");
        fs::write(spool.join(format!("{process}.lock")), []).expect("written");
    }
    fs::copy(home.data().join("secrets.toml"), folder.path().join("secrets.toml")).expect("copied");
    let mut settings = Settings::default();
    folder.path().clone_into(&mut settings.data.dir);
    let tenant: TenantId = home.keys[0].0;
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let foundation = found(&settings).await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        assert_eq!(foundation.store.integrity().await.expect("looked through"), [""; 0], "{what}");
        let session = foundation.store.session(tenant);
        let (at, _) =
            open_workspace(&session, tenant, &WorkspaceAccess::All, None).await.expect("the workspace");
        let all = session.snapshot(at, Freshness::Newest).await.expect("items");
        let titles = all.items().map(|item| item.title.to_string()).collect();
        let rows = audited(&foundation, tenant).await.into_iter().collect();
        foundation.store.close().await;
        (titles, rows)
    })
}

#[test]
fn what_was_answered_is_on_the_disk_that_a_power_loss_leaves() {
    if !traced::is_there() {
        return;
    }
    let home = Home::sqlite(1);
    let key = &home.keys[0].1;
    let mut server = Served::start(&home, &[]);
    // A fresh process proves the key once.
    client_once(&server, key);
    let traced = Traced::attach(server.process(), &home.file("record"), &WATCHED);
    let stop = |signal: &str| {
        let sent = Command::new("kill").args([signal, &server.process().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()));
    };
    // Whatever is written before this moment is in the copy, and written once more from the record.
    stop("-STOP");
    let begin = Disk::of(home.data());
    stop("-CONT");
    let made: Vec<_> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| (number, &server))
            .map(|(number, server)| scope.spawn(move || client(server, key, number)))
            .collect();
        clients.into_iter().flat_map(|one| one.join().expect("it wrote")).collect()
    });
    server.terminate();
    assert!(server.ended().success());
    let calls = traced.of_ended();

    // Calls in the order in which they were done; an answer counts from when it began to leave.
    let is_answer =
        |call: &SystemCall| call.rest.contains("\"HTTP/1.1 200") || call.rest.contains("HTTP/1.1 200 OK");
    let mut order: Vec<_> =
        calls.iter().map(|call| (if is_answer(call) { call.called } else { call.returned }, call)).collect();
    order.sort_by_key(|(at, _)| *at);
    let answers = order.iter().filter(|(_, call)| is_answer(call)).count();
    assert_eq!(answers, made.len(), "each answer is in the record");
    let every = answers.div_ceil(CUTS);
    let (mut disk, mut forgetful) = (begin.clone(), begin);
    let (mut answered, mut copies, mut left) = (Vec::new(), 0_usize, 0_usize);
    for (at, call) in order {
        if !is_answer(call) {
            disk.take(call, Syncs::Count);
            forgetful.take(call, Syncs::AreForgotten);
            continue;
        }
        let one =
            made.iter().find(|(id, _)| call.rest.contains(id.as_str())).expect("its id is in its headers");
        answered.push(one);
        if answered.len() == 3 {
            let (_, rows) = judged(&home, &forgetful.found(Fate::Lost), "without syncs");
            assert!(!rows.contains(&one.0), "a disk that syncs nothing is told from one that does");
        }
        if answered.len() % every != 0 {
            continue;
        }
        left += disk.0.values().map(|file| file.pending.len()).sum::<usize>();
        for fate in [Fate::Lost, Fate::Torn(at as u64)] {
            let what = format!("after answer {} {fate:?}", answered.len());
            let (titles, rows) = judged(&home, &disk.found(fate), &what);
            for (id, title) in &answered {
                let is_there = title.as_ref().is_none_or(|title| titles.contains(title));
                assert!(is_there && rows.contains(id), "{what}: {title:?} of {id} is lost");
            }
            copies += 1;
        }
    }
    let copied = calls.iter().filter(|call| call.on.ends_with("pm33.db>") && call.is_sync()).count();
    eprintln!(
        "{answers} answers, {copies} disks, {left} writes on their way at them, the log was copied {copied} times"
    );
    assert!(copies >= CUTS && copied > 0, "{copies} {copied}");
}

fn client_once(server: &Served, key: &str) {
    let mut socket = server.connect().expect("a connection");
    let answer = server.tool(&mut socket, key, "pm33_query_backlog", &json!({})).expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
}
