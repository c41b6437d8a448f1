//! Every list comes in pages: taken together they are the whole list, once.

use crate::command::{acme, json, rows, run, said, text};

/// All pages of a list, joined; and how many there were.
fn walk(folder: &std::path::Path, command: &str, limit: usize) -> (Vec<serde_json::Value>, usize) {
    let (mut all, mut pages, mut after) = (Vec::new(), 0, String::new());
    loop {
        let page = json(folder, &format!("{command} --limit {limit}{after}"));
        let rows = page["rows"].as_array().expect("rows").clone();
        assert!(rows.len() <= limit, "{page}");
        all.extend(rows);
        pages += 1;
        match page["next"].as_str() {
            None => return (all, pages),
            Some(next) => after = format!(" --after {next}"),
        }
    }
}

#[test]
fn pages_joined_are_the_list() {
    let folder = acme();
    let folder = folder.path();
    for name in ["bo", "cy", "di", "ed"] {
        json(folder, &format!("user create acme {name} --workspace core"));
        json(folder, &format!("tenant create t-{name}"));
        json(folder, &format!("workspace create acme w-{name} --prefix {}", name.to_uppercase()));
        json(folder, &format!("key create acme {name} --name k"));
    }
    json(folder, "membership add acme bo w-bo");
    for (command, count) in [
        ("tenant list", 5),
        ("user list acme", 5),
        ("workspace list acme", 5),
        ("key list acme", 4),
        ("membership list acme", 5),
        ("membership list acme --user bo", 2),
        ("audit list acme", 16),
        ("scope list", 16),
        ("settings show --tenant acme", 22),
    ] {
        let (whole, pages) = walk(folder, command, 1_000);
        assert_eq!((whole.len(), pages), (count, 1), "{command}: {whole:?}");
        let (joined, pages) = walk(folder, command, 2);
        assert_eq!((&joined, pages), (&whole, count.div_ceil(2)), "{command}");
    }
    let mut owners: Vec<_> = rows(folder, "key list acme").iter().map(|row| text(row, "user")).collect();
    owners.sort_unstable();
    assert_eq!(owners, ["bo", "cy", "di", "ed"]);
    assert!(said(folder, "key list acme").contains("bo"));
    let table = said(folder, "user list acme --limit 2");
    assert!(table.contains("there are more: --after bo") && !table.contains("cy"), "{table}");
    for limit in ["0", "1001"] {
        assert!(!run(folder, &format!("tenant list --limit {limit}")).is_ok);
    }
    let scopes = json(folder, "scope list")["rows"].clone();
    let write =
        scopes.as_array().expect("rows").iter().find(|row| row["scope"] == "backlog:write").expect("it");
    assert_eq!(
        (text(write, "brings").as_str(), text(write, "least role").as_str()),
        ("backlog:read", "member")
    );
}
