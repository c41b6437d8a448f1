//! Memberships decide what a key reaches; taking the last one away would open the whole tenant and is not done unasked.

use crate::command::{acme, json, rows, run};

#[test]
fn members_are_added_changed_and_removed() {
    let folder = acme();
    let folder = folder.path();
    json(folder, "workspace create acme next --prefix NEXT");
    json(folder, "membership add acme ada core --role viewer");
    let twice = run(folder, "membership add acme ada core");
    assert!(!twice.is_ok && twice.complained.contains("membership role"), "{}", twice.complained);
    json(folder, "membership role acme ada core admin");
    json(folder, "membership add acme ada next");
    let listed = || -> Vec<(String, String)> {
        let row = |row: &serde_json::Value| {
            (
                row["workspace"].as_str().expect("slug").to_owned(),
                row["role"].as_str().expect("role").to_owned(),
            )
        };
        rows(folder, "membership list acme --user ada").iter().map(row).collect()
    };
    let pairs = |of: &[(&str, &str)]| -> Vec<(String, String)> {
        of.iter().map(|(slug, role)| ((*slug).to_owned(), (*role).to_owned())).collect()
    };
    assert_eq!(listed(), pairs(&[("core", "admin"), ("next", "member")]));

    let unasked = run(folder, "membership remove acme ada next");
    assert!(!unasked.is_ok && unasked.complained.contains("--yes"), "{}", unasked.complained);
    json(folder, "membership remove acme ada next --yes");
    assert_eq!(listed(), pairs(&[("core", "admin")]));
    let last = run(folder, "membership remove acme ada core --yes");
    assert!(!last.is_ok && last.complained.contains("--whole-tenant"), "{}", last.complained);
    assert_eq!(listed().len(), 1, "nothing was done");
    json(folder, "membership remove acme ada core --whole-tenant --yes");
    assert_eq!(listed(), []);

    let acts: Vec<_> = rows(folder, "audit list acme")
        .iter()
        .filter_map(|row| row["method"].as_str()?.strip_prefix("admin/membership.").map(str::to_owned))
        .collect();
    assert_eq!(acts, ["add", "role", "add", "remove", "remove"]);
}
