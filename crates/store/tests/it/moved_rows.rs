//! On PostgreSQL a row that somebody changes lies elsewhere afterwards: an erasure that had found it looks again.

use std::time::Duration;

use pm33_tenancy::DataSubject;
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};

use crate::{
    bench::Bench,
    erasure::{dump, fill, id, mark},
};

const WORD: &str = "zq7movedada";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_others_moved_meanwhile_are_found_again_postgres() {
    let Some(bench) = Bench::postgres().await else { return };
    let home = bench.settled().await;
    let (db, looking) = (bench.beside().await, bench.beside().await);
    let ada = fill(&db, &home, WORD).await;
    mark(&home, DataSubject::Member(ada)).await;
    // Each unit takes the workspace first: it has found its rows, and waits.
    let other = db.begin().await.unwrap();
    let all = format!("tenant_id = {}", id(&looking, home.tenant.uuid()));
    other.execute_unprepared(&format!("SELECT 1 FROM workspace WHERE {all} FOR UPDATE")).await.unwrap();
    let meanwhile = async {
        let waits = "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        loop {
            let row =
                looking.query_one_raw(Statement::from_string(DbBackend::Postgres, waits)).await.unwrap();
            if row.unwrap().try_get_by_index::<bool>(0).unwrap() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for table in ["work_item", "objective"] {
            let moved =
                other.execute_unprepared(&format!("UPDATE {table} SET title = title WHERE {all}")).await;
            assert_eq!(moved.unwrap().rows_affected(), 1, "{table}");
        }
        other.commit().await.unwrap();
    };
    let (erased, ()) = tokio::join!(home.store.erase(home.tenant, DataSubject::Member(ada)), meanwhile);
    erased.unwrap();
    let kept = dump(&looking).await;
    for table in ["work_item", "objective"] {
        assert!(!format!("{:?}", kept[table]).to_lowercase().contains(WORD), "{table}: {:?}", kept[table]);
    }
}
