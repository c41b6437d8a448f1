//! One command holds every promise against a deployment: it passes where all are kept, and where one is not, it says which
//! and why.

use std::{path::Path, time::Duration};

use pm33_app::{Settings, act, found};
use pm33_tenancy::{Administration, Plan, Tenant, TenantId, TenantState, User, UserId, data_map};
use serde_json::Value;

use crate::{
    command::{Run, acme, run, run_with, said, text},
    disclosures::ask,
};

const COMPLETE: &str = "[privacy]\nversion = \"1\"\neffective = \"2026-11-01\"\ncontact = \"privacy@example.com\"\n\
                        [ai]\nproviders = [\"anthropic\"]\n";

/// What a command says of a deployment with such settings.
fn with(folder: &Path, settings: &str, command: &str) -> Run {
    let file = folder.join("settings.toml");
    std::fs::write(&file, settings).expect("a file");
    run(folder, &format!("--config {} {command}", file.display()))
}

/// The promises that are not kept, and why.
fn broken(folder: &Path, settings: &str) -> Vec<(String, String)> {
    let ran = with(folder, settings, "--json privacy verify");
    let table: Value = serde_json::from_str(&ran.said).expect("JSON");
    let rows = table.as_array().expect("rows");
    assert_eq!(rows.len(), 19, "every promise is looked at: {table}");
    let failed: Vec<_> = rows
        .iter()
        .filter(|row| row["verdict"] != "pass")
        .map(|row| (text(row, "promise"), text(row, "found")))
        .collect();
    assert_eq!(ran.is_ok, failed.is_empty(), "{}", ran.complained);
    for (promise, _) in &failed {
        assert!(ran.complained.contains(promise.as_str()), "{}", ran.complained);
    }
    failed
}

/// Each file in a data folder, but what the operator named himself, has its line in the data map.
fn every_file_is_mapped(folder: &Path, own: &[&str]) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let name = entry.expect("a file").file_name().into_string().expect("a name");
        let is_database = name.starts_with("pm33.db");
        let is_mapped = data_map::elsewhere().iter().any(|one| {
            let place = one.place.trim_start_matches("file: ").trim_end_matches('/');
            place == name || one.place.contains(&name)
        });
        assert!(
            is_database || is_mapped || own.contains(&name.as_str()),
            "{name} is in no line of the data map"
        );
    }
}

/// A member whose name hides something, as one that came in past the boundary.
fn hide(folder: &Path) {
    let mut settings = Settings::default();
    folder.clone_into(&mut settings.data.dir);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let foundation = found(&settings).await.expect("the store opens");
        let (session, now) = (foundation.store.operator(), foundation.clock.now());
        let tenant = session.tenants().await.expect("tenants")[0].id;
        let name = "Ada\u{202e}nimda".to_owned();
        let user = User { tenant, id: UserId::new(now), handle: "eve".to_owned(), name, created: now };
        session.create_user(&user).await.expect("a user");
        session.commit(act(tenant, "admin/user.create", None, now)).await.expect("committed");
        foundation.store.close().await;
    });
}

#[test]
fn every_promise_is_looked_at_and_a_broken_one_is_named() {
    let home = acme();
    let folder = home.path();
    said(folder, "tenant create other");
    let [(promise, why)] = &broken(folder, COMPLETE)[..] else { panic!("one") };
    assert!(promise == "P19" && why.contains("privacy publish"), "{why}");
    assert!(with(folder, COMPLETE, "privacy publish").is_ok);
    assert_eq!(broken(folder, COMPLETE), []);
    every_file_is_mapped(folder, &["settings.toml"]);

    said(folder, "credits grant acme 1 --note test");
    ask(folder, "acme");
    assert_eq!(broken(folder, COMPLETE), [], "what went to a named provider is no breach");
    hide(folder);
    let open = COMPLETE.replace("anthropic", "openai") + "[server]\nlisten = \"0.0.0.0:8033\"\n";
    let found = broken(folder, &open);
    let promises: Vec<_> = found.iter().map(|(promise, _)| promise.as_str()).collect();
    assert_eq!(promises, ["P11", "P13", "P16", "P19"], "{found:?}");
    assert!(found[0].1.contains("anthropic") && found[2].1.contains("app_user.name of acme"), "{found:?}");
}

