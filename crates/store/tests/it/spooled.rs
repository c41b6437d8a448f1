//! Audit rows of calls that only read, on the embedded database: kept beside it before the answer, and in the log afterwards,
//! each once, whatever ends in between.

use std::path::{Path, PathBuf};

use pm33_store::{AuditReads, Database, Store, StoreOptions};
use pm33_tenancy::{
    Actor, AuditFilter, AuditKeys, AuditLog, AuditRow, Break, TenantId, UserId, erased_member,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use secrecy::SecretBox;

use crate::{
    bench::{Bench, Home, spawn, spool, until_drained},
    erasure::{bytes, id},
};

/// Calls of which the tests here make a row each.
const CALLS: usize = 40;

async fn read(home: &Home, calls: usize) {
    for _ in 0..calls {
        home.session().commit(home.event()).await.unwrap();
    }
}

/// Takes the right to write, as another process does in the midst of its unit; rows go on being acknowledged and lie in the
/// spool.
async fn hold(bench: &Bench) -> DatabaseConnection {
    let other = bench.beside().await;
    other.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    other
}

/// A store with rows that were acknowledged and are not in the log, because another process holds the database; and how many
/// were in it before.
struct Held {
    bench: Bench,
    home: Home,
    before: usize,
    other: DatabaseConnection,
}

async fn held() -> Held {
    let bench = Bench::sqlite().await;
    let home = bench.settled().await;
    let (before, _) = log_of(&home.store, home.tenant).await;
    let other = hold(&bench).await;
    read(&home, CALLS).await;
    Held { bench, home, before: before.len(), other }
}

fn path(bench: &Bench) -> &Path {
    let Database::Sqlite { path } = &bench.database else { panic!("not SQLite") };
    path
}

/// What a machine that lost its process has: the database with its log, and the spool, without anybody's lock.
fn wreck(bench: &Bench) -> (tempfile::TempDir, Bench) {
    let wreck = tempfile::tempdir().unwrap();
    let here = path(bench);
    for end in ["", "-wal", "-audit"] {
        let mut from = here.as_os_str().to_owned();
        from.push(end);
        let to = wreck.path().join(Path::new(&from).file_name().unwrap());
        copy(Path::new(&from), &to);
    }
    let path = wreck.path().join("pm33.db");
    (wreck, Bench::at(path))
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else if from.exists() {
        std::fs::copy(from, to).unwrap();
    }
}

async fn log_of(store: &Store, tenant: TenantId) -> (Vec<AuditRow>, Vec<Break>) {
    let session = store.session(tenant);
    let filter = AuditFilter { limit: 1_000, ..AuditFilter::default() };
    let rows = session.rows(tenant, &filter).await.unwrap().rows;
    let (_, breaks) = session.verify(tenant).await.unwrap();
    (rows.into_iter().map(|(_, row)| row).collect(), breaks)
}

/// Files of the spool that an operator has to look at.
fn kept(bench: &Bench, end: &str) -> Vec<PathBuf> {
    let folder = format!("{}-audit", path(bench).display());
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|is| is == end)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_read_wait_for_nobody_who_writes_and_their_rows_come_into_the_log() {
    let Held { bench, home, before, other } = held().await;
    assert!(!spool(path(&bench)).is_empty());
    other.execute_unprepared("COMMIT").await.unwrap();
    let (after, breaks) = log_of(&home.store, home.tenant).await;
    assert_eq!((after.len(), breaks), (before + CALLS, Vec::new()));
    until_drained(path(&bench)).await;
    home.store.close().await;
    assert!(
        !PathBuf::from(format!("{}-audit", path(&bench).display())).exists(),
        "a closed store leaves nothing"
    );
    let (again, _) = log_of(&bench.open().await, home.tenant).await;
    assert_eq!(again, after);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_a_process_that_has_ended_come_into_the_log_once() {
    let Held { bench, home, before, other } = held().await;
    let (_folder, wreck) = wreck(&bench);
    other.execute_unprepared("COMMIT").await.unwrap();
    for _ in 0..2 {
        let store = wreck.open().await;
        let (after, breaks) = log_of(&store, home.tenant).await;
        assert_eq!((after.len(), breaks), (before + CALLS, Vec::new()));
        store.close().await;
        assert_eq!(spool(path(&wreck)), Vec::<PathBuf>::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_were_in_the_log_when_their_process_ended_do_not_come_again() {
    let Held { bench, home, other, .. } = held().await;
    let files: Vec<_> =
        spool(path(&bench)).into_iter().map(|file| (file.clone(), std::fs::read(&file).unwrap())).collect();
    other.execute_unprepared("COMMIT").await.unwrap();
    let (before, _) = log_of(&home.store, home.tenant).await;
    until_drained(path(&bench)).await;
    // It ends after its rows are in the database, and before they are gone from the spool.
    let (_folder, wreck) = wreck(&bench);
    for (file, bytes) in files {
        let folder = format!("{}-audit", path(&wreck).display());
        std::fs::write(Path::new(&folder).join(file.file_name().unwrap()), bytes).unwrap();
    }
    let (after, breaks) = log_of(&wreck.open().await, home.tenant).await;
    assert_eq!((after, breaks), (before, Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_one_file_holds_comes_into_the_log_and_is_gone_from_the_spool() {
    const ROWS: u64 = 200;
    let Held { bench, home, before, other } = held().await;
    let callers: Vec<_> = (0..64)
        .map(|_| {
            let (store, tenant, event) = (home.store.clone(), home.tenant, home.event());
            spawn(async move {
                for _ in 0..ROWS {
                    store.session(tenant).commit(event.clone()).await.unwrap();
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    assert!(spool(path(&bench)).len() > 1);
    let (_folder, wreck) = wreck(&bench);
    other.execute_unprepared("COMMIT").await.unwrap();
    let rows = (before + CALLS) as u64 + 64 * ROWS;
    for store in [&home.store, &wreck.open().await] {
        assert_eq!(store.session(home.tenant).verify(home.tenant).await.unwrap(), (rows, Vec::new()));
    }
    until_drained(path(&bench)).await;
    assert!(spool(path(&bench)).len() <= 1);
    assert_eq!(spool(path(&wreck)), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_frame_is_nobodys_and_a_damaged_one_is_kept() {
    let Held { bench, home, before, other } = held().await;
    let frames = |bytes: &[u8]| {
        let marks = bytes.windows(4).enumerate().filter(|(_, four)| four == b"PM3A");
        marks.map(|(at, _)| at).collect::<Vec<_>>()
    };
    // The last frame ends with its first half; the tenth has a bit turned, in its head, its rows or its signature.
    for (cut, turned, left) in
        [(true, None, CALLS - 1), (false, Some(9), 9), (false, Some(100), 9), (false, Some(1), 9)]
    {
        let (_folder, wreck) = wreck(&bench);
        let [file] = &spool(path(&wreck))[..] else { panic!("one file") };
        let mut bytes = std::fs::read(file).unwrap();
        let frames = frames(&bytes);
        assert_eq!(frames.len(), CALLS);
        if cut {
            bytes[frames[CALLS - 1] + 200..].fill(0);
        }
        if let Some(at) = turned {
            bytes[frames[9] + at] ^= 1;
        }
        std::fs::write(file, bytes).unwrap();
        let store = wreck.open().await;
        let (after, breaks) = log_of(&store, home.tenant).await;
        assert_eq!((after.len(), breaks), (before + left, Vec::new()), "{turned:?}");
        assert_eq!(kept(&wreck, "damaged").len(), usize::from(turned.is_some()), "{turned:?}");
    }
    other.execute_unprepared("COMMIT").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_frame_behind_the_newest_is_not_taken_for_a_damaged_one() {
    let Held { bench, home, before, other } = held().await;
    let (_folder, wreck) = wreck(&bench);
    other.execute_unprepared("COMMIT").await.unwrap();
    let [file] = &spool(path(&wreck))[..] else { panic!("one file") };
    let mut bytes = std::fs::read(file).unwrap();
    let marks: Vec<_> = bytes.windows(4).enumerate().filter(|(_, four)| four == b"PM3A").collect();
    let (second, last) = (marks[1].0, marks[CALLS - 1].0);
    // A file begins anew when all of it is in the log: what lay there is overwritten with zeros, which a loss of power may undo.
    let length = u32::from_le_bytes(bytes[last + 4..last + 8].try_into().unwrap()) as usize;
    // Around its rows a frame has 64 bytes.
    let end = last + length + 64;
    bytes.copy_within(..second, end);
    std::fs::write(file, bytes).unwrap();
    let (after, breaks) = log_of(&wreck.open().await, home.tenant).await;
    assert_eq!((after.len(), breaks), (before + CALLS, Vec::new()));
    assert_eq!(kept(&wreck, "damaged"), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_another_deployment_are_not_taken_and_not_lost() {
    let Held { bench, home, before, other } = held().await;
    let (_folder, wreck) = wreck(&bench);
    other.execute_unprepared("COMMIT").await.unwrap();
    let [file] = &spool(path(&wreck))[..] else { panic!("one file") };
    let bytes = std::fs::read(file).unwrap();
    let keys = AuditKeys::new(&SecretBox::new(Box::new([8; 32])));
    let options = StoreOptions { audit_keys: keys.into(), ..wreck.options() };
    let store = Store::open(options).await.unwrap();
    let refused = store.session(home.tenant).commit(home.event()).await;
    assert!(refused.is_err(), "a chain with another key's signature is not gone on from");
    store.close().await;
    let [aside] = &kept(&wreck, "foreign")[..] else { panic!("one file") };
    assert_eq!(std::fs::read(aside).unwrap(), bytes);
    // The secrets are put back.
    let (after, breaks) = log_of(&wreck.open().await, home.tenant).await;
    assert_eq!((after.len(), breaks), (before + CALLS, Vec::new()));
    assert_eq!(kept(&wreck, "foreign"), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_erased_meanwhile_does_not_come_back_with_a_row() {
    let bench = Bench::sqlite().await;
    let home = bench.settled().await;
    let db = hold(&bench).await;
    let (ada, bob) = (UserId::new(home.now), UserId::new(home.now));
    for user in [ada, bob] {
        let mut event = home.event();
        event.actor = Actor { user: Some(user), ..event.actor };
        home.session().commit(event).await.unwrap();
    }
    let keys = AuditKeys::new(&SecretBox::new(Box::new([7; 32])));
    let mark = erased_member(&keys, home.tenant, ada).to_string();
    let put =
        format!("INSERT INTO erased VALUES ({}, {}, 1)", id(&db, home.tenant.uuid()), bytes(&db, &mark));
    db.execute_unprepared(&put).await.unwrap();
    db.execute_unprepared("COMMIT").await.unwrap();
    let (_, breaks) = log_of(&home.store, home.tenant).await;
    assert_eq!(breaks, []);
    let sides = async |user: UserId| {
        let sql = format!("SELECT count(*) FROM audit_personal WHERE user_id = {}", id(&db, user.uuid()));
        let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap().unwrap();
        row.try_get_by_index::<i64>(0).unwrap()
    };
    assert_eq!((sides(ada).await, sides(bob).await), (0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_process_acknowledged_another_one_finds() {
    let bench = Bench::sqlite().await;
    let home = bench.settled().await;
    let other = bench.open().await;
    for calls in 1..20 {
        read(&home, calls).await;
        let (own, _) = log_of(&home.store, home.tenant).await;
        read(&home, calls).await;
        let (theirs, _) = log_of(&other, home.tenant).await;
        assert_eq!(theirs.len(), own.len() + calls);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_runtime_of_one_thread_that_waits_for_no_sync_keeps_rows_too() {
    let bench = Bench::sqlite().await;
    let store =
        Store::open(StoreOptions { audit_reads: AuditReads::Committed, ..bench.options() }).await.unwrap();
    let home = crate::bench::settle(store, &bench.clock, "acme").await;
    let before = log_of(&home.store, home.tenant).await.0.len();
    let other = hold(&bench).await;
    read(&home, CALLS).await;
    let (_folder, wreck) = wreck(&bench);
    other.execute_unprepared("COMMIT").await.unwrap();
    for store in [&home.store, &wreck.open().await] {
        let (after, breaks) = log_of(store, home.tenant).await;
        assert_eq!((after.len(), breaks), (before + CALLS, Vec::new()));
    }
}
