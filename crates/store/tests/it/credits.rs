//! The ledger on both engines: nothing is spent twice, no hold ends twice, and what the books say is what happened.

use std::time::Duration;

use pm33_billing::{
    Backing, BillingError, Ceilings, Disclosure, EntryKind, Frozen, Grantor, Hold, HoldId, HoldRequest,
    HoldState, Ledger, MicroCredits, Payer, Period, Room, Settlement, Subject, Tokens, UsageRecord,
    UsageSource, periods,
};
use pm33_store::Session;
use pm33_tenancy::{AuditEvent, Usage};
use sea_orm::{ConnectionTrait, DbBackend};

use crate::bench::{Bench, Home, on_both, settle, spawn};

on_both!(
    a_hold_is_durable_and_a_settle_joins_its_unit,
    many_holds_at_once_never_spend_what_is_not_there,
    concurrency_and_ceilings_hold_under_a_crowd,
    a_hold_ends_once_whoever_comes_first,
    what_nobody_settles_ends_by_time_and_is_paid_late,
    a_hold_lives_as_long_as_its_call_gives_signs,
    an_abandoned_hold_is_given_back,
    the_books_are_examined_and_a_forged_balance_is_found,
    rows_of_the_ledger_cannot_be_changed,
    grants_corrections_and_refunds_are_entries,
    what_was_sent_is_read_page_by_page_and_of_one_tenant,
);

pub(crate) const LIFE: Duration = Duration::from_mins(10);

pub(crate) fn micro(amount: i64) -> MicroCredits {
    MicroCredits::new(amount)
}

pub(crate) fn request(home: &Home, most: i64) -> HoldRequest {
    HoldRequest {
        id: HoldId::from_uuid(uuid::Uuid::new_v4()),
        tenant: home.tenant,
        key: "abcdefghijkl".parse().ok(),
        tool: "pm33_generate_prd".to_owned(),
        most: micro(most),
        at: home.now,
        life: LIFE,
        backing: Backing::Credits,
        ceilings: Ceilings::default(),
        room: Room { tenant: u32::MAX, key: u32::MAX, tool: u32::MAX },
    }
}

pub(crate) fn used(amount: i64) -> Settlement {
    let record = UsageRecord {
        call: 1,
        provider: "anthropic".to_owned(),
        model: "claude-opus-5-5".to_owned(),
        price: "anthropic/claude-opus-5-5@2026-11-23#0".to_owned(),
        tokens: Tokens { input: 10, output: 5, ..Tokens::default() },
        source: UsageSource::Final,
        amount: micro(amount),
        raw: "{}".to_owned(),
    };
    let at = pm33_tenancy::Timestamp::from_micros(1_767_225_700_000_000);
    Settlement { usage: vec![record], payer: Payer::Tenant, at }
}

pub(crate) fn disclosure(home: &Home, hold: HoldId) -> Disclosure {
    Disclosure {
        tenant: home.tenant,
        hold,
        call: 1,
        at: home.now,
        provider: "anthropic".to_owned(),
        model: "claude-opus-5-5".to_owned(),
        categories: vec!["work_item".to_owned()],
        bytes: 1_000,
        redactions: 0,
    }
}

/// The audit row of a call that used a hold.
pub(crate) fn call_event(home: &Home, hold: HoldId) -> AuditEvent {
    let (provider, model) = ("anthropic".into(), "claude-opus-5-5".into());
    let usage = Usage { tokens: 15, micro_credits: 1, hold: Some(hold.uuid()), provider, model };
    AuditEvent { usage: Some(usage), ..home.event() }
}

pub(crate) async fn granted(home: &Home, amount: i64) {
    let session = home.session();
    let by = Grantor { actor: Some(home.user), note: "invoice 7".to_owned() };
    session.grant(home.tenant, micro(amount), home.now, by).await.unwrap();
    session.commit(home.event()).await.unwrap();
}

/// Takes a hold, tells the provider and settles, as a call does.
pub(crate) async fn whole_call(home: &Home, most: i64, amount: i64) -> Result<HoldId, BillingError> {
    let session = home.session();
    let id = session.hold(&request(home, most)).await?.hold.id;
    session.disclose(&disclosure(home, id)).await?;
    session.settle(home.tenant, id, &used(amount)).await?;
    session.commit(call_event(home, id)).await.unwrap();
    Ok(id)
}

pub(crate) async fn sums(home: &Home) -> [i64; 6] {
    let standing = home.session().standing(home.tenant, &[]).await.unwrap();
    standing.accounts.sums.amounts().map(MicroCredits::micros)
}