/// Organisations that were made so many days ago, on these plans.
fn made(folder: &Path, days: u64, plans: [Plan; 2]) {
    let mut settings = Settings::default();
    folder.clone_into(&mut settings.data.dir);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let foundation = found(&settings).await.expect("the store opens");
        let created = foundation.clock.now().minus(Duration::from_hours(days * 24));
        for plan in plans {
            let (id, slug) = (TenantId::new(created), plan.as_str().to_owned());
            let tenant = Tenant { id, name: slug.clone(), slug, plan, state: TenantState::Active, created };
            let session = foundation.store.operator();
            session.create_tenant(&tenant).await.expect("a tenant");
            session.commit(act(id, "admin/tenant.create", None, created)).await.expect("committed");
            // The last row of a log stays whatever its age.
            let session = foundation.store.session(id);
            session.commit(act(id, "admin/audit.hold", None, created)).await.expect("committed");
        }
        foundation.store.close().await;
    });
}

#[test]
fn the_audit_log_is_held_against_the_time_of_its_organisation_and_its_plan() {
    // Of a team it may be 365 days old, of a trial 90.
    for (days, is_late) in [(80, false), (100, true)] {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path();
        made(folder, days, [Plan::Trial, Plan::Team]);
        let late = || broken(folder, COMPLETE).into_iter().find(|(promise, _)| promise == "P9");
        let why = late().map(|(_, why)| why);
        assert_eq!(why.is_some(), is_late, "{why:?}");
        assert!(why.is_none_or(|why| why.contains("1 in all: trial has rows older than 90 days")));
        said(folder, "audit hold add trial --reason court");
        assert_eq!(late(), None, "what a hold keeps is not late");
    }
}

#[test]
fn a_local_installation_names_its_provider_by_the_key_in_its_environment() {
    let home = acme();
    let folder = home.path();
    said(folder, "tenant create mine --plan local");
    let look = |environment: &[(&str, &str)]| {
        let ran = run_with(folder, "--json privacy verify", environment);
        let table: Value = serde_json::from_str(&ran.said).expect("JSON");
        let row = table.as_array().and_then(|rows| rows.iter().find(|row| row["promise"] == "P11"));
        let row = row.expect("a look").clone();
        (text(&row, "verdict") == "pass", text(&row, "found"))
    };
    said(folder, "credits grant mine 1 --note test");
    ask(folder, "mine");
    let (is_kept, found) = look(&[("ANTHROPIC_API_KEY", "sk-test")]);
    assert!(is_kept && found.contains("providers: anthropic; 2 calls"), "{found}");
    for other in [&[][..], &[("OPENAI_API_KEY", "sk-test")], &[("ANTHROPIC_API_KEY", " ")]] {
        let (is_kept, found) = look(other);
        assert!(!is_kept && found.contains("a call of mine went to anthropic"), "{found}");
    }
    // A provider that the settings name is the only one, whatever stands in the environment.
    let named = [("PM33_AI_PROVIDERS", "openai"), ("ANTHROPIC_API_KEY", "sk-test")];
    assert!(!look(&named).0);
    // A server takes no provider from its environment, so its organisations have none.
    said(folder, "credits grant acme 1 --note test");
    ask(folder, "acme");
    let (is_kept, found) = look(&[("ANTHROPIC_API_KEY", "sk-test")]);
    assert!(!is_kept && found.contains("a call of acme"), "{found}");
}

#[test]
fn the_policy_is_printed_as_it_is_served_and_kept_under_its_version() {
    let home = acme();
    let folder = home.path();
    let printed = with(folder, COMPLETE, "privacy policy");
    assert!(printed.is_ok && printed.said.contains("privacy@example.com"), "{}", printed.said);
    assert!(with(folder, COMPLETE, "privacy publish").is_ok);
    let kept = std::fs::read_to_string(folder.join("policies/1.md")).expect("the published text");
    assert_eq!(printed.said.trim(), kept.trim());
    // Another text under the same version is not what was published.
    let changed = COMPLETE.replace("privacy@example.com", "other@example.com");
    let again = with(folder, &changed, "privacy publish");
    let now = std::fs::read_to_string(folder.join("policies/1.md")).expect("the published text");
    assert!(!again.is_ok && now == kept, "{}", again.said);
}

#[test]
fn metrics_are_published_exactly_as_they_were_previewed_and_over_no_file() {
    let home = acme();
    let folder = home.path();
    let file = folder.join("metrics.json");
    let preview = said(folder, "metrics preview --day 2026-11-01");
    said(folder, &format!("metrics publish {} --day 2026-11-01", file.display()));
    let published = std::fs::read_to_string(&file).expect("the file");
    assert!(published.contains("2026-11-01"), "{published}");
    assert_eq!(published.trim(), preview.trim());
    every_file_is_mapped(folder, &["metrics.json"]);
    let again = run(folder, &format!("metrics publish {} --day 2026-11-02", file.display()));
    assert!(!again.is_ok && again.complained.contains("name another file"), "{}", again.complained);
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), published);
}
