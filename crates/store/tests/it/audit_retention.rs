//! Retention of the audit log: what is over its time goes from the beginning, what is held stays, and nobody removes a row
//! without the signed note of it.

use std::time::Duration;

use pm33_tenancy::{
    Administration, AuditLog, AuditRetention, CorrelationId, LegalHold, Overdue, PurgeRule, Subject,
    TenantSettings, Timestamp, UserId,
};
use sea_orm::ConnectionTrait;

use crate::bench::{Bench, Home, event, on_both};

on_both!(
    a_prefix_goes_and_the_newest_row_stays,
    a_hold_stops_the_prefix_at_its_first_row,
    the_plan_bounds_the_days,
    the_database_itself_refuses_removals_without_an_anchor,
    a_unit_that_is_dropped_removes_nothing,
);

/// Rows that are an hour apart, from `home.now` on; row 1 is the tenant's making.
async fn hourly(home: &Home, count: u64) {
    for hour in 1..=count {
        let at = home.now.plus(Duration::from_hours(hour));
        home.session().commit(event(home.tenant, at)).await.unwrap();
    }
}

fn rule(before: Timestamp, most: u64) -> PurgeRule {
    PurgeRule { before, policy: "audit_days=30".to_owned(), actor: "system", at: before, most }
}

async fn purge(home: &Home, before: Timestamp, most: u64) -> Option<(u64, u64)> {
    let session = home.session();
    let anchor = session.purge(home.tenant, &rule(before, most)).await.unwrap();
    let mut note = home.event();
    note.at = before;
    session.commit(note).await.unwrap();
    anchor.map(|anchor| (anchor.from, anchor.to))
}

async fn a_prefix_goes_and_the_newest_row_stays(bench: Bench) {
    let home = bench.settled().await;
    hourly(&home, 9).await;
    let before = home.now.plus(Duration::from_mins(6 * 60 + 30));
    let overdue = home.session().overdue(home.tenant, before).await.unwrap();
    let expected = Overdue { rows: 7, removable: 7, oldest: Some(home.now), kept_by: None };
    assert_eq!(overdue, expected);
    assert_eq!(purge(&home, before, 4).await, Some((1, 4)), "bounded");
    assert_eq!(purge(&home, before, 4).await, Some((5, 7)), "and resumed");
    assert_eq!(purge(&home, before, 4).await, None);
    let late = home.now.plus(Duration::from_hours(1_000));
    assert_eq!(purge(&home, late, 1_000).await, Some((8, 12)));
    assert_eq!(purge(&home, late, 1_000).await, Some((13, 13)));
    let chain = home.session().chain(home.tenant).await.unwrap();
    assert_eq!(chain.anchors.len(), 4);
    assert_eq!(home.session().verify(home.tenant).await.unwrap().1, Vec::new());
    let beside = bench.beside().await;
    for table in ["audit_row", "audit_personal"] {
        let sql = format!("SELECT count(*) FROM {table} WHERE seq < 14");
        let statement = sea_orm::Statement::from_string(beside.get_database_backend(), sql);
        let left: i64 = beside.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap();
        assert_eq!(left, 0, "{table}");
    }
}

async fn a_hold_stops_the_prefix_at_its_first_row(bench: Bench) {
    let home = bench.settled().await;
    hourly(&home, 3).await;
    let (user, call) = (UserId::new(home.now), CorrelationId::new(home.now));
    let mut special = home.event();
    special.actor.user = Some(user);
    home.session().commit(special).await.unwrap();
    hourly(&home, 2).await;
    let mut special = home.event();
    special.correlation = call;
    home.session().commit(special).await.unwrap();
    hourly(&home, 2).await;
    // Rows 1 to 10; 5 is the user's, 8 the call's. The personal side is gone already.
    bench.beside().await.execute_unprepared("DELETE FROM audit_personal").await.unwrap();
    let place = async |subject: Subject, number: u128| {
        let id = uuid::Uuid::from_u128(number);
        let reason = "a court asked".to_owned();
        let hold = LegalHold { id, subject, reason, placed: home.now, released: None };
        let session = home.session();
        session.place_hold(home.tenant, &hold).await.unwrap();
        session.commit(home.event()).await.unwrap();
        id
    };
    let release = async |id| {
        let session = home.session();
        let was_held = session.release_hold(home.tenant, id, home.now).await.unwrap();
        session.commit(home.event()).await.unwrap();
        was_held
    };
    let late = home.now.plus(Duration::from_hours(1_000));
    let kept_by = async || home.session().overdue(home.tenant, late).await.unwrap().kept_by;
    let whole = place(Subject::Tenant, 1).await;
    assert_eq!(kept_by().await, Some((whole, 1)));
    assert_eq!(purge(&home, late, 100).await, None);
    let (one, other) = (place(Subject::User(user), 2).await, place(Subject::Request(call), 3).await);
    assert!(release(whole).await && !release(whole).await);
    assert_eq!(kept_by().await, Some((one, 5)));
    assert_eq!(purge(&home, late, 100).await, Some((1, 4)));
    assert_eq!(purge(&home, late, 100).await, None);
    assert!(release(one).await);
    assert_eq!(kept_by().await, Some((other, 8)));
    assert_eq!(purge(&home, late, 100).await, Some((5, 7)));
    assert!(release(other).await);
    // Past the program too a hold is only released, and only once.
    let again = place(Subject::Tenant, 4).await;
    for statement in [
        "DELETE FROM audit_hold",
        "UPDATE audit_hold SET released = NULL",
        "UPDATE audit_hold SET released = 1",
        "UPDATE audit_hold SET reason = 'none' WHERE released IS NULL",
        "UPDATE audit_hold SET subject_id = NULL, subject = 'user', released = 1 WHERE released IS NULL",
    ] {
        assert!(bench.beside().await.execute_unprepared(statement).await.is_err(), "{statement}");
    }
    assert!(release(again).await);
    assert_eq!(kept_by().await, None);
    assert!(purge(&home, late, 100).await.is_some());
    assert_eq!(home.session().verify(home.tenant).await.unwrap().1, Vec::new());
    let holds = home.session().legal_holds(home.tenant).await.unwrap();
    assert!(holds.len() == 4 && holds.iter().all(|hold| hold.released.is_some()), "{holds:?}");
}