pub(crate) async fn agree(home: &Home) {
    assert_eq!(home.session().reconcile_credits(home.tenant).await.unwrap(), []);
}

async fn a_hold_is_durable_and_a_settle_joins_its_unit(bench: Bench) {
    let home = bench.settled().await;
    granted(&home, 1_000).await;
    let session = home.session();
    let receipt = session.hold(&request(&home, 600)).await.unwrap();
    assert_eq!((receipt.available, receipt.hold.state), (micro(400), HoldState::Open));
    let id = receipt.hold.id;
    session.disclose(&disclosure(&home, id)).await.unwrap();
    // Dropped before its commit: the hold stays, the settling never happened.
    session.settle(home.tenant, id, &used(250)).await.unwrap();
    drop(session);
    let other = bench.open().await;
    let standing = other.session(home.tenant).standing(home.tenant, &[]).await.unwrap();
    assert_eq!(standing.open.iter().map(|hold| hold.id).collect::<Vec<_>>(), [id]);
    assert_eq!(sums(&home).await, [-1_000, 400, 600, 0, 0, 0]);
    agree(&home).await;

    let session = home.session();
    let settled = session.settle(home.tenant, id, &used(250)).await.unwrap();
    assert_eq!((settled.charged, settled.available, settled.tokens), (micro(250), micro(750), 15));
    // After a write a hold would wait for its own unit.
    let late = session.hold(&request(&home, 1)).await;
    assert!(matches!(late, Err(BillingError::HoldAfterWrite)), "{late:?}");
    session.commit(call_event(&home, id)).await.unwrap();
    assert_eq!(sums(&home).await, [-1_000, 750, 0, 250, 0, 0]);
    let places = periods("abcdefghijkl".parse().ok(), home.now);
    let committed = home.session().standing(home.tenant, &places).await.unwrap().committed;
    assert!(
        committed.iter().all(|(_, amount)| *amount == micro(250)) && committed.len() == 4,
        "{committed:?}"
    );
    let page = home.session().entries(home.tenant, 0, 10).await.unwrap();
    let kinds: Vec<_> = page.entries.iter().map(|entry| (entry.seq, entry.kind)).collect();
    assert_eq!(kinds, [(1, EntryKind::Grant), (2, EntryKind::Hold), (3, EntryKind::Settle)]);
    let page = home.session().latest_entries(home.tenant, Some(3), 1).await.unwrap();
    assert!(page.more && page.entries.first().is_some_and(|entry| entry.seq == 2));
    agree(&home).await;
    let foreign = settle(home.store.clone(), &bench.clock, "globex").await;
    assert!(foreign.session().hold(&request(&home, 1)).await.is_err());
    assert!(foreign.session().settle(home.tenant, id, &used(1)).await.is_err());
    let theirs = foreign.session().settle(foreign.tenant, id, &used(1)).await;
    assert!(matches!(theirs, Err(BillingError::NoSuchHold)), "{theirs:?}");
}

