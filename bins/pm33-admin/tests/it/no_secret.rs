//! A key is shown once, by the command that makes it, and is nowhere afterwards: commands that log everything tell
//! neither it nor a secret of the deployment.

use std::{path::Path, process::Command};

use serde_json::Value;

use crate::command::{acme, text};

/// Runs a command at the fullest log; what it said and what it logged.
fn traced(folder: &Path, words: &str) -> (String, String) {
    traced_with(folder, words, &[])
}

fn traced_with(folder: &Path, words: &str, environment: &[(&str, String)]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_pm33-admin"))
        .arg("--data-dir")
        .arg(folder)
        .args(words.split(' '))
        .env("PM33_TELEMETRY_LOG_FILTER", "trace")
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .output()
        .expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (text(output.stdout), text(output.stderr))
}

#[test]
fn a_key_is_shown_by_its_making_only() {
    let folder = acme();
    let folder = folder.path();
    let mut shown = Vec::new();
    let mut told = String::new();
    for make in ["key create acme ada --name first", "key create acme ada --name second"] {
        let (said, logged) = traced(folder, &format!("--json {make}"));
        let made: Value = serde_json::from_str(&said).expect("JSON");
        shown.push(text(&made, "key"));
        told += &logged;
        let id = text(&made, "id");
        let (said, logged) = traced(folder, &format!("--json key rotate acme {id}"));
        let made: Value = serde_json::from_str(&said).expect("JSON");
        shown.push(text(&made, "key"));
        told += &logged;
    }
    let slip = format!("{}!", shown[0]);
    for words in [
        "key list acme".to_owned(),
        "--json key list acme".to_owned(),
        "--json audit tail acme --count 1000".to_owned(),
        "audit verify acme".to_owned(),
        "config check".to_owned(),
        "doctor".to_owned(),
        "export acme core -".to_owned(),
        // Somebody takes the key for its id.
        format!("key revoke acme {}", shown[0]),
        format!("key rotate acme {}", shown[1]),
        format!("key revoke acme {slip}"),
        format!("--json key revoke acme {}", shown[0]),
    ] {
        let (said, logged) = traced(folder, &words);
        told += &said;
        told += &logged;
    }
    let secrets = std::fs::read_to_string(folder.join("secrets.toml")).expect("secrets");
    let mut secrets: Vec<_> = secrets.split('"').filter(|word| word.len() == 64).collect();
    assert!(secrets.len() >= 3, "pepper, audit key, key of handles");
    // Behind the word, the environment and the public half.
    secrets.extend(shown.iter().map(|key| &key[key.len() - 49..key.len() - 6]));
    let database: Vec<_> = ["pm33.db", "pm33.db-wal"]
        .iter()
        .flat_map(|name| std::fs::read(folder.join(name)))
        .flatten()
        .collect();
    assert!(!database.is_empty());
    for secret in secrets {
        for part in [&secret[..secret.len() / 2], &secret[secret.len() / 2..]] {
            assert!(!told.contains(part), "{part}: {told}");
            assert!(!database.windows(part.len()).any(|window| window == part.as_bytes()), "{part}");
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test's place; a skipped test is to be seen")]
fn passwords_of_the_database_are_told_nowhere() {
    let Ok(server) = std::env::var("PM33_TEST_POSTGRES_URL") else {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "PM33_TEST_POSTGRES_URL must be set where CI=true"
        );
        eprintln!("SKIPPED: PostgreSQL; set PM33_TEST_POSTGRES_URL to a superuser's URL");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let name = format!("pm33_secret_{}", std::process::id());
    for statement in [
        format!("CREATE ROLE {name}_o LOGIN PASSWORD '0wner-passw0rd' CREATEROLE"),
        format!("CREATE DATABASE {name} OWNER {name}_o"),
    ] {
        let ran = Command::new("psql").args(["-q", "-d", &server, "-c", &statement]).status();
        assert!(ran.is_ok_and(|status| status.success()), "{statement}");
    }
    let host = server.split_once('@').and_then(|(_, place)| place.split('/').next()).expect("a host");
    let passwords = [
        ("o", "0wner-passw0rd", "PM33_DATABASE_OWNER_URL_FILE"),
        ("a", "appl1cation-passw0rd", "PM33_DATABASE_URL_FILE"),
    ];
    let environment = passwords.map(|(role, password, variable)| {
        let path = folder.path().join(role);
        std::fs::write(&path, format!("postgres://{name}_{role}:{password}@{host}/{name}")).expect("a file");
        (variable, path.display().to_string())
    });
    let mut told = String::new();
    for words in ["config check", "migrate", "migrate", "tenant create acme", "--json doctor", "tenant list"]
    {
        let (said, logged) = traced_with(folder.path(), words, &environment);
        told += &said;
        told += &logged;
    }
    assert!(told.contains("acme"), "{told}");
    // Another server's password, and a URL that is none.
    for url in
        [format!("postgres://{name}_a:wr0ng-passw0rd@{host}/nowhere"), "postgres:/wr0ng-passw0rd".to_owned()]
    {
        std::fs::write(&environment[1].1, url).expect("a file");
        let (said, logged) = traced_with(folder.path(), "tenant list", &environment);
        assert!(logged.contains("PostgreSQL"), "{logged}");
        told += &said;
        told += &logged;
    }
    assert!(!told.contains("passw0rd"), "{told}");
}