async fn the_plan_bounds_the_days(bench: Bench) {
    let home = bench.settled().await;
    let days = async |asked: Option<u32>| {
        let session = home.store.operator();
        let own = TenantSettings { audit_days: asked, ..TenantSettings::default() };
        session.put_settings(home.tenant, &own).await.unwrap();
        session.commit(home.event()).await.unwrap();
        let days = home.session().audit_days(home.tenant).await.unwrap();
        (days.days, days.asked)
    };
    // The team's plan: 30 to 1,095.
    assert_eq!(days(None).await, (365, 365));
    assert_eq!(days(Some(30)).await, (30, 30));
    assert_eq!(days(Some(1)).await, (30, 1));
    assert_eq!(days(Some(3_650)).await, (1_095, 3_650));
}

async fn the_database_itself_refuses_removals_without_an_anchor(bench: Bench) {
    let home = bench.settled().await;
    hourly(&home, 9).await;
    let late = home.now.plus(Duration::from_hours(1_000));
    assert_eq!(purge(&home, late, 4).await, Some((1, 4)));
    let beside = bench.beside().await;
    let columns = "policy, actor, at, signature";
    let anchor = |from: u32, to: u32, hash: u32| {
        format!(
            "INSERT INTO audit_anchor (tenant_id, from_seq, to_seq, removed, hash, {columns}) \
             SELECT tenant_id, {from}, {to}, {to} - {from} + 1, (SELECT hash FROM audit_row WHERE seq = {hash}), {columns} \
             FROM audit_anchor WHERE to_seq = 4"
        )
    };
    for statement in [
        "DELETE FROM audit_row WHERE seq = 5".to_owned(),
        "DELETE FROM audit_row".to_owned(),
        "UPDATE audit_row SET code = 'x' WHERE seq = 6".to_owned(),
        "DELETE FROM audit_anchor".to_owned(),
        "UPDATE audit_anchor SET to_seq = 6, removed = 6".to_owned(),
        anchor(6, 7, 7),
        anchor(4, 7, 7),
        anchor(5, 7, 6),
        anchor(5, 99, 7),
    ] {
        assert!(beside.execute_unprepared(&statement).await.is_err(), "{statement}");
    }
    // One that fits opens the way for its own rows and no others.
    beside.execute_unprepared(&anchor(5, 6, 6)).await.unwrap();
    assert!(beside.execute_unprepared("DELETE FROM audit_row WHERE seq <= 7").await.is_err());
    beside.execute_unprepared("DELETE FROM audit_row WHERE seq <= 6").await.unwrap();
    assert_ne!(home.session().verify(home.tenant).await.unwrap().1, Vec::new(), "nobody signed it");
}

async fn a_unit_that_is_dropped_removes_nothing(bench: Bench) {
    let home = bench.settled().await;
    hourly(&home, 5).await;
    let late = home.now.plus(Duration::from_hours(1_000));
    let session = home.session();
    assert!(session.purge(home.tenant, &rule(late, 3)).await.unwrap().is_some());
    drop(session);
    let chain = home.session().chain(home.tenant).await.unwrap();
    assert!(chain.anchors.is_empty());
    assert_eq!(home.session().verify(home.tenant).await.unwrap(), (6, Vec::new()));
}
