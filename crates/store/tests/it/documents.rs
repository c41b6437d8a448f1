//! Documents keep every version, refuse a change made on an old one, and belong to one workspace.

use std::time::Duration;

use pm33_product::{
    Document, DocumentId, DocumentKind, DocumentStatus, DocumentTemplate, Documents, MadeBy, ProductError,
    Provenance, Section, SectionKind, Source, SourceKind, TemplateSection,
};
use pm33_tenancy::{Administration, AuditRetention, LegalHold, Subject, TenantSettings, Timestamp};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::bench::{Bench, Home, on_both, settle};

on_both!(
    every_version_comes_back,
    numbers_beyond_the_databases_find_nothing,
    a_change_made_on_an_old_version_is_refused,
    titles_find_documents_and_items_list_them,
    nobody_else_sees_or_changes_them,
    versions_do_not_change,
    templates_are_kept_by_name,
    a_document_goes_with_its_versions_when_its_time_is_up,
    the_plan_and_a_hold_bound_a_documents_time,
);

fn document(home: &Home, title: &str) -> Document {
    Document {
        id: DocumentId::new(home.now),
        version: 1,
        kind: DocumentKind::Prd,
        template: "prd".to_owned(),
        title: title.to_owned(),
        status: DocumentStatus::Draft,
        about: None,
        sections: vec![
            Section::new("problem", "Problem", "It is slow [S1].", MadeBy::Person, 1),
            Section::new("risks", "Risks", "None known.", MadeBy::Person, 1),
        ],
        sources: vec![Source {
            id: "S1".to_owned(),
            kind: SourceKind::Item,
            uri: Some("pm33://item/main/PAY-1".to_owned()),
            title: "PAY-1".to_owned(),
            text: "slow".to_owned(),
            as_of: home.now,
        }],
        provenance: Provenance { micro_credits: 12, ..Provenance::person(Some("first".to_owned())) },
        author: Some(home.user),
        created: home.now,
        updated: home.now,
    }
}

fn next(before: &Document, text: &str) -> Document {
    let mut next = before.clone();
    next.version += 1;
    next.updated = Timestamp::from_micros(before.updated.micros() + 1);
    next.sections[0] = Section::new("problem", "Problem", text, MadeBy::Person, next.version);
    next
}

async fn add(home: &Home, one: &Document) {
    let session = home.session();
    session.add_document(home.at, one).await.unwrap();
    session.commit(home.event()).await.unwrap();
}

async fn revise(home: &Home, one: &Document) -> Result<(), ProductError> {
    let session = home.session();
    session.revise_document(home.at, one).await?;
    session.commit(home.event()).await.unwrap();
    Ok(())
}

async fn every_version_comes_back(bench: Bench) {
    let home = bench.settled().await;
    let first = document(&home, "Refunds");
    add(&home, &first).await;
    let second = next(&first, "It is very slow [S1].");
    revise(&home, &second).await.unwrap();
    let id = first.id.to_string();
    let session = home.session();
    assert_eq!(session.document(home.at, &id, None).await.unwrap().as_ref(), Some(&second));
    assert_eq!(session.document(home.at, &id, Some(1)).await.unwrap().as_ref(), Some(&first));
    assert_eq!(session.document(home.at, &id, Some(3)).await.unwrap(), None);
    let versions = session.document_versions(home.at, first.id).await.unwrap();
    let told: Vec<_> = versions.iter().map(|one| (one.version, one.author, one.at)).collect();
    assert_eq!(told, [(1, Some(home.user), first.updated), (2, Some(home.user), second.updated)]);
    assert_eq!(versions[0].provenance, first.provenance);
    let heads = session.documents(home.at, None, 0, 10).await.unwrap();
    assert_eq!((heads.len(), heads[0].version, heads[0].created), (1, 2, first.created));
}

async fn numbers_beyond_the_databases_find_nothing(bench: Bench) {
    let home = bench.settled().await;
    let one = document(&home, "Pay faster");
    add(&home, &one).await;
    let session = home.session();
    for version in [i32::MAX.unsigned_abs(), i32::MAX.unsigned_abs() + 1, u32::MAX] {
        let found = Documents::document(&session, home.at, "Pay faster", Some(version)).await.unwrap();
        assert_eq!(found, None);
    }
    for skip in [i64::MAX.unsigned_abs(), i64::MAX.unsigned_abs() + 1, u64::MAX] {
        assert_eq!(Documents::documents(&session, home.at, None, skip, 10).await.unwrap().len(), 0);
    }
}

