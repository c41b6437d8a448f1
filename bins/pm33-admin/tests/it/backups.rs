//! Backup beside a running server, and restore: what comes back is what was there; a bad backup changes nothing.

use std::path::Path;

use crate::{
    command::{acme, json, rows, run, text},
    serving::{Server, status},
};

fn restore(home: &Path, backup: &Path, flags: &str) -> crate::command::Run {
    run(home, &format!("restore {}{flags}", backup.display()))
}

/// A deployment with a key, backed up while a server runs on it.
fn backed_up() -> (tempfile::TempDir, String, std::path::PathBuf) {
    let folder = acme();
    let key = text(&json(folder.path(), "key create acme ada --name k"), "key");
    let backup = folder.path().join("copies/monday");
    let server = Server::start(folder.path());
    assert_eq!(status(server.address, &key), 200);
    let told = json(folder.path(), &format!("backup {}", backup.display()));
    assert_eq!(text(&told, "tenants"), "1");
    assert_eq!(status(server.address, &key), 200, "the server goes on");
    (folder, key, backup)
}

#[test]
fn what_was_backed_up_comes_back_also_elsewhere() {
    let (folder, key, backup) = backed_up();
    let names: std::collections::BTreeSet<_> = std::fs::read_dir(&backup)
        .expect("the backup")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["backup.json", "pm33.db", "secrets.toml"]);
    json(folder.path(), "user create acme later");
    let elsewhere = tempfile::tempdir().expect("a folder");
    for home in [folder.path(), elsewhere.path()] {
        assert!(restore(home, &backup, " --yes").is_ok);
        let users: Vec<_> = rows(home, "user list acme").iter().map(|row| text(row, "handle")).collect();
        assert_eq!(users, ["ada"]);
        assert!(json(home, "doctor").as_array().expect("rows").iter().all(|row| row["state"] == "ok"));
        let server = Server::start(home);
        assert_eq!(status(server.address, &key), 200, "keys live on with their secrets");
    }
    // What was there is put aside and whole.
    let aside =
        std::fs::read_dir(folder.path()).expect("the folder").map(|entry| entry.expect("an entry").path());
    let aside: Vec<_> = aside.filter(|path| path.to_string_lossy().contains("before-restore-")).collect();
    assert_eq!(aside.len(), 1);
    assert_eq!(rows(&aside[0], "user list acme").len(), 2);
}

#[test]
fn nothing_is_restored_unasked_or_under_a_running_server() {
    let (folder, _, backup) = backed_up();
    json(folder.path(), "user create acme later");
    let server = Server::start(folder.path());
    for (flags, words) in [("", "--yes"), (" --yes", "stop every server")] {
        let refused = restore(folder.path(), &backup, flags);
        assert!(!refused.is_ok && refused.complained.contains(words), "{}", refused.complained);
    }
    let tried = restore(folder.path(), &backup, " --dry-run");
    assert!(tried.is_ok && tried.said.contains("the backup is good"), "{}", tried.complained);
    assert_eq!(rows(folder.path(), "user list acme").len(), 2);
    drop(server);
    let left = std::fs::read_dir(folder.path()).expect("the folder");
    assert!(
        left.map(|entry| entry.expect("an entry").file_name())
            .all(|name| !name.to_string_lossy().contains("restore"))
    );
}

#[test]
fn a_backup_that_was_changed_is_refused() {
    let (folder, _, backup) = backed_up();
    let again = run(folder.path(), &format!("backup {}", backup.display()));
    assert!(!again.is_ok && again.complained.contains("there already"), "{}", again.complained);
    let database = backup.join("pm33.db");
    let good = std::fs::read(&database).expect("the copy");
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    std::fs::write(&database, &bad).expect("changed");
    let refused = restore(folder.path(), &backup, " --yes");
    assert!(!refused.is_ok && refused.complained.contains("SHA-256"), "{}", refused.complained);
    // Somebody who changed the manifest with it: the audit chain still tells.
    let manifest = backup.join("backup.json");
    let listed = std::fs::read_to_string(&manifest).expect("the manifest");
    let forged = replaced(&good, b"admin/user.create", b"admin/user.delete");
    std::fs::write(&database, &forged).expect("changed");
    let old: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    let other = listed.replace(&text(&old, "database"), &sha256(&database));
    std::fs::write(&manifest, other).expect("changed");
    let refused = restore(folder.path(), &backup, " --yes");
    assert!(!refused.is_ok && refused.complained.contains("does not verify"), "{}", refused.complained);
    // An older copy in the place of the newer one.
    std::fs::write(&database, &good).expect("changed");
    std::fs::write(&manifest, listed.replace("\"acme\": ", "\"acme\": 1")).expect("changed");
    let refused = restore(folder.path(), &backup, " --yes");
    assert!(!refused.is_ok && refused.complained.contains("manifest says"), "{}", refused.complained);
    std::fs::write(&manifest, listed).expect("changed");
    assert_eq!(rows(folder.path(), "user list acme").len(), 1, "what is there is untouched");
    assert!(restore(folder.path(), &backup, " --yes").is_ok, "the good one comes back");
}

/// Bytes with one text put for another of its length.
fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let places: Vec<_> = bytes.windows(old.len()).enumerate().filter(|(_, part)| *part == old).collect();
    let places: Vec<_> = places.into_iter().map(|(place, _)| place).collect();
    assert!(!places.is_empty() && old.len() == new.len());
    for place in places {
        bytes[place..place + new.len()].copy_from_slice(new);
    }
    bytes
}

fn sha256(path: &Path) -> String {
    use sha2::Digest as _;
    pm33_tenancy::Digest(sha2::Sha256::digest(std::fs::read(path).expect("the file")).into()).to_string()
}
