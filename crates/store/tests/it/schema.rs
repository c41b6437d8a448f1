//! The schema's promises: every key of a tenant table leads with the tenant, on both engines; SQLite's pragmas hold.

use std::collections::BTreeSet;

use pm33_product::Backlog;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::bench::{Bench, on_both};

on_both!(
    every_key_leads_with_the_tenant,
    rows_cannot_refer_across_tenants,
    a_database_of_a_newer_version_says_so_and_what_to_do,
);

/// Tables that belong to no tenant: routing, counters, the migrations' own.
const GLOBAL: &[&str] = &["key_route", "tenant_route", "epoch", "seaql_migrations", "audit_spool"];

async fn strings(db: &DatabaseConnection, sql: &str) -> Vec<(String, String)> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())).collect()
}

async fn every_key_leads_with_the_tenant(bench: Bench) {
    bench.settled().await;
    let db = bench.beside().await;
    // Table and first column of every primary key, unique key, index and foreign key.
    let (tables, keys) = if db.get_database_backend() == DbBackend::Sqlite {
        let tables = strings(&db, "SELECT name, '' FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'item_fts%'").await;
        let keys = "SELECT m.name, x.name FROM sqlite_schema m, pragma_index_list(m.name) i, pragma_index_info(i.name) x \
             WHERE m.type = 'table' AND m.name NOT LIKE 'item_fts%' AND x.seqno = 0 \
             UNION ALL SELECT m.name, f.\"from\" FROM sqlite_schema m, pragma_foreign_key_list(m.name) f \
             WHERE m.type = 'table' AND f.seq = 0";
        (tables, strings(&db, keys).await)
    } else {
        let tables = strings(&db, "SELECT relname::text, '' FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace").await;
        let keys = "SELECT c.relname::text, a.attname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid \
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] \
             WHERE c.relnamespace = 'public'::regnamespace AND c.relname || '' <> 'item_text' \
             UNION ALL SELECT c.relname::text, a.attname::text FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid \
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1] \
             WHERE c.relnamespace = 'public'::regnamespace AND k.contype IN ('p', 'u', 'f')";
        (tables, strings(&db, keys).await)
    };
    let tables: BTreeSet<_> = tables.into_iter().map(|(table, _)| table).collect();
    assert!(tables.len() >= 23, "{tables:?}");
    let mut with_key = BTreeSet::new();
    for (table, first) in keys {
        if GLOBAL.contains(&&*table) {
            continue;
        }
        assert_eq!(first, "tenant_id", "a key of {table}");
        with_key.insert(table);
    }
    let global: BTreeSet<_> = GLOBAL.iter().map(|&table| table.to_owned()).collect();
    let tenanted: BTreeSet<_> = tables.difference(&global).cloned().collect();
    assert_eq!(with_key, tenanted, "tables without any key");
}

async fn a_database_of_a_newer_version_says_so_and_what_to_do(bench: Bench) {
    bench.settled().await.store.close().await;
    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('9999_later', 0)";
    bench.beside().await.execute_unprepared(newer).await.unwrap();
    // On PostgreSQL old servers go on beside a newer schema; the owner's migration is what refuses.
    let refused = pm33_store::Store::migrate(&bench.database).await.unwrap_err().to_string();
    assert!(refused.contains("newer version") && refused.contains("9999_later"), "{refused}");
    assert!(refused.contains("backup"), "{refused}");
}

async fn rows_cannot_refer_across_tenants(bench: Bench) {
    let home = bench.settled().await;
    let other = crate::bench::settle(home.store.clone(), &bench.clock, "globex").await;
    let mine = crate::backlog_writes::add(&home, crate::backlog_writes::titled(&home, "Mine")).await;
    let theirs = crate::backlog_writes::add(&other, crate::backlog_writes::titled(&other, "Theirs")).await;
    let db = bench.beside().await;
    db.execute_unprepared(if db.get_database_backend() == DbBackend::Sqlite {
        "PRAGMA foreign_keys = ON"
    } else {
        "SELECT 1"
    })
    .await
    .unwrap();
    let point = |parent: pm33_product::ItemId| {
        let sql = "UPDATE work_item SET parent_id = $1 WHERE tenant_id = $2 AND item_id = $3";
        let values = [parent.uuid().into(), home.tenant.uuid().into(), mine.id.uuid().into()];
        Statement::from_sql_and_values(db.get_database_backend(), sql, values)
    };
    // Also for whoever stands above row-level security.
    let refused = db.execute_raw(point(theirs.id)).await.unwrap_err();
    assert!(
        matches!(refused.sql_err(), Some(sea_orm::SqlErr::ForeignKeyConstraintViolation(_))),
        "{refused:?}"
    );
    assert_eq!(db.execute_raw(point(mine.id)).await.unwrap().rows_affected(), 1);
}

#[tokio::test]
async fn a_database_that_was_made_otherwise_is_refused() {
    let bench = Bench::sqlite().await;
    let pm33_store::Database::Sqlite { path } = &bench.database else { panic!("not SQLite") };
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    // A table that is there before the first migration fixes how freed pages are treated.
    let other = bench.beside_new().await;
    other.execute_unprepared("CREATE TABLE other (id INTEGER)").await.unwrap();
    other.close().await.unwrap();
    let Err(refused) = pm33_store::Store::open(bench.options()).await else { panic!("opened") };
    assert!(refused.to_string().contains("auto_vacuum"), "{refused}");
}

#[tokio::test]
async fn the_file_is_in_wal_mode_and_keeps_no_second_copy_of_texts() {
    let bench = Bench::sqlite().await;
    let home = bench.settled().await;
    let mut new = crate::backlog_writes::titled(&home, "Secret");
    new.description = "xyzzyplugh".to_owned();
    crate::backlog_writes::add(&home, new).await;
    let db = bench.beside().await;
    let mode: String = db
        .query_one_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA journal_mode"))
        .await
        .unwrap()
        .unwrap()
        .try_get_by_index(0)
        .unwrap();
    assert_eq!(mode, "wal");
    // The index's own tables hold tokens and ids only; the text is in its row.
    let kept = strings(&db, "SELECT sql, '' FROM sqlite_schema WHERE name = 'item_fts_content'").await;
    assert!(kept.iter().all(|(sql, _)| !sql.contains("c1") && !sql.contains("c2")), "{kept:?}");
    let stored = strings(&db, "SELECT description, '' FROM item_text").await;
    assert_eq!(stored, [("xyzzyplugh".to_owned(), String::new())]);
}

#[tokio::test]
async fn the_full_text_index_of_an_older_version_is_made_anew() {
    let bench = Bench::sqlite().await;
    let home = bench.settled().await;
    // More than one page of them.
    for number in 0..501 {
        let title = if number == 0 { "Checkout retries".to_owned() } else { format!("Item {number}") };
        crate::backlog_writes::add(&home, crate::backlog_writes::titled(&home, &title)).await;
    }
    let at = home.at;
    home.store.close().await;
    let db = bench.beside().await;
    for statement in [
        "INSERT INTO item_fts (item_fts) VALUES ('delete-all')",
        "DELETE FROM seaql_migrations WHERE version = '0023_text_numbers'",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    db.close().await.unwrap();
    let store = bench.open().await;
    let session = store.session(at.tenant());
    assert_eq!(session.search(at, "checkout", 10).await.unwrap().len(), 1);
    assert_eq!(session.search(at, "item", 1_000).await.unwrap().len(), 500);
}