async fn a_change_made_on_an_old_version_is_refused(bench: Bench) {
    let home = bench.settled().await;
    let first = document(&home, "Refunds");
    add(&home, &first).await;
    revise(&home, &next(&first, "one")).await.unwrap();
    let late = revise(&home, &next(&first, "two")).await;
    assert!(matches!(late, Err(ProductError::Changed { current: 2, expected: 1, .. })), "{late:?}");
    let absent = revise(&home, &next(&document(&home, "Other"), "x")).await;
    assert!(matches!(absent, Err(ProductError::Missing { what: "document", .. })), "{absent:?}");
    let session = home.session();
    let now = session.document(home.at, "refunds", None).await.unwrap().unwrap();
    assert_eq!((now.version, now.sections[0].text.as_str()), (2, "one"));
    // Of two at once one is refused, however they interleave.
    let (one, other) = (home.session(), home.session());
    let (left, right) = tokio::join!(
        async {
            one.revise_document(home.at, &next(&now, "left")).await?;
            one.commit(home.event()).await.map_err(|_| ProductError::Busy)
        },
        async {
            other.revise_document(home.at, &next(&now, "right")).await?;
            other.commit(home.event()).await.map_err(|_| ProductError::Busy)
        }
    );
    assert!(left.is_ok() != right.is_ok(), "{left:?} {right:?}");
    assert_eq!(home.session().document_versions(home.at, first.id).await.unwrap().len(), 3);
}

async fn titles_find_documents_and_items_list_them(bench: Bench) {
    let home = bench.settled().await;
    let item = crate::backlog_writes::add(&home, crate::backlog_writes::titled(&home, "Refund")).await;
    let mut about = document(&home, "Refunds");
    about.about = Some(item.id);
    add(&home, &about).await;
    let session = home.session();
    for asked in ["refunds", " REFUNDS ", &about.id.to_string()] {
        assert_eq!(
            session.document(home.at, asked, None).await.unwrap().map(|one| one.id),
            Some(about.id),
            "{asked}"
        );
    }
    let mut twin = document(&home, "refunds");
    twin.updated = Timestamp::from_micros(home.now.micros() + 9);
    add(&home, &twin).await;
    let session = home.session();
    let several = session.document(home.at, "Refunds", None).await.unwrap_err().to_string();
    assert!(several.contains(&about.id.to_string()) && several.contains(&twin.id.to_string()), "{several}");
    let ids = |heads: Vec<pm33_product::DocumentHead>| heads.iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(ids(session.documents(home.at, None, 0, 10).await.unwrap()), [twin.id, about.id]);
    assert_eq!(ids(session.documents(home.at, None, 1, 10).await.unwrap()), [about.id]);
    assert_eq!(ids(session.documents(home.at, Some(item.id), 0, 10).await.unwrap()), [about.id]);
    let mut dangling = document(&home, "Dangling");
    dangling.about = Some(pm33_product::ItemId::new(home.now));
    let refused = home.session().add_document(home.at, &dangling).await;
    assert!(matches!(refused, Err(ProductError::Missing { what: "item", .. })), "{refused:?}");
}

async fn nobody_else_sees_or_changes_them(bench: Bench) {
    let home = bench.settled().await;
    let other = settle(home.store.clone(), &bench.clock, "globex").await;
    let mine = document(&home, "Refunds");
    add(&home, &mine).await;
    for asked in ["Refunds", &mine.id.to_string()] {
        assert_eq!(other.session().document(other.at, asked, None).await.unwrap(), None);
    }
    assert_eq!(other.session().documents(other.at, None, 0, 10).await.unwrap(), []);
    assert_eq!(other.session().document_versions(other.at, mine.id).await.unwrap(), []);
    let change = revise(&other, &next(&mine, "taken")).await;
    assert!(matches!(change, Err(ProductError::Missing { .. })), "{change:?}");
    assert!(other.session().documents(home.at, None, 0, 10).await.is_err(), "a session serves one tenant");
    add(&other, &Document { author: None, ..mine.clone() }).await;
    assert_eq!(home.session().document(home.at, "Refunds", None).await.unwrap(), Some(mine));
    if let pm33_store::Database::Postgres { app_url, .. } = &bench.database {
        let app = sea_orm::Database::connect(secrecy::ExposeSecret::expose_secret(app_url)).await.unwrap();
        for table in ["document", "document_version", "document_template"] {
            let all = Statement::from_string(DbBackend::Postgres, format!("SELECT count(*) FROM {table}"));
            let seen: i64 = app.query_one_raw(all).await.unwrap().unwrap().try_get_by_index(0).unwrap();
            assert_eq!(seen, 0, "without a tenant there are no rows of {table}");
        }
    }
}

