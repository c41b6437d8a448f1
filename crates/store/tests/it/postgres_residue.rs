//! What PostgreSQL keeps of somebody who was erased, beside the rows: the planner's statistics, which are taken anew, and
//! bytes of removed rows in the files of tables and indexes, until they are written over or the tables are rewritten.

use std::{collections::BTreeMap, path::Path};

use pm33_store::Database;
use pm33_tenancy::DataSubject;
use sea_orm::{ConnectionTrait, Database as Orm, DatabaseConnection, DbBackend, Statement};
use secrecy::ExposeSecret;

use crate::{
    bench::Bench,
    erasure::{fill, holds, mark},
};

const WORD: &str = "zq7sentinelada";
const OTHER: &str = "zq7otherbob";

async fn rows(db: &DatabaseConnection, sql: &str) -> Vec<(String, String)> {
    let all = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
    all.iter().map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())).collect()
}

/// Columns whose statistics name somebody.
async fn told_by_statistics(db: &DatabaseConnection, word: &str) -> Vec<(String, String)> {
    let sql = format!(
        "SELECT tablename::text, attname::text FROM pg_stats WHERE \
         concat(most_common_vals::text, histogram_bounds::text, most_common_elems::text) ILIKE '%{word}%'"
    );
    rows(db, &sql).await
}

/// Tables and indexes of the database whose files hold a word.
async fn told_by_files(db: &DatabaseConnection, folder: &Path, word: &str) -> Vec<String> {
    db.execute_unprepared("CHECKPOINT").await.unwrap();
    let sql = "SELECT pg_relation_filepath(oid), relname::text FROM pg_class WHERE pg_relation_filepath(oid) IS NOT NULL";
    let names: BTreeMap<_, _> = rows(db, sql).await.into_iter().collect();
    let mut told = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().and_then(|name| name.to_str()).unwrap().to_owned();
        // Segments and forks have an ending.
        let number = file.split(['.', '_']).next().unwrap_or_default();
        let name = names.iter().find(|(path, _)| path.rsplit('/').next() == Some(number));
        if holds(&std::fs::read(&path).unwrap(), word) {
            told.push(name.map_or(file, |(_, name)| name.clone()));
        }
    }
    told.sort_unstable();
    told.dedup();
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statistics_forget_who_was_erased_and_rewritten_tables_hold_no_byte_of_them() {
    let Some(bench) = Bench::postgres().await else { return };
    let home = bench.settled().await;
    let db = bench.beside().await;
    let ada = DataSubject::Member(fill(&db, &home, WORD).await);
    fill(&db, &home, OTHER).await;
    db.execute_unprepared("ANALYZE").await.unwrap();
    assert!(!told_by_statistics(&db, WORD).await.is_empty());
    mark(&home, ada).await;
    home.store.erase(home.tenant, ada).await.unwrap();
    home.store.shred().await.unwrap();
    assert_eq!(told_by_statistics(&db, WORD).await, []);
    assert!(!told_by_statistics(&db, OTHER).await.is_empty());

    let place = "SELECT current_setting('data_directory'), oid::text FROM pg_database WHERE datname = current_database()";
    let (folder, number) = rows(&db, place).await.remove(0);
    let folder = Path::new(&folder).join("base").join(number);
    if let Err(error) = std::fs::read_dir(&folder) {
        eprintln!("NOT LOOKED AT: {} cannot be read: {error}", folder.display());
        return;
    }
    eprintln!(
        "after a vacuum there are bytes of the member in {:?}",
        told_by_files(&db, &folder, WORD).await
    );
    // What the operator's page says, by the owner.
    let Database::Postgres { owner_url: Some(owner), .. } = &bench.database else { panic!("no owner") };
    let owner = Orm::connect(owner.expose_secret()).await.unwrap();
    owner.execute_unprepared("VACUUM (FULL)").await.unwrap();
    assert_eq!(told_by_files(&db, &folder, WORD).await, Vec::<String>::new());
    let kept = told_by_files(&db, &folder, OTHER).await;
    assert!(kept.iter().any(|name| name == "app_user"), "the search finds what is there: {kept:?}");
}