async fn many_holds_at_once_never_spend_what_is_not_there(bench: Bench) {
    let home = bench.settled().await;
    granted(&home, 10 * 77 + 76).await;
    let other = bench.open().await;
    let calls: Vec<_> = (0..256)
        .map(|number: u32| {
            let store = if number.is_multiple_of(2) { &home.store } else { &other };
            let (session, request) = (store.session(home.tenant), request(&home, 77));
            spawn(async move { session.hold(&request).await })
        })
        .collect();
    let (mut admitted, mut short) = (Vec::new(), 0);
    for call in calls {
        match call.await.unwrap() {
            Ok(receipt) => admitted.push(receipt.hold),
            Err(BillingError::Short { .. }) => short += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!((admitted.len(), short), (10, 246));
    assert_eq!(sums(&home).await, [-846, 76, 770, 0, 0, 0]);
    agree(&home).await;
    let settling: Vec<_> = admitted
        .into_iter()
        .map(|hold: Hold| {
            let (session, event) = (home.session(), call_event(&home, hold.id));
            let note = disclosure(&home, hold.id);
            spawn(async move {
                session.disclose(&note).await.unwrap();
                session.settle(hold.tenant, hold.id, &used(50)).await.unwrap();
                session.commit(event).await.unwrap();
            })
        })
        .collect();
    for call in settling {
        call.await.unwrap();
    }
    assert_eq!(sums(&home).await, [-846, 346, 0, 500, 0, 0]);
    agree(&home).await;
}

async fn concurrency_and_ceilings_hold_under_a_crowd(bench: Bench) {
    let home = bench.settled().await;
    granted(&home, 1_000_000).await;
    let crowd = async |request: HoldRequest| {
        let calls: Vec<_> = (0..32)
            .map(|_| {
                let id = HoldId::from_uuid(uuid::Uuid::new_v4());
                let (session, request) = (home.session(), HoldRequest { id, ..request.clone() });
                spawn(async move { session.hold(&request).await })
            })
            .collect();
        let mut holds = Vec::new();
        for call in calls {
            match call.await.unwrap() {
                Ok(receipt) => holds.push(receipt.hold),
                Err(BillingError::TooMany { .. } | BillingError::Ceiling { .. }) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        for hold in &holds {
            let nothing = Settlement { usage: Vec::new(), ..used(0) };
            let session = home.session();
            session.settle(hold.tenant, hold.id, &nothing).await.unwrap();
            session.commit(home.event()).await.unwrap();
        }
        holds.len()
    };
    let limited = HoldRequest { room: Room { tenant: 8, key: 5, tool: 2 }, ..request(&home, 10) };
    assert_eq!(crowd(limited.clone()).await, 2);
    assert_eq!(crowd(HoldRequest { room: Room { tenant: 8, key: 5, tool: 9 }, ..limited.clone() }).await, 5);
    assert_eq!(crowd(HoldRequest { room: Room { tenant: 3, key: 5, tool: 9 }, ..limited.clone() }).await, 3);
    let ceilings = Ceilings { key_month: Some(micro(45)), ..Ceilings::default() };
    assert_eq!(crowd(HoldRequest { ceilings, ..request(&home, 10) }).await, 4);
    let ceilings = Ceilings { tenant_day: Some(micro(30)), ..Ceilings::default() };
    assert_eq!(crowd(HoldRequest { ceilings, ..request(&home, 10) }).await, 3);
    // What was released counts no more.
    let day = (Subject::Tenant, Period::Day(jiff::civil::date(2026, 1, 1)));
    let standing = home.session().standing(home.tenant, &[day]).await.unwrap();
    assert_eq!(standing.committed, [(day, micro(0))]);
    agree(&home).await;
}

async fn a_hold_ends_once_whoever_comes_first(bench: Bench) {
    let home = bench.settled().await;
    granted(&home, 10_000).await;
    let after = home.now.plus(LIFE);
    for _ in 0..8 {
        let hold = home.session().hold(&request(&home, 100)).await.unwrap().hold;
        home.session().disclose(&disclosure(&home, hold.id)).await.unwrap();
        let settle = |session: Session| {
            let event = call_event(&home, hold.id);
            async move {
                match session.settle(hold.tenant, hold.id, &used(40)).await {
                    Ok(_) => session.commit(event).await.is_ok(),
                    Err(BillingError::Resolved { .. }) => false,
                    Err(error) => panic!("{error:?}"),
                }
            }
        };
        let [first, second] = [(); 2].map(|()| spawn(settle(home.session())));
        let (session, event) = (home.session(), home.event());
        let expiring = spawn(async move {
            session.expire_holds(hold.tenant, after, 10).await.unwrap();
            session.commit(event).await.unwrap();
        });
        let settled = usize::from(first.await.unwrap()) + usize::from(second.await.unwrap());
        expiring.await.unwrap();
        assert_eq!(settled, 1);
    }
    // Settled in time or late, each was paid once.
    assert_eq!(sums(&home).await, [-10_000, 9_680, 0, 320, 0, 0]);
    agree(&home).await;
}

async fn what_nobody_settles_ends_by_time_and_is_paid_late(bench: Bench) {
    let home = bench.settled().await;
    granted(&home, 100).await;
    let unsent = home.session().hold(&request(&home, 30)).await.unwrap().hold;
    let sent = home.session().hold(&request(&home, 70)).await.unwrap().hold;
    home.session().disclose(&disclosure(&home, sent.id)).await.unwrap();
    let sweep = async |now| {
        let session = home.session();
        let ended = session.expire_holds(home.tenant, now, 10).await.unwrap();
        session.commit(home.event()).await.unwrap();
        ended
    };
    assert!(sweep(home.now.plus(LIFE).minus(Duration::from_micros(1))).await.is_empty());
    let mut ended = sweep(home.now.plus(LIFE)).await;
    ended.sort_by_key(|hold| hold.amount);
    let states: Vec<_> = ended.iter().map(|hold| (hold.id, hold.state)).collect();
    assert_eq!(states, [(unsent.id, HoldState::Expired), (sent.id, HoldState::Indeterminate)]);
    assert_eq!(sums(&home).await, [-100, 100, 0, 0, 0, 0]);
    agree(&home).await;
    assert!(sweep(home.now.plus(LIFE)).await.is_empty());
    let session = home.session();
    session.settle(home.tenant, sent.id, &used(130)).await.unwrap();
    session.commit(call_event(&home, sent.id)).await.unwrap();
    assert_eq!(sums(&home).await, [-100, 0, 0, 130, -30, 0]);
    let again = home.session().settle(home.tenant, sent.id, &used(130)).await;
    assert!(matches!(again, Err(BillingError::Resolved { .. })), "{again:?}");
    agree(&home).await;
}

async fn a_hold_lives_as_long_as_its_call_gives_signs(bench: Bench) {
    let home = bench.settled().await;
    granted(&home, 1_000).await;
    let hold = home.session().hold(&request(&home, 30)).await.unwrap().hold;
    let later = home.now.plus(LIFE).plus(LIFE);
    home.session().renew(home.tenant, hold.id, later).await.unwrap();
    // A sign that comes late takes nothing away.
    home.session().renew(home.tenant, hold.id, home.now.plus(LIFE)).await.unwrap();
    let ended = async |now| home.session().expire_holds(home.tenant, now, 10).await.unwrap().len();
    let moment = Duration::from_micros(1);
    assert_eq!((ended(later.minus(moment)).await, ended(later).await), (0, 1));
    // Its place is taken until then and not longer, also where nobody has swept yet.
    let room = Room { tenant: 1, key: 1, tool: 1 };
    let at = |at| HoldRequest { at, room, ..request(&home, 30) };
    let full = home.session().hold(&at(later.minus(moment))).await;
    assert!(matches!(full, Err(BillingError::TooMany { .. })), "{full:?}");
    let _next = home.session().hold(&at(later)).await.unwrap();
    // What is resolved stays so.
    let session = home.session();
    session.disclose(&disclosure(&home, hold.id)).await.unwrap();
    session.settle(home.tenant, hold.id, &used(10)).await.unwrap();
    session.commit(call_event(&home, hold.id)).await.unwrap();
    home.session().renew(home.tenant, hold.id, later.plus(LIFE)).await.unwrap();
    assert_eq!(home.session().standing(home.tenant, &[]).await.unwrap().open.len(), 1);
    assert_eq!(sums(&home).await, [-1_000, 960, 30, 10, 0, 0]);
    agree(&home).await;
}

async fn an_abandoned_hold_is_given_back(bench: Bench) {
    let home = bench.settled().await;
    granted(&home, 1_000_000).await;
    let calls: Vec<_> = (0..40)
        .map(|number: u32| {
            let (session, request) = (home.session(), request(&home, 100));
            let call = spawn(async move { session.hold(&request).await });
            if number.is_multiple_of(2) {
                // At whatever point it is.
                call.abort();
            }
            call
        })
        .collect();
    let mut kept = 0;
    for call in calls {
        kept += i64::from(call.await.is_ok());
    }
    // Closing waits for those that were given back.
    home.store.close().await;
    let again = bench.open().await;
    let standing = again.session(home.tenant).standing(home.tenant, &[]).await.unwrap();
    assert_eq!(standing.accounts.sums.held, micro(kept * 100));
    assert_eq!(again.session(home.tenant).reconcile_credits(home.tenant).await.unwrap(), []);
}

async fn the_books_are_examined_and_a_forged_balance_is_found(bench: Bench) {
    let home = bench.settled().await;
    granted(&home, 1_000).await;
    whole_call(&home, 100, 40).await.unwrap();
    agree(&home).await;
    let db = bench.beside().await;
    let forge = async |statement: &str| db.execute_unprepared(statement).await.unwrap();
    // The checks refuse what cannot be at all.
    assert!(db.execute_unprepared("UPDATE credit_balance SET available = -1, funding = -959").await.is_err());
    assert!(db.execute_unprepared("UPDATE credit_balance SET available = available + 1").await.is_err());
    forge("UPDATE credit_balance SET available = available + 5, funding = funding - 5").await;
    let rules = async || -> Vec<&str> {
        let found = home.session().reconcile_credits(home.tenant).await.unwrap();
        found.into_iter().map(|mismatch| mismatch.rule).collect()
    };
    assert_eq!(rules().await, ["the balance is the sum of the ledger"]);
    forge("UPDATE credit_balance SET available = available - 5, funding = funding + 5").await;
    agree(&home).await;
    // A settlement without its audit row.
    let session = home.session();
    let id = session.hold(&request(&home, 10)).await.unwrap().hold.id;
    session.settle(home.tenant, id, &used(1)).await.unwrap();
    session.commit(home.event()).await.unwrap();
    let found = rules().await;
    let expected = ["every settled hold has an audit row", "every usage has a note of what was sent"];
    assert_eq!(found, expected);

    let session = home.session();
    session.freeze(home.tenant, Frozen::Stopped).await.unwrap();
    session.commit(home.event()).await.unwrap();
    let refused = home.session().hold(&request(&home, 1)).await;
    assert!(matches!(refused, Err(BillingError::Frozen)), "{refused:?}");
    let session = home.session();
    session.freeze(home.tenant, Frozen::Free).await.unwrap();
    session.commit(home.event()).await.unwrap();
    assert!(home.session().hold(&request(&home, 1)).await.is_ok());
}

async fn rows_of_the_ledger_cannot_be_changed(bench: Bench) {
    let home = bench.settled().await;
    granted(&home, 1_000).await;
    whole_call(&home, 100, 40).await.unwrap();
    // As somebody who stands above every right.
    let db = bench.beside().await;
    for table in ["credit_entry", "credit_usage", "provider_call"] {
        for statement in [format!("UPDATE {table} SET tenant_id = tenant_id"), format!("DELETE FROM {table}")]
        {
            let refused = db.execute_unprepared(&statement).await.unwrap_err().to_string();
            assert!(refused.contains("added and never changed"), "{statement}: {refused}");
        }
    }
    // Two ends of one hold.
    let copy = "INSERT INTO credit_entry SELECT tenant_id, seq + 100, at, kind, hold_id, resolves, funding, available, \
                held, spent, overdraft, loss, actor, note FROM credit_entry WHERE kind = 'settle'";
    assert!(db.execute_unprepared(copy).await.is_err());
    let lopsided = copy.replace(" resolves, funding,", " NULL, funding + 1,");
    assert!(db.execute_unprepared(&lopsided).await.is_err());
    let other = copy.replace(" resolves,", " NULL,");
    assert_eq!(
        db.execute_unprepared(&other).await.unwrap().rows_affected(),
        1,
        "the copy is sound otherwise"
    );
    assert!(matches!(db.get_database_backend(), DbBackend::Sqlite | DbBackend::Postgres));
}

async fn grants_corrections_and_refunds_are_entries(bench: Bench) {
    let home = bench.settled().await;
    granted(&home, 1_000).await;
    let id = whole_call(&home, 100, 40).await.unwrap();
    let by = || Grantor { actor: Some(home.user), note: "as agreed".to_owned() };
    let session = home.session();
    assert!(session.refund(home.tenant, id, micro(41), home.now, by()).await.is_err());
    session.refund(home.tenant, id, micro(30), home.now, by()).await.unwrap();
    assert!(session.refund(home.tenant, id, micro(11), home.now, by()).await.is_err());
    session.adjust(home.tenant, micro(-90), home.now, by()).await.unwrap();
    session.commit(home.event()).await.unwrap();
    assert_eq!(sums(&home).await, [-910, 900, 0, 10, 0, 0]);
    let page = home.session().latest_entries(home.tenant, None, 2).await.unwrap();
    let told: Vec<_> = page.entries.iter().map(|entry| (entry.kind, entry.note.as_str())).collect();
    assert_eq!(told, [(EntryKind::Adjustment, "as agreed"), (EntryKind::Refund, "as agreed")]);
    agree(&home).await;
}

async fn what_was_sent_is_read_page_by_page_and_of_one_tenant(bench: Bench) {
    let home = bench.settled().await;
    granted(&home, 10_000).await;
    let mut sent = Vec::new();
    for calls in 1..=3 {
        let session = home.session();
        let hold = session.hold(&request(&home, 100)).await.unwrap().hold.id;
        for call in 1..=calls {
            let one = Disclosure { call, redactions: calls, ..disclosure(&home, hold) };
            session.disclose(&one).await.unwrap();
            sent.push(one);
        }
    }
    sent.sort_by_key(|one| (one.hold.uuid(), one.call));
    let (mut read, mut after) = (Vec::new(), None);
    loop {
        let page = home.session().disclosures(home.tenant, after, 2).await.unwrap();
        after = page.disclosures.last().map(|one| (one.hold, one.call));
        read.extend(page.disclosures);
        if !page.more {
            break;
        }
    }
    assert_eq!(read, sent);
    let stranger = settle(home.store.clone(), &bench.clock, "globex").await;
    assert!(stranger.session().disclosures(stranger.tenant, None, 10).await.unwrap().disclosures.is_empty());
}