async fn versions_do_not_change(bench: Bench) {
    let home = bench.settled().await;
    add(&home, &document(&home, "Refunds")).await;
    let change = "UPDATE document_version SET sections = '[]'";
    let forget = "UPDATE document_version SET author = NULL";
    if let pm33_store::Database::Postgres { app_url, .. } = &bench.database {
        let app = sea_orm::Database::connect(secrecy::ExposeSecret::expose_secret(app_url)).await.unwrap();
        let refused = app.execute_unprepared(change).await.unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{refused}");
        app.execute_unprepared(forget).await.unwrap();
    } else {
        let db = bench.beside().await;
        let refused = db.execute_unprepared(change).await.unwrap_err().to_string();
        assert!(refused.contains("does not change"), "{refused}");
        db.execute_unprepared(forget).await.unwrap();
        assert_eq!(home.session().document(home.at, "Refunds", None).await.unwrap().unwrap().author, None);
    }
}

async fn templates_are_kept_by_name(bench: Bench) {
    let home = bench.settled().await;
    let section = |heading: &str| TemplateSection {
        key: pm33_product::section_key(heading),
        heading: heading.to_owned(),
        holds: SectionKind::Prose,
        mandatory: true,
        about: String::new(),
        from: vec![SourceKind::Item],
    };
    let mut own = DocumentTemplate {
        name: "decision".to_owned(),
        title: "Decision".to_owned(),
        kind: DocumentKind::Other,
        sections: vec![section("Why")],
    };
    let put = async |template: &DocumentTemplate| {
        let session = home.session();
        session.put_template(home.at, template).await?;
        session.commit(home.event()).await.unwrap();
        Ok::<_, ProductError>(())
    };
    put(&own).await.unwrap();
    own.sections.push(section("What"));
    put(&own).await.unwrap();
    assert_eq!(home.session().templates(home.at).await.unwrap(), [own.clone()]);
    let shipped = DocumentTemplate { name: "prd".to_owned(), ..own.clone() };
    assert!(matches!(put(&shipped).await, Err(ProductError::Invalid { field: "template", .. })));
    let other = settle(home.store.clone(), &bench.clock, "globex").await;
    assert_eq!(other.session().templates(other.at).await.unwrap(), []);
    let session = home.session();
    assert!(session.remove_template(home.at, "decision").await.unwrap());
    assert!(!session.remove_template(home.at, "decision").await.unwrap());
    session.commit(home.event()).await.unwrap();
    assert_eq!(home.session().templates(home.at).await.unwrap(), []);
}

async fn a_document_goes_with_its_versions_when_its_time_is_up(bench: Bench) {
    let home = bench.settled().await;
    let other = settle(home.store.clone(), &bench.clock, "globex").await;
    let (old, written_on) = (document(&home, "Refunds"), document(&home, "Payouts"));
    for one in [&old, &written_on] {
        add(&home, one).await;
    }
    add(&other, &document(&other, "Refunds")).await;
    let mut newest = next(&written_on, "It is slow [S1].");
    newest.updated = home.now.plus(Duration::from_hours(48));
    revise(&home, &newest).await.unwrap();
    let before = home.now.plus(Duration::from_hours(24));
    for expected in [1, 0] {
        let session = home.session();
        assert_eq!(session.remove_documents(home.tenant, before, 10).await.unwrap(), expected);
        session.commit(home.event()).await.unwrap();
    }
    assert_eq!(home.session().document(home.at, "Refunds", None).await.unwrap(), None);
    assert_eq!(home.session().document_versions(home.at, written_on.id).await.unwrap().len(), 2);
    assert!(other.session().document(other.at, "Refunds", None).await.unwrap().is_some());
    let beside = bench.beside().await;
    let sql = "SELECT count(*) FROM document_version";
    let statement = Statement::from_string(beside.get_database_backend(), sql);
    let left: i64 = beside.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    assert_eq!(left, 3, "two of the one that was written on, one of the other tenant");
}

async fn the_plan_and_a_hold_bound_a_documents_time(bench: Bench) {
    let home = bench.settled().await;
    let days = async || home.session().document_days(home.tenant).await.unwrap();
    assert_eq!(days().await, None, "a team's plan sets no end");
    let set = async |document_days| {
        let session = home.store.operator();
        let own = TenantSettings { document_days, ..TenantSettings::default() };
        session.put_settings(home.tenant, &own).await.unwrap();
        session.commit(home.event()).await.unwrap();
    };
    set(Some(200)).await;
    assert_eq!(days().await, Some(200));
    let beside = bench.beside().await;
    beside.execute_unprepared("UPDATE tenant SET plan = 'trial'").await.unwrap();
    assert_eq!(days().await, Some(90), "a trial's plan does");
    set(Some(7)).await;
    assert_eq!(days().await, Some(7));
    set(Some(0)).await;
    assert_eq!(days().await, Some(90));
    let hold = LegalHold {
        id: uuid::Uuid::now_v7(),
        subject: Subject::Tenant,
        reason: "a lawsuit".to_owned(),
        placed: home.now,
        released: None,
    };
    let session = home.session();
    session.place_hold(home.tenant, &hold).await.unwrap();
    session.commit(home.event()).await.unwrap();
    assert_eq!(days().await, None, "nothing goes while it is held");
}
