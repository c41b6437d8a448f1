//! What was sent to providers of language models is listed for whoever has to tell of it.

use std::path::Path;

use pm33_app::{Settings, found};
use pm33_billing::{Backing, Ceilings, Disclosure, HoldId, HoldRequest, Ledger, MicroCredits, Room};
use pm33_tenancy::Administration;

use crate::command::{acme, json, rows, run, said, text};

/// Notes two questions of one call of a tenant, as the server does before it asks.
pub(crate) fn ask(folder: &Path, slug: &str) {
    let mut settings = Settings::default();
    folder.clone_into(&mut settings.data.dir);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let foundation = found(&settings).await.expect("the store opens");
        let now = foundation.clock.now();
        let tenants = foundation.store.operator().tenants().await.expect("tenants");
        let tenant = tenants.iter().find(|one| one.slug == slug).expect("the tenant").id;
        let session = foundation.store.session(tenant);
        let hold = HoldRequest {
            id: HoldId::from_uuid(uuid::Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0001)),
            tenant,
            key: None,
            tool: "pm33_generate_prd".to_owned(),
            most: MicroCredits::new(1_000),
            at: now,
            life: std::time::Duration::from_mins(15),
            backing: Backing::Credits,
            ceilings: Ceilings::default(),
            room: Room { tenant: u32::MAX, key: u32::MAX, tool: u32::MAX },
        };
        let held = session.hold(&hold).await.expect("held").hold.id;
        for (call, redactions) in [(1, 0), (2, 3)] {
            let sent = Disclosure {
                tenant,
                hold: held,
                call,
                at: now,
                provider: "anthropic".to_owned(),
                model: "claude-opus-5-5".to_owned(),
                categories: vec!["work_item".to_owned(), "objective".to_owned()],
                bytes: 2_048,
                redactions,
            };
            session.disclose(&sent).await.expect("noted");
        }
        foundation.store.close().await;
    });
}

#[test]
fn what_was_sent_to_a_provider_is_listed_page_by_page() {
    let folder = acme();
    let folder = folder.path();
    assert!(rows(folder, "privacy disclosures acme").is_empty());
    said(folder, "credits grant acme 1 --note test");
    ask(folder, "acme");
    let all = rows(folder, "privacy disclosures acme");
    let told = |row: &serde_json::Value| {
        ["tenant", "provider", "model", "categories", "bytes", "redactions"].map(|name| text(row, name))
    };
    assert_eq!(all.len(), 2);
    assert_eq!(told(&all[1]), ["acme", "anthropic", "claude-opus-5-5", "work_item objective", "2048", "3"]);
    assert!(text(&all[0], "at").starts_with("20"), "{all:?}");
    let first = json(folder, "privacy disclosures acme --limit 1");
    let next = text(&first, "next");
    assert!(next.ends_with("/1"), "{first}");
    let second = json(folder, &format!("privacy disclosures acme --limit 1 --after {next}"));
    assert_eq!((&second["rows"][0], &second["next"]), (&all[1], &serde_json::Value::Null));
    assert!(said(folder, "privacy disclosures acme").contains("claude-opus-5-5"));
    let refused = run(folder, "privacy disclosures acme --after nothing");
    assert!(
        !refused.is_ok && refused.complained.contains("a hold and the number of a call"),
        "{}",
        refused.complained
    );
}
