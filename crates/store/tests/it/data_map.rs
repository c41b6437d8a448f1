//! The data map is held against the schema as the migrations leave it: no column without an answer, no answer without
//! its column.

use std::collections::BTreeSet;

use pm33_tenancy::data_map::{self, Engine};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::bench::{Bench, on_both};

on_both!(every_column_is_mapped_and_every_mapped_column_is_there, a_new_column_is_missed);

type Columns = BTreeSet<(String, String)>;

/// Every column of the database, also of views, shadow tables and what was not asked for.
async fn real(db: &DatabaseConnection) -> Columns {
    let backend = db.get_database_backend();
    let sql = match backend {
        // The engine's own catalogue and statistics begin with this name, which no other table may take. A virtual
        // table's hidden columns (its name, its rank) are no storage, and this pragma leaves them out; the generated
        // ones of the others are storage.
        DbBackend::Sqlite => {
            "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_xinfo(m.name) c WHERE m.type IN ('table', 'view') \
             AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND NOT (m.sql LIKE 'CREATE VIRTUAL%' AND c.hidden = 1)"
        }
        _ => {
            "SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 \
             AND NOT a.attisdropped AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'"
        }
    };
    let rows = db.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    rows.iter().map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())).collect()
}

fn mapped(backend: DbBackend) -> Columns {
    let here = if backend == DbBackend::Sqlite { Engine::Sqlite } else { Engine::Postgres };
    let columns = data_map::columns().filter(|one| one.engine == Engine::Both || one.engine == here);
    columns.map(|one| (one.table.to_owned(), one.column.to_owned())).collect()
}

async fn every_column_is_mapped_and_every_mapped_column_is_there(bench: Bench) {
    bench.settled().await;
    let db = bench.beside().await;
    let (real, mapped) = (real(&db).await, mapped(db.get_database_backend()));
    let unmapped: Vec<_> = real.difference(&mapped).collect();
    assert!(unmapped.is_empty(), "give each its rule in crates/tenancy/src/data_map/tables.rs: {unmapped:?}");
    let gone: Vec<_> = mapped.difference(&real).collect();
    assert!(gone.is_empty(), "take out of crates/tenancy/src/data_map/tables.rs: {gone:?}");
}

async fn a_new_column_is_missed(bench: Bench) {
    bench.settled().await;
    let db = bench.beside().await;
    for statement in [
        "ALTER TABLE app_user ADD COLUMN shoe_size INTEGER",
        "CREATE TABLE visitor (name TEXT)",
        "CREATE VIEW handles AS SELECT handle FROM app_user",
        "ALTER TABLE mission DROP COLUMN themes",
    ] {
        // As the owner: the store's own login may not change the schema.
        db.execute_unprepared(statement).await.unwrap();
    }
    let (real, mapped) = (real(&db).await, mapped(db.get_database_backend()));
    let pair = |(table, column): (&str, &str)| (table.to_owned(), column.to_owned());
    let unmapped: Columns = real.difference(&mapped).cloned().collect();
    assert_eq!(
        unmapped,
        [("app_user", "shoe_size"), ("handles", "handle"), ("visitor", "name")].map(pair).into()
    );
    let gone: Columns = mapped.difference(&real).cloned().collect();
    assert_eq!(gone, [("mission", "themes")].map(pair).into());
}
