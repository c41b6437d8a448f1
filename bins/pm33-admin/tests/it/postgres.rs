//! PostgreSQL: `backup` says what to use instead, and the documented commands bring a deployment back.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::command::{json, rows, run, text};

/// A database of its own, and the settings file that names it.
struct Place {
    settings: PathBuf,
    owner_url: String,
}

fn program(name: &str, arguments: &[&str]) -> Output {
    Command::new(name).args(arguments).output().unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn sql(server: &str, statement: &str) {
    let ran = program("psql", &["-q", "-v", "ON_ERROR_STOP=1", "-d", server, "-c", statement]);
    assert!(ran.status.success(), "{statement}: {}", String::from_utf8_lossy(&ran.stderr));
}

fn place(server: &str, folder: &Path, name: &str) -> Place {
    sql(server, &format!("CREATE ROLE {name}_o LOGIN PASSWORD 'owner' CREATEROLE"));
    sql(server, &format!("CREATE DATABASE {name} OWNER {name}_o"));
    let host = server.split_once('@').and_then(|(_, place)| place.split('/').next()).expect("a host");
    let mut text = String::from("[database]\n");
    let url = |role: &str, word: &str| format!("postgres://{name}_{role}:{word}@{host}/{name}");
    for (role, word, setting) in [("a", "app", "url_file"), ("o", "owner", "owner_url_file")] {
        let file = folder.join(format!("{name}-{word}"));
        std::fs::write(&file, url(role, word)).expect("written");
        writeln!(text, "{setting} = {:?}", file.display().to_string()).expect("written");
    }
    let settings = folder.join(format!("{name}.toml"));
    std::fs::write(&settings, text).expect("written");
    Place { settings, owner_url: url("o", "owner") }
}

#[expect(
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "the test's place; a skipped test is to be seen"
)]
fn server() -> Option<String> {
    if let Ok(server) = std::env::var("PM33_TEST_POSTGRES_URL") {
        return Some(server);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "PM33_TEST_POSTGRES_URL must be set where CI=true");
    eprintln!("SKIPPED: PostgreSQL; set PM33_TEST_POSTGRES_URL to a superuser's URL");
    None
}

#[test]
fn a_dump_as_documented_comes_back_whole() {
    let Some(server) = server() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    let name = format!("pm33_dump_{}", std::process::id());
    let first = place(&server, home, &name);
    let on = |place: &Place, words: &str| format!("--config {} {words}", place.settings.display());
    for words in [
        "migrate",
        "tenant create acme",
        "user create acme ada",
        "workspace create acme core --prefix CORE",
        "key create acme ada --name k",
        "membership add acme ada core",
        "membership remove acme ada core --whole-tenant --yes",
    ] {
        json(home, &on(&first, words));
    }
    let refused = run(home, &on(&first, &format!("backup {}", home.join("copy").display())));
    assert!(!refused.is_ok && refused.complained.contains("pg_dump"), "{}", refused.complained);
    assert!(!run(home, &on(&first, "restore nowhere --yes")).is_ok);

    // The commands of docs/operations.md.
    let documented = include_str!("../../../../docs/operations.md");
    let dump = home.join("pm33.dump").display().to_string();
    let line = |start: &str| -> Vec<String> {
        let line = documented.lines().find(|line| line.starts_with(start)).expect("it is documented");
        let filled = line.replace("\"$OWNER_URL\"", &first.owner_url).replace("pm33.dump", &dump);
        filled.split(' ').map(str::to_owned).collect()
    };
    let with = |words: &[String]| {
        let arguments: Vec<_> = words[1..].iter().map(String::as_str).collect();
        let ran = program(&words[0], &arguments);
        assert!(ran.status.success(), "{words:?}: {}", String::from_utf8_lossy(&ran.stderr));
    };
    with(&line("pg_dump "));
    let second = place(&server, home, &format!("{name}_again"));
    let restore: Vec<_> = line("pg_restore ")
        .iter()
        .map(|word| word.replace("\"$NEW_OWNER_URL\"", &second.owner_url))
        .collect();
    with(&restore);
    json(home, &on(&second, "migrate"));
    for command in ["user list acme", "key list acme", "audit list acme"] {
        assert_eq!(rows(home, &on(&second, command)), rows(home, &on(&first, command)), "{command}");
    }
    let health = json(home, &on(&second, "doctor"));
    assert!(health.as_array().expect("rows").iter().all(|row| text(row, "state") == "ok"), "{health}");
    // It is guarded as the first one was: what serves it says so when it starts, and it takes writes.
    json(home, &on(&second, "user create acme later"));
    assert_eq!(rows(home, &on(&second, "user list acme")).len(), 2);
}
