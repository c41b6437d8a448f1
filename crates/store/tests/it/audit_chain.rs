//! The stored audit log: read by page and complete; its guards.

use std::time::Duration;

use pm33_store::{AuditReads, Store};
use pm33_tenancy::{AuditFilter, AuditLog, CorrelationId, Outcome};
use sea_orm::ConnectionTrait;

use crate::bench::{Bench, Home, on_both, unguard};

on_both!(
    rows_are_read_by_page_and_filter,
    erasing_the_personal_side_breaks_nothing,
    the_database_itself_refuses_a_second_successor,
    reads_may_be_recorded_together,
);

pub(crate) async fn write(home: &Home, count: u64) {
    for number in 0..count {
        let mut event = home.event();
        event.at = home.now.plus(Duration::from_secs(number));
        if number % 2 == 1 {
            event.target = Some("pm33_create_work_item".into());
            event.outcome = Outcome::Refused;
        }
        home.session().commit(event).await.unwrap();
    }
}

async fn rows_are_read_by_page_and_filter(bench: Bench) {
    let home = bench.settled().await;
    write(&home, 9).await;
    let mut known = home.event();
    known.correlation = CorrelationId::new(home.now);
    known.workspace = Some(home.at.workspace());
    known.arguments = Some(pm33_tenancy::Digest([3; 32]));
    known.key = "AAAAAAAAAAAA".parse().ok();
    home.session().commit(known.clone()).await.unwrap();
    let session = home.session();
    let numbers = async |filter: AuditFilter| {
        let page = session.rows(home.tenant, &filter).await.unwrap();
        (page.rows.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), page.more)
    };
    assert_eq!(numbers(AuditFilter { limit: 4, ..Default::default() }).await, (vec![1, 2, 3, 4], true));
    assert_eq!(
        numbers(AuditFilter { after: 8, limit: 4, ..Default::default() }).await,
        (vec![9, 10, 11], false)
    );
    let target = Some("pm33_create_work_item".to_owned());
    assert_eq!(
        numbers(AuditFilter { target, limit: 9, ..Default::default() }).await,
        (vec![3, 5, 7, 9], false)
    );
    let since = Some(home.now.plus(Duration::from_secs(7)));
    assert_eq!(numbers(AuditFilter { since, limit: 9, ..Default::default() }).await, (vec![9, 10], false));
    let correlation = Some(known.correlation);
    let page = session
        .rows(home.tenant, &AuditFilter { correlation, limit: 9, ..Default::default() })
        .await
        .unwrap();
    let [(11, row)] = &page.rows[..] else { panic!("{page:?}") };
    assert_eq!((row.workspace, row.arguments, row.key), (known.workspace, known.arguments, known.key));
    assert_eq!((row.at, row.latency_micros, &*row.outcome), (home.now, 250, "done"));
    let tail = session.tail(home.tenant, 2).await.unwrap();
    assert_eq!((tail.rows.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), tail.more), (vec![10, 11], true));
}

async fn erasing_the_personal_side_breaks_nothing(bench: Bench) {
    let home = bench.settled().await;
    write(&home, 3).await;
    bench.beside().await.execute_unprepared("DELETE FROM audit_personal WHERE seq <> 2").await.unwrap();
    assert_eq!(home.session().verify(home.tenant).await.unwrap(), (4, Vec::new()));
}

async fn the_database_itself_refuses_a_second_successor(bench: Bench) {
    let home = bench.settled().await;
    write(&home, 3).await;
    let beside = bench.beside().await;
    let columns = "schema_version, at, correlation, traceparent, actor_kind, actor, key_id, scopes, method, target, \
                   arguments, workspace_id, outcome, code, latency_micros, tokens, micro_credits, hold, provider, model, \
                   removed_characters, limit_verdict, personal";
    // A copy of row 3, with a number of its own and the predecessor of another row; and the head moved to it.
    let add = async |seq: u32, previous: u32| {
        let row = format!(
            "INSERT INTO audit_row (tenant_id, seq, prev_hash, hash, {columns}) SELECT tenant_id, {seq}, \
             (SELECT hash FROM audit_row WHERE seq = {previous}), personal, {columns} FROM audit_row WHERE seq = 3"
        );
        let head = format!(
            "UPDATE audit_head SET seq = {seq}, hash = (SELECT hash FROM audit_row WHERE seq = {seq})"
        );
        beside.execute_unprepared(&row).await?;
        beside.execute_unprepared(&head).await
    };
    let removed = beside.execute_unprepared("DELETE FROM audit_row WHERE seq = 4").await;
    assert!(removed.is_err(), "a row goes only under an anchor");
    unguard(&beside).await;
    for (seq, previous) in [(4, 3), (5, 3), (5, 1), (7, 2)] {
        assert!(add(seq, previous).await.is_err(), "{seq} after {previous}");
        beside.execute_unprepared("DELETE FROM audit_row WHERE seq > 4").await.unwrap();
    }
    add(5, 4).await.unwrap();
}

async fn reads_may_be_recorded_together(bench: Bench) {
    let home = bench.settled().await;
    let mut options = bench.options();
    options.audit_reads = AuditReads::Batched { within: Duration::from_millis(200) };
    let store = Store::open(options).await.unwrap();
    for _ in 0..300 {
        assert_eq!(store.session(home.tenant).commit(home.event()).await.unwrap().seq, None);
    }
    // Closing writes what waits.
    store.close().await;
    assert_eq!(home.session().verify(home.tenant).await.unwrap(), (301, Vec::new()));
}
