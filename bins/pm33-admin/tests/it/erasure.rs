//! Access and erasure as an operator carries them out: the copy comes back, the certificate is signed, and neither a
//! restored backup nor an old database file brings anybody back.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use pm33_app::{Settings, bind_http, found};
use rusqlite::{Connection, config::DbConfig};
use serde_json::Value;

use crate::command::{acme, json, rows, run, text};

fn handles(home: &Path) -> Vec<String> {
    rows(home, "user list acme").iter().map(|row| text(row, "handle")).collect()
}

/// A deployment with an imported item, assigned to the member who will go.
fn deployment() -> tempfile::TempDir {
    let folder = acme();
    let home = folder.path();
    json(home, "user create acme zq7grace --name Zq7Grace");
    json(home, "key create acme zq7grace --name laptop");
    let items = home.join("items.csv");
    let table = "Task ID,Name,Section/Column,Assignee\n1,Water the plants,To do,zq7grace\n2,Feed the cat,To do,somebody\n";
    std::fs::write(&items, table).expect("written");
    let imported = run(home, &format!("import acme core {}", items.display()));
    assert!(imported.is_ok, "{}", imported.complained);
    folder
}

#[test]
fn an_organisations_copy_holds_what_it_says_and_comes_back() {
    let folder = deployment();
    let home = folder.path();
    let copy = home.join("acme.zip");
    let id = text(&json(home, "privacy request acme portability"), "request");
    json(home, &format!("privacy verify-identity acme {id} --how organisation"));
    let needs = run(home, &format!("privacy complete acme {id}"));
    assert!(!needs.is_ok && needs.complained.contains("--out"), "{}", needs.complained);
    let done = json(home, &format!("privacy complete acme {id} --out {}", copy.display()));
    assert!(text(&done, "note").contains("1 workspaces"), "{done}");
    let there = run(home, &format!("privacy export acme {}", copy.display()));
    assert!(!there.is_ok && there.complained.contains("there already"));
    json(home, "tenant create other");
    let back = json(home, &format!("privacy bring-back other {}", copy.display()));
    assert_eq!((text(&back, "workspaces"), text(&back, "members")), ("1".to_owned(), "2".to_owned()));
    let lines = |tenant: &str| {
        let run = run(home, &format!("export {tenant} core -"));
        let mut lines: Vec<Value> =
            run.said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        lines.remove(0);
        lines
    };
    assert_eq!(lines("acme"), lines("other"));
    assert!(lines("other").len() > 2);
}

#[test]
fn a_member_goes_with_a_certificate_and_no_backup_brings_them_back() {
    let folder = deployment();
    let home = folder.path();
    let backup = home.join("copies/monday");
    json(home, &format!("backup {}", backup.display()));
    let old = std::fs::read(home.join("pm33.db")).expect("the database");
    let certificate = home.join("grace.json");
    let asked = run(home, &format!("user remove acme zq7grace --certificate {}", certificate.display()));
    assert!(!asked.is_ok && asked.complained.contains("--yes"), "{}", asked.complained);
    let _ = std::fs::remove_file(&certificate);
    let done =
        json(home, &format!("user remove acme zq7grace --certificate {} --yes", certificate.display()));
    assert!(text(&done, "done").contains("deleted"), "{done}");
    assert_eq!(handles(home), ["ada"]);
    let lines = run(home, "export acme core -").said;
    assert!(!lines.contains("zq7grace") && lines.contains("somebody"), "{lines}");
    // Signed, and a changed one is seen.
    let words = format!("privacy certificate {}", certificate.display());
    assert!(run(home, &words).is_ok);
    let signed = std::fs::read_to_string(&certificate).expect("the certificate");
    let told: Value = serde_json::from_str(&signed).expect("JSON");
    assert_eq!(
        (&told["verification"]["remaining_rows"], &told["verification"]["audit_breaks"]),
        (&0.into(), &0.into())
    );
    assert!(told["elsewhere"].as_array().is_some_and(|all| !all.is_empty()), "{told}");
    assert!(!signed.to_lowercase().contains("zq7grace"), "{signed}");
    std::fs::write(&certificate, signed.replace("\"audit_breaks\": 0", "\"audit_breaks\": 1"))
        .expect("written");
    assert!(!run(home, &words).is_ok);
    // A backup from before: restored, the journal is replayed before anything is served.
    let restored = json(home, &format!("restore {} --yes", backup.display()));
    assert_eq!(text(&restored, "erased again"), "1");
    assert_eq!(handles(home), ["ada"]);
    for file in ["pm33.db", "pm33.db-wal"] {
        let bytes = std::fs::read(home.join(file)).unwrap_or_default();
        assert!(!bytes.windows(8).any(|part| part.eq_ignore_ascii_case(b"zq7grace")), "{file}");
    }
    // An old file put back by hand: the server does not serve it.
    for file in ["pm33.db-wal", "pm33.db-shm"] {
        let _ = std::fs::remove_file(home.join(file));
    }
    std::fs::write(home.join("pm33.db"), old).expect("put back");
    assert_eq!(handles(home), ["ada", "zq7grace"]);
    let refused = tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let mut settings = Settings::default();
        settings.data.dir = home.to_owned();
        "127.0.0.1:0".clone_into(&mut settings.server.listen);
        let foundation = found(&settings).await.expect("the store opens");
        let refused = bind_http(&settings, &foundation).await.err().expect("nothing is served");
        foundation.store.close().await;
        refused.to_string()
    });
    assert!(refused.contains("privacy replay"), "{refused}");
    assert_eq!(text(&json(home, "privacy replay"), "erased again"), "1");
    assert_eq!(handles(home), ["ada"]);
    assert!(json(home, "audit verify acme")["breaks"] == "0");
}

