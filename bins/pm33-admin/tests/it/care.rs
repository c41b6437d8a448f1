//! Migration, settings, the doctor, completions and manual pages.

use crate::command::{acme, json, run, said, text};

#[test]
fn migrating_is_safe_at_any_time() {
    let folder = tempfile::tempdir().expect("a folder");
    for _ in 0..2 {
        assert_eq!(text(&json(folder.path(), "migrate"), "migrated"), "yes");
    }
    assert_eq!(json(folder.path(), "tenant list"), serde_json::json!({ "rows": [], "next": null }));
}

#[test]
fn settings_are_shown_with_their_sources_and_faults_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pm33.toml");
    std::fs::write(&file, "[limits]\ncalls_per_minute_key = 90\n").expect("written");
    let command = format!("--config {} config check", file.display());
    let shown = json(folder.path(), &command);
    let row = |name: &str| {
        let found = shown.as_array().expect("rows").iter().find(|row| row["setting"] == name);
        found.unwrap_or_else(|| panic!("{name}: {shown}")).clone()
    };
    assert_eq!(text(&row("limits.calls_per_minute_key"), "value"), "90");
    assert!(text(&row("limits.calls_per_minute_key"), "source").contains("pm33.toml"));
    assert!(text(&row("data.dir"), "source").contains("--data-dir"));
    assert_eq!(text(&row("server.path"), "source"), "default");
    assert!(said(folder.path(), &command).contains("limits.calls_per_minute_key"));
    std::fs::write(&file, "[limits]\ncalls_per_minute_key = 0\n").expect("written");
    let refused = run(folder.path(), &command);
    assert!(!refused.is_ok);
    for word in ["limits.calls_per_minute_key", "pm33.toml", "must be"] {
        assert!(refused.complained.contains(word), "{word}: {}", refused.complained);
    }
}

#[test]
fn the_doctor_finds_all_well_and_a_missing_secret() {
    let folder = acme();
    let well = json(folder.path(), "doctor");
    let states: Vec<_> = well.as_array().expect("rows").iter().map(|row| text(row, "state")).collect();
    assert!(states.len() >= 4 && states.iter().all(|state| state == "ok"), "{well}");
    assert!(said(folder.path(), "doctor").contains("audit log of acme"));
    std::fs::remove_file(folder.path().join("secrets.toml")).expect("removed");
    let ill = run(folder.path(), "doctor");
    assert!(!ill.is_ok && ill.complained.contains("secrets.toml"), "{}", ill.complained);
}

#[test]
fn completions_are_printed_for_every_shell() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = said(folder.path(), &format!("completions {shell}"));
        for word in ["pm33-admin", "rotate", "workspace"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    // As a file: a script of every command is longer than an argument may be.
    let script = folder.path().join("completions.bash");
    std::fs::write(&script, said(folder.path(), "completions bash")).expect("written");
    let checked = std::process::Command::new("bash").arg("-n").arg(script).status();
    assert!(checked.expect("bash").success(), "bash reads its script");
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("man");
    let told = json(folder.path(), &format!("man {}", pages.display()));
    assert!(text(&told, "pages").parse::<u32>().expect("a number") > 30, "{told}");
    for (name, word) in
        [("pm33-admin", "backup"), ("pm33-admin-key-revoke", "derived"), ("pm33-admin-restore", "dry")]
    {
        let page = std::fs::read_to_string(pages.join(format!("{name}.1"))).expect("a page");
        assert!(page.contains(".TH") && page.contains(word), "{name}: {page}");
    }
}
