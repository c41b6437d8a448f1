//! What is kept goes when its time is up.

use std::time::{Duration, Instant};

use pm33_app::act;
use pm33_product::{
    Document, DocumentId, DocumentKind, DocumentStatus, Documents, MadeBy, Provenance, Section,
};
use pm33_tenancy::{
    Administration, AuditLog, AuditRetention, CorrelationId, LegalHold, Subject, TenantSettings, Timestamp,
    WorkspaceAccess, open_workspace,
};
use serde_json::json;

use crate::{home::Home, looks::ask, served::Served};

#[test]
fn p09_audit_rows_go_when_their_organisation_says_and_not_while_they_are_held() {
    let day = Duration::from_hours(24);
    let home = Home::aged(3, day * 100);
    let [shortened, held, usual] = [0, 1, 2].map(|number: usize| home.keys[number].clone());
    home.look(async |foundation| {
        let now = foundation.clock.now();
        let session = || foundation.store.operator();
        for ((tenant, _), audit_days) in [(&shortened, Some(40)), (&held, Some(40)), (&usual, None)] {
            for age in [90, 50, 30] {
                session()
                    .commit(act(*tenant, "admin/tenant.note", None, now.minus(day * age)))
                    .await
                    .expect("a row");
            }
            // Whoever looks finds them in the log: before the row of the settings.
            session().tail(*tenant, 1).await.expect("the log");
            let settings = TenantSettings { audit_days, ..TenantSettings::default() };
            let changing = session();
            changing.put_settings(*tenant, &settings).await.expect("settings");
            changing.commit(act(*tenant, "admin/tenant.settings", None, now)).await.expect("a row");
        }
        let hold = LegalHold {
            id: CorrelationId::new(now).uuid(),
            subject: Subject::Tenant,
            reason: "a lawsuit".to_owned(),
            placed: now,
            released: None,
        };
        let placing = session();
        placing.place_hold(held.0, &hold).await.expect("a hold");
        placing.commit(act(held.0, "admin/audit.hold", None, now)).await.expect("a row");
    });
    let server = Served::start(&home, &[]);
    // Rows of a server's start and of these questions come on top.
    let kept = |key: &str| {
        let arguments = json!({ "limit": 200, "chain": "check" });
        let told = ask(&server, key, "pm33_query_audit_log", &arguments)["structuredContent"].clone();
        assert_eq!(told["chain"]["holds"], true, "{told}");
        let rows = told["rows"].as_array().expect("rows").clone();
        let of = |method: &str| rows.iter().filter(|row| row["method"] == method).count();
        (of("admin/tenant.create"), of("admin/tenant.note"), of("system/audit.purge"))
    };
    let until = Instant::now() + Duration::from_mins(1);
    while kept(&shortened.1).2 == 0 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(kept(&shortened.1), (0, 1, 1), "what is older than 40 days, and the note that it went");
    assert_eq!(kept(&held.1), (1, 3, 0), "held");
    assert_eq!(kept(&usual.1), (1, 3, 0), "a year");
}

fn document(title: &str, at: Timestamp) -> Document {
    Document {
        id: DocumentId::new(at),
        version: 1,
        kind: DocumentKind::Other,
        template: "one_pager".to_owned(),
        title: title.to_owned(),
        status: DocumentStatus::Draft,
        about: None,
        sections: vec![Section::new("problem", "Problem", "Refunds take a week.", MadeBy::Person, 1)],
        sources: Vec::new(),
        provenance: Provenance::person(None),
        author: None,
        created: at,
        updated: at,
    }
}

#[test]
fn p10_documents_go_when_their_organisation_says_and_its_log_tells_it() {
    let day = Duration::from_hours(24);
    let home = Home::aged(2, day * 100);
    let [shortened, usual] = [0, 1].map(|number: usize| home.keys[number].clone());
    home.look(async |foundation| {
        let now = foundation.clock.now();
        for ((tenant, _), document_days) in [(&shortened, Some(40)), (&usual, None)] {
            let session = foundation.store.operator();
            let (at, _) =
                open_workspace(&session, *tenant, &WorkspaceAccess::All, None).await.expect("a workspace");
            for (title, age) in [("Refunds", 50), ("Payouts", 30)] {
                session.add_document(at, &document(title, now.minus(day * age))).await.expect("a document");
            }
            let settings = TenantSettings { document_days, ..TenantSettings::default() };
            session.put_settings(*tenant, &settings).await.expect("settings");
            session.commit(act(*tenant, "admin/tenant.settings", None, now)).await.expect("a row");
        }
    });
    let server = Served::start(&home, &[]);
    let kept = |key: &str| {
        let told = ask(&server, key, "pm33_get_document", &json!({}))["structuredContent"].clone();
        let documents = told["documents"].as_array().expect("documents").iter();
        documents.filter_map(|one| one["title"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let until = Instant::now() + Duration::from_mins(1);
    while kept(&shortened.1).len() > 1 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(kept(&shortened.1), ["Payouts"]);
    assert_eq!(kept(&usual.1), ["Payouts", "Refunds"], "without end");
    let told = ask(&server, &shortened.1, "pm33_query_audit_log", &json!({ "limit": 200 }));
    let rows = told["structuredContent"]["rows"].as_array().expect("rows").clone();
    let ended: Vec<_> = rows.iter().filter(|row| row["method"] == "system/documents.end").collect();
    assert_eq!(ended.len(), 1, "{rows:?}");
    assert_eq!(ended[0]["target"], "1 documents, document_days=40");
}