/// Ends an erasure by force between its last row and its files: somebody who reads holds the log up, which is waited for.
fn interrupted(home: &Path, words: &str) {
    let reader = Connection::open(home.join("pm33.db")).expect("the database");
    // Whoever closes last would fold the log in.
    reader.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).expect("set");
    reader.execute_batch("BEGIN; SELECT count(*) FROM item_text;").expect("a reader");
    let mut erasing = Command::new(env!("CARGO_BIN_EXE_pm33-admin"))
        .args(["--json", "--data-dir"])
        .arg(home)
        .args(words.split(' '))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let looks = (0..300).map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        handles(home)
    });
    assert!(looks.into_iter().any(|all| all == ["ada"]), "the member's rows go");
    assert_eq!(erasing.try_wait().expect("its state"), None, "it waits for the reader");
    erasing.kill().expect("killed");
    erasing.wait().expect("ended");
    drop(reader);
}

#[test]
fn an_erasure_that_was_interrupted_is_told_of_and_brought_to_its_end() {
    let folder = deployment();
    let home = folder.path();
    let id = text(&json(home, "privacy request acme deletion --user zq7grace"), "request");
    json(home, &format!("privacy verify-identity acme {id} --how organisation"));
    interrupted(home, &format!("privacy complete acme {id} --out {} --yes", home.join("one.json").display()));
    let kept = |home: &Path| {
        let files = ["pm33.db", "pm33.db-wal"].map(|file| std::fs::read(home.join(file)).unwrap_or_default());
        files.iter().any(|bytes| bytes.windows(8).any(|part| part.eq_ignore_ascii_case(b"zq7grace")))
    };
    assert!(kept(home), "there is something to take out of the files");
    let told = run(home, "privacy verify").said;
    assert!(told.contains("1 erasures were begun and are not done"), "{told}");
    let asked = run(home, "privacy replay");
    assert!(!asked.is_ok && asked.complained.contains("--certificates"), "{}", asked.complained);
    // The request itself can be carried out again.
    let certificate = home.join("two.json");
    let done = json(home, &format!("privacy complete acme {id} --out {} --yes", certificate.display()));
    assert_eq!(text(&done, "state"), "completed");
    assert!(!kept(home));
    assert!(run(home, &format!("privacy certificate {}", certificate.display())).is_ok);
    assert!(!run(home, "privacy verify").said.contains("were begun"));
    assert_eq!(text(&json(home, "privacy replay"), "finished"), "0");
    assert!(json(home, "audit verify acme")["breaks"] == "0");
}

#[test]
fn an_interrupted_removal_of_a_member_is_brought_to_its_end_by_a_replay() {
    let folder = deployment();
    let home = folder.path();
    interrupted(
        home,
        &format!("user remove acme zq7grace --certificate {} --yes", home.join("one.json").display()),
    );
    let folder = home.join("certificates");
    std::fs::create_dir(&folder).expect("a folder");
    let done = json(home, &format!("privacy replay --certificates {}", folder.display()));
    assert_eq!((text(&done, "erased again"), text(&done, "finished")), ("0".to_owned(), "1".to_owned()));
    let files: Vec<_> =
        std::fs::read_dir(&folder).expect("files").map(|file| file.expect("a file").path()).collect();
    assert!(matches!(&*files, [one] if run(home, &format!("privacy certificate {}", one.display())).is_ok));
    assert_eq!(text(&json(home, "privacy replay"), "finished"), "0");
}

#[test]
fn an_organisation_goes_and_only_its_accounts_and_chain_stay() {
    let folder = deployment();
    let home = folder.path();
    let id = text(&json(home, "privacy request acme deletion"), "request");
    json(home, &format!("privacy verify-identity acme {id} --how organisation"));
    let certificate = home.join("acme.json");
    let done = json(home, &format!("privacy complete acme {id} --out {} --yes", certificate.display()));
    assert_eq!(text(&done, "state"), "completed");
    let left = json(home, "tenant list");
    let slug = text(&left["rows"][0], "slug");
    assert!(slug.starts_with("erased-"), "{left}");
    assert_eq!(rows(home, &format!("user list {slug}")).len(), 0);
    assert_eq!(rows(home, &format!("workspace list {slug}")).len(), 0);
    assert!(json(home, &format!("audit verify {slug}"))["breaks"] == "0");
    for file in ["pm33.db", "pm33.db-wal"] {
        let bytes = std::fs::read(home.join(file)).unwrap_or_default();
        for word in ["zq7grace", "Water the plants"] {
            assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word} in {file}");
        }
    }
}
