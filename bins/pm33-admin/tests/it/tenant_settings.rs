//! What holds for a tenant is shown with its source, and a running server follows a change.

use crate::{
    command::{acme, json, rows, said, text},
    serving::{Server, status},
};

fn row(folder: &std::path::Path, command: &str, name: &str) -> (String, String) {
    let all = rows(folder, command);
    let found = all.iter().find(|row| row["setting"] == name).unwrap_or_else(|| panic!("{name}: {all:?}"));
    (text(found, "value"), text(found, "source"))
}

#[test]
fn each_value_is_shown_with_its_source() {
    let folder = acme();
    let file = folder.path().join("pm33.toml");
    std::fs::write(&file, "[limits]\nkey_max_days = 30\n").expect("written");
    let show = format!("--config {} settings show", file.display());
    let of = |name: &str| row(folder.path(), &format!("{show} --tenant acme"), name);
    assert_eq!(of("sessions_max"), ("1000".to_owned(), "default".to_owned()));
    let (value, source) = of("key_max_days");
    assert!(value == "30" && source.contains("pm33.toml"), "{source}");
    let told = json(folder.path(), "settings set acme sessions_max 7");
    assert_eq!((text(&told, "value"), text(&told, "source")), ("7".to_owned(), "tenant acme".to_owned()));
    assert_eq!(of("sessions_max"), ("7".to_owned(), "tenant acme".to_owned()));
    assert!(said(folder.path(), "settings show --tenant acme").contains("tenant acme"));
    json(folder.path(), "settings unset acme sessions_max");
    assert_eq!(of("sessions_max").1, "default");
    let (value, source) = row(folder.path(), &show, "limits.key_max_days");
    assert!(value == "30" && source.contains("pm33.toml"), "{source}");
    assert!(row(folder.path(), &show, "data.dir").1.contains("--data-dir"));
}

#[test]
fn a_running_server_follows() {
    let folder = acme();
    let server = Server::start(folder.path());
    let key = text(&json(folder.path(), "key create acme ada --name k"), "key");
    assert_eq!(status(server.address, &key), 200);
    json(folder.path(), "settings set acme calls_per_minute_key 1");
    let mut tries = 0;
    while status(server.address, &key) != 429 {
        tries += 1;
        assert!(tries < 5_000, "the new limit never held");
    }
    json(folder.path(), "settings unset acme calls_per_minute_key");
    let mut tries = 0;
    while status(server.address, &key) != 200 {
        tries += 1;
        assert!(tries < 200, "the old limit never held again");
        // A key that never stops would be suspended.
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
}
